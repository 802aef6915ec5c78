import type { User } from './identity.ts'
import { type JsonObject, listAt, objectAt, textAt } from './json-value.ts'
import { storageKey } from './kernel.ts'
import { type Attributes, allows } from './rbac.ts'
import { forbidden, type Named } from './status.ts'
import type { Storage } from './storage.ts'

const shelf = (plural: string): string => `${plural}.rbac.authorization.k8s.io`

const texts = (rule: unknown, field: string): readonly string[] => listAt(rule, field).map(String)

/** Each single thing that a rule allows. */
const wishesOf = (rule: unknown, namespace: string): readonly Attributes[] => {
  const none: Attributes = { verb: '', group: '', plural: '', subresource: '', namespace, name: '' }
  const names = texts(rule, 'resourceNames')
  return texts(rule, 'verbs').flatMap(verb => [
    ...texts(rule, 'nonResourceURLs').map(path => ({ ...none, verb, path })),
    ...texts(rule, 'apiGroups').flatMap(group =>
      texts(rule, 'resources').flatMap(resource => {
        const [plural = '', subresource = ''] = resource.split('/')
        return (names.length === 0 ? [''] : names).map(name => ({ ...none, verb, group, plural, subresource, name }))
      }),
    ),
  ])
}

const quoted = (list: readonly string[]): string => `[${list.map(one => JSON.stringify(one)).join(' ')}]`

const fieldsShown = [
  ['APIGroups', 'apiGroups'],
  ['Resources', 'resources'],
  ['NonResourceURLs', 'nonResourceURLs'],
  ['ResourceNames', 'resourceNames'],
  ['Verbs', 'verbs'],
] as const

const ruleText = (rule: unknown): string => {
  const shown = fieldsShown
    .map(([name, field]) => [name, texts(rule, field)] as const)
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${name}:[${list.map(one => JSON.stringify(one)).join(' ')}]`)
  return `{${shown.join(', ')}}`
}

/** What somebody who writes a role, or binds one, gives to others. */
const grantedBy = (storage: Storage, object: JsonObject, namespace: string): readonly unknown[] => {
  const role = objectAt(object, 'roleRef')
  if (Object.keys(role).length === 0) return listAt(object, 'rules')
  const isRole = textAt(role, 'kind') === 'Role'
  return listAt(storage.get(shelf(isRole ? 'roles' : 'clusterroles'), storageKey(isRole ? namespace : '', textAt(role, 'name'))), 'rules')
}

/** The role that is written, or bound, and the verb that lets somebody do so freely. */
const freedomTo = (object: JsonObject, { plural, name = '' }: Named): { verb: string; plural: string; name: string } => {
  const role = objectAt(object, 'roleRef')
  if (!plural.endsWith('bindings')) return { verb: 'escalate', plural, name }
  return { verb: 'bind', plural: textAt(role, 'kind') === 'Role' ? 'roles' : 'clusterroles', name: textAt(role, 'name') }
}

interface Grant {
  readonly named: Named
  readonly user: User
  readonly object: JsonObject
}

/**
 * Nobody hands out more than they hold, unless they may escalate roles or bind them.
 * @throws {StatusError} 403 that lists what they do not hold
 */
export const checkGrant = (storage: Storage, { named, user, object }: Grant): void => {
  const namespace = textAt(object['metadata'], 'namespace')
  if (allows(storage, user, { ...freedomTo(object, named), group: named.group, subresource: '', namespace })) return
  const missing = grantedBy(storage, object, namespace).filter(
    rule => !wishesOf(rule, namespace).every(wish => allows(storage, user, wish)),
  )
  if (missing.length === 0) return
  const who = `user ${JSON.stringify(user.name)} (groups=${quoted(user.groups)})`
  const words = missing.map(ruleText).sort().join('\n')
  throw forbidden(named, `${who} is attempting to grant RBAC permissions not currently held:\n${words}`)
}
