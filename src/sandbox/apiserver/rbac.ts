import type { KubeObject } from '../../api/object.ts'
import { everybody, mastersGroup, type User } from './identity.ts'
import { listAt, objectAt, textAt } from './json-value.ts'
import { storageKey } from './kernel.ts'
import type { Storage } from './storage.ts'

/** One thing somebody wants to do. Either a resource or a path. */
export interface Attributes {
  readonly verb: string
  readonly group: string
  readonly plural: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** Set when it is no resource. */
  readonly path?: string
}

const shelf = (plural: string): string => `${plural}.rbac.authorization.k8s.io`

const includes = (list: readonly unknown[], value: string): boolean => list.includes('*') || list.includes(value)

const resourceMatches = (wanted: readonly unknown[], { plural, subresource }: Attributes): boolean => {
  if (subresource === '') return includes(wanted, plural)
  return includes(wanted, `${plural}/${subresource}`) || wanted.includes(`*/${subresource}`)
}

const pathMatches = (wanted: readonly unknown[], path: string): boolean =>
  wanted.some(one => one === path || (typeof one === 'string' && one.endsWith('*') && path.startsWith(one.slice(0, -1))))

const ruleAllows = (rule: unknown, wish: Attributes): boolean => {
  if (!includes(listAt(rule, 'verbs'), wish.verb)) return false
  if (wish.path !== undefined) return pathMatches(listAt(rule, 'nonResourceURLs'), wish.path)
  const names = listAt(rule, 'resourceNames')
  return (
    includes(listAt(rule, 'apiGroups'), wish.group) &&
    resourceMatches(listAt(rule, 'resources'), wish) &&
    (names.length === 0 || names.includes(wish.name))
  )
}

const isSubject = (subject: unknown, user: User, bindingNamespace: string): boolean => {
  const name = textAt(subject, 'name')
  switch (textAt(subject, 'kind')) {
    case 'User':
      return name === '*' || name === user.name
    case 'Group':
      return user.groups.includes(name)
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${textAt(subject, 'namespace') || bindingNamespace}:${name}`
    default:
      return false
  }
}

const rulesOf = (storage: Storage, binding: unknown, namespace: string): readonly unknown[] => {
  const ref = objectAt(binding, 'roleRef')
  const isRole = textAt(ref, 'kind') === 'Role'
  const role = storage.get(shelf(isRole ? 'roles' : 'clusterroles'), storageKey(isRole ? namespace : '', textAt(ref, 'name')))
  return listAt(role, 'rules')
}

/** A rule, and through which binding it reaches a user; '' for what needs none. */
interface Grant {
  readonly rule: unknown
  readonly source: string
}

const sourceOf = ({ kind, metadata, ...binding }: KubeObject, subject: unknown): string => {
  const { name, namespace } = metadata
  const ref = objectAt(binding, 'roleRef')
  const home = namespace === undefined ? name : `${name}/${namespace}`
  const whom = `${textAt(subject, 'kind')} ${JSON.stringify(textAt(subject, 'name'))}`
  return `${kind} ${JSON.stringify(home)} of ${textAt(ref, 'kind')} ${JSON.stringify(textAt(ref, 'name'))} to ${whom}`
}

const grantsFrom = (storage: Storage, user: User, { plural, namespace }: { plural: string; namespace: string }): readonly Grant[] =>
  storage
    .list(shelf(plural))
    .filter(({ metadata }) => (metadata.namespace ?? '') === namespace)
    .flatMap(binding => {
      const subject = listAt(binding, 'subjects').find(one => isSubject(one, user, namespace))
      return subject ? rulesOf(storage, binding, namespace).map(rule => ({ rule, source: sourceOf(binding, subject) })) : []
    })

/** What the whole world may read. */
const forStrangers: readonly unknown[] = [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }]

/** What everybody who is known may read or ask, as the real server's bootstrap roles say. */
const forEverybody: readonly unknown[] = [
  {
    verbs: ['get'],
    nonResourceURLs: [
      '/api',
      '/api/*',
      '/apis',
      '/apis/*',
      '/openapi',
      '/openapi/*',
      '/version',
      '/version/',
      '/healthz',
      '/livez',
      '/readyz',
    ],
  },
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
]

const everything: readonly unknown[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

const inborn = ({ groups }: User): readonly unknown[] => [
  ...(groups.includes(mastersGroup) ? everything : []),
  ...(groups.includes(everybody) ? forEverybody : []),
  ...forStrangers,
]

const grantsFor = (storage: Storage, user: User, namespace: string): readonly Grant[] => [
  ...inborn(user).map(rule => ({ rule, source: '' })),
  ...grantsFrom(storage, user, { plural: 'clusterrolebindings', namespace: '' }),
  ...(namespace === '' ? [] : grantsFrom(storage, user, { plural: 'rolebindings', namespace })),
]

/** The rules that hold for a user in one namespace ('' for cluster-wide ones only). */
export const rulesFor = (storage: Storage, user: User, namespace: string): readonly unknown[] =>
  grantsFor(storage, user, namespace).map(({ rule }) => rule)

/** Whether the roles bound to a user allow it. */
export const allows = (storage: Storage, user: User, wish: Attributes): boolean =>
  user.groups.includes(mastersGroup) || rulesFor(storage, user, wish.namespace).some(rule => ruleAllows(rule, wish))

/** Through which binding something is allowed; undefined when no binding is needed, or none allows it. */
export const bindingThatAllows = (storage: Storage, user: User, wish: Attributes): string | undefined =>
  grantsFor(storage, user, wish.namespace).find(({ rule }) => ruleAllows(rule, wish))?.source || undefined

/** The words of a refusal. */
export const refusalOf = (user: User, wish: Attributes): string => {
  const who = `User ${JSON.stringify(user.name)} cannot ${wish.verb}`
  if (wish.path !== undefined) return `${who} path ${JSON.stringify(wish.path)}`
  const what = wish.subresource === '' ? wish.plural : `${wish.plural}/${wish.subresource}`
  const where = wish.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(wish.namespace)}`
  return `${who} resource ${JSON.stringify(what)} in API group ${JSON.stringify(wish.group)} ${where}`
}
