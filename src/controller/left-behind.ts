import type { Canary } from '../api/canary.ts'
import type { KubeObject } from '../api/object.ts'
import type { Pin } from '../api/status.ts'
import type { Live } from '../core/live.ts'
import type { Obstacle } from '../core/observation.ts'
import { sameJson } from '../core/same-json.ts'
import { isForeign, type LeftBehind } from '../core/take-over.ts'
import { twinRef } from '../targets/config-tracking.ts'
import { pinName, revisionHashOf } from '../targets/pins.ts'
import type { OriginSource, PinnedTemplate, Target, Workload } from '../targets/workload.ts'
import type { KnownConfigs } from './config-book.ts'
import type { Scene } from './scene.ts'

/** The revision that a primary runs which another controller made: in our terms, and with all that a pin of it holds. */
export interface Origin {
  readonly pin: Pin
  readonly pinned: PinnedTemplate
}

/** What another controller left of a Canary. */
export interface Leavings {
  readonly leftBehind: LeftBehind
  readonly origin?: Origin
  /** Why it cannot be told yet. */
  readonly obstacle?: Obstacle | undefined
}

type ReadConfigs = (canary: Canary, target: Target) => KnownConfigs

/** The target of which the primary is a copy, with its copies of configuration in the place of what they were copied from. */
const copiesOf = (origin: Target): Target => ({
  ...origin,
  configs: origin.configs.map(twinRef),
})

interface Place {
  readonly canary: Canary
  readonly workload: Workload
  readonly target: Target
  readonly live: Live
  readonly options: OriginSource['options']
}

const primaryOf = ({ canary, workload, live }: Place): KubeObject | undefined =>
  isForeign(canary.status) ? workload.primaryIn(canary, live) : undefined

/** The copies whose contents have to be known before the Canary can be taken over; undefined where nothing is taken over. */
export const copiesToRead = (place: Place): Target | undefined => {
  const primary = primaryOf(place)
  const origin = primary && place.workload.origin?.({ ...place, primary })
  return origin && copiesOf(origin)
}

/** Digests of what the primary has, by the keys of their sources. A copy that is gone will be made again from its source. */
const digestsOfCopies = (origin: Target, copies: KnownConfigs, sources: KnownConfigs): Readonly<Record<string, string>> =>
  Object.fromEntries(
    origin.configs.flatMap(ref => {
      const [copied, source] = [copies.digests?.[twinRef(ref).key], sources.digests?.[ref.key]]
      const isWhole = copied !== undefined && copied !== sources.textDigests?.[ref.key] // else `binaryData` was left out
      const digest = isWhole ? copied : source
      return digest === undefined ? [] : [[ref.key, digest]]
    }),
  )

const originOf = (scene: Scene, origin: Target, found: Readonly<Record<string, string>>): Origin | undefined => {
  const { canary, workload, target, primary, digests, options } = scene
  const ofTarget = digests && sameJson(found, digests) ? [workload.pin(target, digests)] : []
  const runs = (pin: PinnedTemplate) => workload.runs?.({ canary, target, pin, live: primary, replicas: undefined, options }) === true
  const pinned = [...ofTarget, workload.pin(origin, found)].find(runs)
  if (!pinned) return undefined
  const hash = revisionHashOf(pinned.templateHash, pinned.configs)
  return { pin: { hash, name: pinName(canary, hash) }, pinned }
}

/** What another controller left of this Canary; undefined where the status is ours. */
export const leavingsOf = (scene: Scene, read: ReadConfigs): Leavings | undefined => {
  const { canary, workload, primary, router, live } = scene
  if (!isForeign(canary.status)) return undefined
  if (!primary) return { leftBehind: { kind: 'lost' } }
  const weight = router.can.weigh ? router.observe(canary, live).traffic?.canary : undefined
  const behind = workload.origin?.({ ...scene, primary })
  if (!behind) return { leftBehind: { kind: 'standing', primary: undefined, weight } }
  const known = read(canary, copiesOf(behind))
  if (!known.digests) return { leftBehind: { kind: 'unread' }, obstacle: known.obstacle }
  const sources = read(canary, scene.target)
  const origin = originOf(scene, behind, digestsOfCopies(behind, known, sources))
  return { leftBehind: { kind: 'standing', primary: origin?.pin, weight }, ...(origin && { origin }) }
}
