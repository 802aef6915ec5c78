import { Document, isScalar, visit } from 'yaml'
import { cell, type Generator, origin, table } from './generator.ts'
import { type Grant, permissions } from './permissions.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

const groupOf = ({ kind }: Grant): string => (kind.apiVersion.includes('/') ? (kind.apiVersion.split('/')[0] ?? '') : '')

export const resourceOf = ({ kind, subresource }: Grant): string => (subresource ? `${kind.plural}/${subresource}` : kind.plural)

/** One rule for all grants of one group with the same verbs, on the same object where it is one object. */
const rulesOf = (grants: readonly Grant[]): readonly Rule[] => {
  const alike = Map.groupBy(grants, grant => [groupOf(grant), grant.name, ...grant.verbs].join(' '))
  return [...alike.values()].flatMap(same => same.slice(0, 1).map(first => ruleOf(first, same.map(resourceOf))))
}

const ruleOf = (grant: Grant, resources: readonly string[]): Rule => ({
  apiGroups: [groupOf(grant)],
  resources,
  ...(grant.name === undefined ? {} : { resourceNames: [grant.name] }),
  verbs: grant.verbs,
})

const about = `${origin}
Rules of least privilege, by what has to be switched on for them. The chart puts them into a ClusterRole, or into Roles of one namespace.`

const rulesFile = (): string => {
  const { routing, ...others } = permissions
  const rules = {
    ...Object.fromEntries(Object.entries(others).map(([name, grants]) => [name, rulesOf(grants)])),
    routing: Object.fromEntries(Object.entries(routing).map(([name, grants]) => [name, rulesOf(grants)])),
  }
  const document = new Document(rules, { aliasDuplicateObjects: false })
  document.commentBefore = about.replaceAll(/^/gm, ' ')
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar)
    },
  })
  return document.toString({ flowCollectionPadding: false })
}

const intro = `What \`serin controller\` may do in a cluster, and why. The chart grants exactly this: in a ClusterRole, or where the value \`namespace\` is set in a
Role of that namespace. A test runs whole rollouts and fails when they need more than this, or when something here is never used.

Kinds that are only watched need no \`get\`. ConfigMaps and Secrets are listed and watched as metadata, without their contents.

On clusters with the admission plug-in \`OwnerReferencesPermissionEnforcement\` (OpenShift has it), giving an object that exists to another owner
needs \`delete\` on it. That happens when a Canary is deleted and made anew before what it owned is gone, or when two Canaries share a ConfigMap or
Secret; add the rule by \`rbac.extraRules\` if you do so.`

const rowsOf = (when: string, grants: readonly Grant[]): readonly (readonly string[])[] =>
  grants.map(grant => [
    `\`${resourceOf(grant)}\`${grant.name ? ` \`${grant.name}\`` : ''}`,
    `\`${groupOf(grant) || 'core'}\``,
    grant.verbs.join(', '),
    when,
    cell(grant.why),
  ])

const page = (): string => {
  const { always, configTracking, routing, yieldToFlagger, leaderElection } = permissions
  const rows = [
    ...rowsOf('always', always),
    ...rowsOf('`configTracking.enabled`', configTracking),
    ...Object.entries(routing).flatMap(([name, grants]) => rowsOf(`\`rbac.providers\` empty, or with \`${name}\``, grants)),
    ...rowsOf('`yieldToFlagger`', yieldToFlagger),
    ...rowsOf('`leaderElection.enabled`, in the namespace of the Lease only', leaderElection),
  ]
  return `# Permissions\n\n<!-- ${origin} -->\n\n${intro}\n\n${table(['Resource', 'Group', 'Verbs', 'When', 'Why'], rows)}\n`
}

/** The rules the chart grants, and the page that explains them. */
export const rbac: readonly Generator[] = [
  { path: 'charts/serin/files/rbac.yaml', content: rulesFile },
  { path: 'docs/reference/permissions.md', content: page },
]
