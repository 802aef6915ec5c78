import { fieldManager } from '../api/marks.ts'
import type { KubeObject, Manifest } from '../api/object.ts'
import { mayBeDefault } from './leftovers.ts'
import { isFields, isSet, keysOf, keyText } from './list-keys.ts'
import { appliedExactly } from './owned-fields.ts'
import { sameQuantity } from './quantity.ts'

type Fields = Readonly<Record<string, unknown>>

/** Where in an object a value stands, as far as its meaning depends on it. */
interface Place {
  readonly field: string
  readonly parent: string
  /** Below a list that is one value: nobody else can own anything in it, so its lists hold what we wrote and no more. */
  readonly whole: boolean
  readonly apiVersion: string
}

const inside = (place: Place, field: string): Place => ({ ...place, field, parent: place.field })
const itemOf = (place: Place, whole: boolean): Place => ({ ...place, whole: place.whole || whole })

/** Fields whose empty object is stored as an absent one, or the other way round. */
const emptyMeansAbsent: ReadonlySet<string> = new Set([
  'metadata',
  'labels',
  'annotations',
  'data',
  'resources',
  'limits',
  'requests',
  'securityContext',
  'nodeSelector',
  'affinity',
  'matchLabels',
])

/** Maps that are one value: a key that somebody added changes what they mean. */
const wholeMaps: ReadonlySet<string> = new Set(['selector', 'labelSelector', 'namespaceSelector', 'nodeSelector'])

const quantityMaps: ReadonlySet<string> = new Set(['limits', 'requests', 'overhead'])
const quantityFields: ReadonlySet<string> = new Set(['sizeLimit', 'divisor', 'averageValue'])

const isQuantity = ({ field, parent }: Place): boolean =>
  quantityMaps.has(parent) || quantityFields.has(field) || (field === 'value' && parent === 'target')

const isScalar = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'

const sameScalar = (wanted: unknown, live: unknown, place: Place): boolean =>
  wanted === live || (isQuantity(place) && isScalar(wanted) && isScalar(live) && sameQuantity(wanted, live))

const says = (live: unknown, wanted: unknown, place: Place): boolean => {
  if (wanted === undefined || wanted === null) return true
  if (Array.isArray(wanted)) return saysList(live ?? [], wanted, place)
  return isFields(wanted) ? saysMap(live, wanted, place) : sameScalar(wanted, live, place)
}

const saysMap = (live: unknown, wanted: Fields, place: Place): boolean => {
  const fields = live === undefined && emptyMeansAbsent.has(place.field) ? {} : live
  if (!isFields(fields)) return false
  const isWhole = wholeMaps.has(place.field)
  return (
    saysFields(fields, wanted, place) && (!isWhole || saysFields(wanted, fields, place)) && (!place.whole || isTidy(fields, wanted, place))
  )
}

/** Nothing is left over from what was wanted before. */
const isTidy = (live: Fields, wanted: Fields, { apiVersion }: Place): boolean =>
  Object.entries(live).every(([field, value]) => (wanted[field] ?? undefined) !== undefined || mayBeDefault(apiVersion, field, value))

const saysFields = (live: Fields, wanted: Fields, place: Place): boolean =>
  Object.entries(wanted).every(([field, value]) => says(live[field], value, inside(place, field)))

const saysList = (live: unknown, wanted: readonly unknown[], place: Place): boolean => {
  if (!Array.isArray(live)) return false
  if (isSet(place.field)) return wanted.every(value => live.includes(value))
  const keys = place.whole ? undefined : keysOf(place.field, [...wanted, ...live])
  return keys ? saysKeyed(live, wanted, { place, keys }) : saysWhole(live, wanted, place)
}

const saysWhole = (live: readonly unknown[], wanted: readonly unknown[], place: Place): boolean =>
  live.length === wanted.length && wanted.every((item, index) => says(live[index], item, itemOf(place, true)))

/** Items of others may stand between ours; ours keep the order we wrote, which matters for containers and for variables that use each other. */
const saysKeyed = (
  live: readonly unknown[],
  wanted: readonly unknown[],
  { place, keys }: { readonly place: Place; readonly keys: readonly string[] },
): boolean => {
  const names = live.map(item => keyText(item, keys))
  const found = wanted.map(item => names.indexOf(keyText(item, keys)))
  const inOrder = found.every((index, position) => index >= 0 && index > (found[position - 1] ?? -1))
  return inOrder && wanted.every((item, position) => says(live[found[position] ?? -1], item, itemOf(place, false)))
}

const rootOf = ({ apiVersion }: Manifest): Place => ({ field: '', parent: '', whole: false, apiVersion })

/** `metadata.resourceVersion` of a manifest is a precondition, not a wish. */
const withoutPrecondition = ({ metadata: { resourceVersion: _, ...metadata }, ...rest }: Manifest): Manifest =>
  ({ ...rest, metadata }) as Manifest

/**
 * Whether applying `manifest` as `manager` would change nothing: the live object says every field of it (others may say more), and the
 * manager owns exactly these fields. Known without a request, so that a pass writes only what must be written.
 * Numbers and texts differ (port 80 is not port "80"); quantities are compared as amounts; lists as the API server merges them.
 */
export const satisfies = (live: KubeObject | undefined, manifest: Manifest, manager: string = fieldManager): boolean =>
  live !== undefined && says(live, withoutPrecondition(manifest), rootOf(manifest)) && appliedExactly(live, manifest, manager)
