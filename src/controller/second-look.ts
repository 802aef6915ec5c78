import { primaryName, serviceNames } from '../api/canary.ts'
import { endpointSliceKind } from '../api/kinds.ts'
import type { KindRef } from '../api/object.ts'
import { keyOf, keyText, type ObjectKey } from '../api/object.ts'
import { aboutReason } from '../api/reasons.ts'
import { sleep } from '../clock.ts'
import type { Live } from '../core/live.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import { readyEndpoints, serviceNameLabel } from '../kube/projections.ts'
import { createErrands } from './errands.ts'
import type { Look } from './look.ts'
import { NotSynced } from './not-synced.ts'
import { readBack } from './read-back.ts'
import type { Scene } from './scene.ts'
import { readyNamesIn } from './stores.ts'

/**
 * Doubts the caches while a rollout holds for something in the cluster: a watch that lost an event would have it hold until its deadline, and
 * roll a good version back. What is waited for is read past the caches now and then; where they are wrong, everything is listed anew.
 */
export interface SecondLook {
  /** Reads when it is time to, beside the passes. */
  attend(look: Look, io: Io): void
  /**
   * Before a decision: where the server was out of reach since the caches last heard of it, what the decision rests on is read past them.
   * @throws {NotSynced} retry: they are wrong, and are being filled anew
   */
  confirm(scene: Scene, io: Io): Promise<void>
  forget(canary: string): void
  /** Resolves when nothing is under way any more; `io.signal` has to abort first. */
  rest(): Promise<void>
}

/** So long a hold is believed, and so long until the next doubt. */
const doubtMs = 30_000
/** An event that is on its way has so long to arrive. */
const arrivalMs = 5000
/** Listing everything costs everybody: not more often than this, however many Canaries hold. */
const relistPauseMs = 60_000

/** How long a rollout has held for something in the cluster; undefined where it does not. */
const heldMs = ({ canary: { status }, seen, scene, obstacle }: Look): number | undefined => {
  const about = status.hold && aboutReason(status.hold.reason)
  if (!scene || obstacle || !status.hold || about?.kind !== 'hold' || about.isPatient || about.isAnswer) return undefined
  return seen.nowMs - Date.parse(status.hold.since)
}

/** When a hold is doubted next; undefined where there is none to doubt. */
export const doubtDueInMs = (look: Look): number | undefined => {
  const sinceMs = heldMs(look)
  return sinceMs === undefined ? undefined : doubtMs - (sinceMs % doubtMs)
}

export interface SecondLookTools {
  readonly api: KubeApi
  /** Lists every kind anew, at quorum. */
  readonly relist: () => Promise<void>
  /** Whether the cache of a kind has heard of the server since anybody last got no answer from it. */
  readonly isInTouch: (kind: KindRef) => boolean
}

export const createSecondLook = ({ api, relist, isInTouch }: SecondLookTools): SecondLook => {
  /** The turn of its hold in which each Canary was looked at last. */
  const turns = new Map<string, string>()
  const errands = createErrands()
  let relistedAtMs: number | undefined

  const relistNowAndThen = async ({ clock, log }: Io): Promise<void> => {
    const nowMs = clock.monotonicMs()
    if (relistedAtMs !== undefined && nowMs - relistedAtMs < relistPauseMs) return
    relistedAtMs = nowMs
    log.warn({}, 'a watch has missed something, listing everything anew')
    await relist()
  }

  /** Whether the server has another version than the decision rests on; the caches may have caught up with it meanwhile, which helps the next one only. */
  const isOutdated = async ({ shown, read }: Sight, io: Io): Promise<boolean> => {
    const decidedOn = shown()
    return (await read(api, io)) !== decidedOn
  }

  /** Whether the server has known better for so long that a watch would have told. */
  const isMissed = async ({ shown, read }: Sight, io: Io): Promise<boolean> => {
    const before = shown()
    if ((await read(api, io)) === before) return false
    await sleep(io.clock, arrivalMs, io.signal)
    return shown() === before
  }

  const doubt = async (scene: Scene, io: Io): Promise<void> => {
    try {
      const missed = await Promise.all(sightsOf(scene).map(sight => isMissed(sight, io)))
      if (missed.includes(true) && !io.signal.aborted) await relistNowAndThen(io)
    } catch (error) {
      io.log.debug({ error: messageOf(error) }, 'what is waited for could not be read')
    }
  }

  return {
    attend: (look, io) => {
      const canary = keyText(keyOf(look.raw))
      const sinceMs = heldMs(look)
      if (!look.scene || sinceMs === undefined || sinceMs < doubtMs) return
      const turn = `${look.canary.status.hold?.since} ${Math.floor(sinceMs / doubtMs)}`
      if (turns.get(canary) === turn) return
      turns.set(canary, turn)
      errands.run(doubt(look.scene, io))
    },
    confirm: async (scene, io) => {
      const doubtful = sightsOf(scene).filter(({ kind }) => !isInTouch(kind))
      const outdated = await Promise.all(doubtful.map(sight => isOutdated(sight, io)))
      if (!outdated.includes(true)) return
      errands.run(relistNowAndThen(io))
      throw new NotSynced('the API server was out of reach, and the caches do not show yet what it has now')
    },
    forget: canary => {
      turns.delete(canary)
    },
    rest: errands.rest,
  }
}

/** Something in the cluster: as the caches show it, undefined where they do not, and as the server has it. */
interface Sight {
  readonly kind: KindRef
  shown(): string | undefined
  read(api: KubeApi, io: Io): Promise<string | undefined>
}

/** What a rollout may wait for: both workloads, the route that its controller has to take, and where the Services of both tracks lead. */
const sightsOf = ({ canary, workload, router, live, canaryTrack, primaryTrack }: Scene): readonly Sight[] => {
  const namespace = canary.metadata.namespace ?? ''
  const objects = [
    ...[canary.spec.targetRef.name, primaryName(canary)].map(name => ({ kind: workload.kind, key: { namespace, name } })),
    ...router.kinds.map(kind => ({ kind, key: { namespace, name: serviceNames(canary).apex } })),
  ]
  const services = [canaryTrack, primaryTrack].flatMap(({ reach }) => (reach ? [{ namespace, name: reach.service }] : []))
  const sights = [...objects.map(one => objectSight(one.kind, one.key, live)), ...services.map(one => endpointsSight(one, live))]
  return sights.filter(({ shown }) => shown() !== undefined)
}

const objectSight = (kind: KindRef, key: ObjectKey, live: Live): Sight => ({
  kind,
  shown: () => live.get(kind, key)?.metadata.resourceVersion,
  read: async (api, io) => (await readBack(api, { kind, key }, io))?.metadata.resourceVersion,
})

const endpointsText = (names: readonly string[] | undefined): string | undefined => names && [...names].sort().join()

const endpointsSight = (service: ObjectKey, live: Live): Sight => ({
  kind: endpointSliceKind,
  shown: () => endpointsText(live.endpointsOf?.(service)),
  read: async (api, io) => {
    const { namespace } = service
    const { items } = await api.list(endpointSliceKind, { namespace, labelSelector: `${serviceNameLabel}=${service.name}` }, io)
    return endpointsText(readyNamesIn(items.flatMap(slice => readyEndpoints(slice) ?? [])))
  },
})
