import { readFile } from 'node:fs/promises'
import type { KubeObject } from '../../../src/api/object.ts'
import { clusterRoles, roles } from './kinds.ts'
import { serinNamespace } from './serin-release.ts'
import type { Stage } from './stage.ts'

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly verbs?: readonly string[]
}

const rightsOf = ({ apiGroups = [], resources = [], verbs = [] }: Rule): readonly string[] =>
  apiGroups.flatMap(group => resources.flatMap(resource => verbs.map(verb => `${verb} ${resource}${group ? `.${group}` : ''}`)))

const rulesOf = (role: KubeObject | undefined): readonly Rule[] => (role?.['rules'] ?? []) as readonly Rule[]

/** What the chart grants, as `verb resource.group`. */
export const grantedRights = async ({ api, io }: Stage): Promise<readonly string[]> => {
  const found = await Promise.all([
    api.get(clusterRoles, { namespace: '', name: 'serin' }, io),
    api.get(roles, { namespace: serinNamespace, name: 'serin-leader-election' }, io),
  ])
  return [...new Set(found.flatMap(rulesOf).flatMap(rightsOf))].toSorted()
}

interface AuditEvent {
  readonly user: { readonly username?: string }
  readonly verb: string
  readonly requestURI: string
  readonly objectRef?: { readonly apiGroup?: string; readonly resource: string; readonly subresource?: string }
  readonly responseStatus?: { readonly code?: number }
  readonly annotations?: Readonly<Record<string, string>>
}

/** Everything that Serin's account asked the API server for, as the audit log has it. */
export const serinRequests = async ({ cluster: { auditLog = '' } }: Stage): Promise<readonly AuditEvent[]> =>
  (await readFile(auditLog, 'utf8'))
    .split('\n')
    .slice(0, -1) // the last one may be half written
    .map(line => JSON.parse(line) as AuditEvent)
    .filter(({ user }) => user.username === `system:serviceaccount:${serinNamespace}:serin`)

const isRefused = ({ annotations = {}, responseStatus }: AuditEvent): boolean =>
  annotations['authorization.k8s.io/decision'] === 'forbid' || responseStatus?.code === 403

/** What it was not allowed to do, and tried. */
export const refusals = (requests: readonly AuditEvent[]): readonly string[] =>
  requests.filter(isRefused).map(({ verb, requestURI }) => `${verb} ${requestURI}`)

/** An apply of something that did not exist is one request that needs two rights. */
const verbsOf = ({ verb, responseStatus }: AuditEvent): readonly string[] =>
  verb === 'patch' && responseStatus?.code === 201 ? ['patch', 'create'] : [verb]

/** What it did, in the words of `grantedRights`. */
export const usedRights = (requests: readonly AuditEvent[]): ReadonlySet<string> =>
  new Set(
    requests.flatMap(request => {
      const { apiGroup, resource = '', subresource } = request.objectRef ?? {}
      const what = `${resource}${subresource ? `/${subresource}` : ''}${apiGroup ? `.${apiGroup}` : ''}`
      return verbsOf(request).map(verb => `${verb} ${what}`)
    }),
  )
