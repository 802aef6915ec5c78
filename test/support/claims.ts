import { providerOf } from '../../src/api/canary.ts'
import { canaryKind } from '../../src/api/kinds.ts'
import { type KubeObject, keyOf, keyText } from '../../src/api/object.ts'
import { type CanaryReading, readCanary, readNewStatus } from '../../src/api/read-canary.ts'
import { oncePerObject } from '../../src/controller/memo.ts'
import { routers } from '../../src/routing/registry.ts'
import type { AcceptedWrite } from './fake-kube-api.ts'

/* Which Canaries a write may have to do with, and who of several has a target. */

const lastReadings = new WeakMap<object, { readonly object: KubeObject; readonly reading: CanaryReading }>()

/** Stored objects never change in place, and a later version is made of the parts of the one before: its spec is read once. */
export const read = oncePerObject((object: KubeObject): CanaryReading => {
  const { spec } = object as { readonly spec?: object }
  const known = spec && lastReadings.get(spec)
  const isLater = known !== undefined && keyText(keyOf(known.object)) === keyText(keyOf(object))
  const reading = isLater ? readNewStatus(object, known.reading) : readCanary(object)
  if (spec && !isLater) lastReadings.set(spec, { object, reading })
  return reading
})

/** Canaries of its namespace; none can have to do with anything of another one. Where nothing routes, nothing is known about traffic. */
export const isConcerned = (object: KubeObject, { key }: AcceptedWrite): boolean =>
  object.metadata.namespace === key.namespace && routers.has(providerOf(read(object).canary, 'gatewayapi:v1'))

const targetText = (object: KubeObject): string => JSON.stringify([object.metadata.namespace, read(object).canary.spec.targetRef.name])
const age = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp} ${metadata.uid}`

/** Of the Canaries of one target the oldest, which acts; and all others. */
export const oneOfEach = (canaries: readonly KubeObject[]): readonly [readonly KubeObject[], readonly KubeObject[]] => {
  if (canaries.length < 2) return [canaries, []]
  const sorted = canaries.toSorted((a, b) => (age(a) < age(b) ? -1 : 1))
  const oldest = new Map(sorted.toReversed().map(one => [targetText(one), one]))
  const isFirst = (one: KubeObject): boolean => oldest.get(targetText(one)) === one
  return [sorted.filter(isFirst), sorted.filter(one => !isFirst(one))]
}

/** S17: of two Canaries that claim one target only the older writes anything but its own status. */
export const trespasses = (write: AcceptedWrite, canaries: readonly KubeObject[]): readonly string[] => {
  const [, rivals] = oneOfEach(canaries)
  return rivals
    .filter(rival => {
      const owned = write.after?.metadata.ownerReferences?.some(({ uid }) => uid === rival.metadata.uid) ?? false
      const itself = write.kind.kind === canaryKind.kind && keyOf(rival).name === write.key.name
      return owned || (itself && write.verb !== 'updateStatus')
    })
    .map(rival => `S17: ${rival.metadata.name} writes ${write.kind.kind} ${write.key.name}`)
}
