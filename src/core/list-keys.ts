/*
 * Which lists of Kubernetes are merged item by item, and by what key. Every other list is one value.
 * Source: `x-kubernetes-list-map-keys` in the OpenAPI document of the API server.
 */

type Fields = Readonly<Record<string, unknown>>

const keysByField: Readonly<Record<string, readonly string[]>> = {
  claims: ['name'],
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  ephemeralContainers: ['name'],
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  resourceClaims: ['name'],
  schedulingGates: ['name'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
}

const containerPort = ['containerPort', 'protocol']
const servicePort = ['port', 'protocol']

/** Parts of a key that the API server fills in where an item leaves them out. */
const presumed: Fields = { protocol: 'TCP' }

/** Lists without keys whose items stand for themselves. */
const setFields: ReadonlySet<string> = new Set(['finalizers'])

export const isSet = (field: string): boolean => setFields.has(field)

/** The value of one part of an item's key. */
export const keyPart = (item: unknown, key: string): unknown => (isFields(item) ? (item[key] ?? presumed[key]) : undefined)

/** The keys of the list in this field; undefined where it is one value, or where an item has no complete key. */
export const keysOf = (field: string, items: readonly unknown[]): readonly string[] | undefined => {
  const keys = field === 'ports' ? portKeys(items) : keysByField[field]
  return keys && items.every(item => keys.every(key => keyPart(item, key) !== undefined)) ? keys : undefined
}

const portKeys = (items: readonly unknown[]): readonly string[] =>
  items.every(item => isFields(item) && 'containerPort' in item) ? containerPort : servicePort

/** The key of one item as a text. */
export const keyText = (item: unknown, keys: readonly string[]): string => JSON.stringify(keys.map(key => keyPart(item, key)))

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
