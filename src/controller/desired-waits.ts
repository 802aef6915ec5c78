import { readyThresholds } from '../api/analysis.ts'
import { drainMsOf } from '../api/canary.ts'
import { canaryCarries, canaryNeeds, readyOf, shareAhead, shareNow } from '../core/capacity.ts'
import type { Obstacle } from '../core/observation.ts'
import type { Plan, PlanStep } from '../core/plan.ts'
import { unreachable } from '../core/reach.ts'
import { sameShares } from '../core/traffic.ts'
import { scalersOf } from './desired-size.ts'
import type { Scene } from './scene.ts'
import { servingTraffic } from './serving.ts'

const awaiting = (name: string, unmet: Obstacle | undefined): PlanStep => ({ verb: 'await', name, done: true, unmet })

/** The primary runs the revision it should, and enough of its pods serve. */
export const primaryReady = (scene: Scene): Plan => {
  const { primaryTrack, canary, workload } = scene
  const { namespace = '' } = canary.metadata
  const hasPods = primaryTrack.readyPods > 0 || !workload.can.scale // none of none would be ready too
  const name = `${canary.spec.targetRef.name}-primary.${namespace}`
  return [
    awaiting(
      'primary is ready',
      primaryTrack.kind === 'ready' && hasPods
        ? undefined
        : { reason: 'PrimaryNotReady', message: `${name} not ready: ${primaryTrack.message || 'it has no pod yet'}` },
    ),
    awaiting('primary is reached', unreachable(primaryTrack, readyOf(primaryTrack.wantedPods, readyThresholds(canary).primary))),
  ]
}

/** The canary has ready pods, as many as its share needs: zero of zero is not ready. Before it gets its first requests they get to its pods. */
export const canaryReady = (scene: Scene): Plan => {
  const { canaryTrack, canary, state } = scene
  const { kind, name } = canary.spec.targetRef
  const words = `canary ${kind.toLowerCase()} ${name}.${canary.metadata.namespace ?? ''} not ready`
  const isFirst = state === 'Progressing.scaling'
  const share = isFirst ? shareAhead(scene) : shareNow(scene)
  const seen = { ...scene, ...scalersOf(scene) }
  const message = `${words}: ${canaryTrack.message || 'it has no ready pod yet'}`
  return [
    awaiting('canary is ready', canaryCarries(share, seen) ? undefined : { reason: 'CanaryNotReady', message }),
    ...(isFirst ? [awaiting('canary is reached', unreachable(canaryTrack, canaryNeeds(share, seen)))] : []),
  ]
}

/** The layer that routes says it took the route; where it never says so, the route is left alone for a while. */
export const routeAccepted = (scene: Scene): Plan => {
  const { router, canary, live, nowMs, context, options } = scene
  if (!router.can.weigh) return []
  const { accepted, traffic, message } = router.observe(canary, live)
  const carries = traffic !== undefined && sameShares(traffic, servingTraffic(scene))
  const settled = nowMs - context.stateSinceMs >= options.settleMs
  const taken = carries && (accepted === 'yes' || (accepted === 'unknown' && settled))
  const why = message ?? (carries ? 'its controller has not said that it took it' : 'it does not carry the recorded weights yet')
  return [
    awaiting(
      'route is accepted',
      taken ? undefined : { reason: 'RouteNotAccepted', message: `${router.name} route of ${canary.metadata.name}: ${why}` },
    ),
  ]
}

/** The layer that routes says that it took back what deletion put back. It is not waited for longer than a rollout would be. */
export const revertAccepted = ({ router, canary, live, nowMs, context, plan, options }: Scene): Plan => {
  const { accepted, message } = router.observe(canary, live)
  const sinceMs = nowMs - context.stateSinceMs
  const taken = accepted === 'yes' || sinceMs > plan.deadlineMs || (accepted === 'unknown' && sinceMs >= options.settleMs)
  const why = message ?? 'its controller has not said that it took it back'
  return [
    awaiting(
      'reverted route is accepted',
      taken ? undefined : { reason: 'RouteNotAccepted', message: `${router.name} route of ${canary.metadata.name}: ${why}` },
    ),
  ]
}

const drainedTrack = ({ nowMs, canary, options }: Scene, track: 'canary' | 'primary'): Plan => {
  const { drainSince } = canary.status
  const drainMs = drainMsOf(canary, options.drainMs)
  const isOver = drainSince !== undefined && nowMs - Date.parse(drainSince) >= drainMs
  const message = `no new requests go to the ${track}; its pods stay for ${drainMs / 1000}s to finish those in flight`
  return [awaiting(`${track} is drained`, isOver ? undefined : { reason: 'Draining', message })]
}

/** Requests in flight had time to finish on the track that gets no new ones. One that has no pods, and is to have none, finishes nothing. */
export const drained = (scene: Scene): Plan => {
  const { wantedPods, servingPods } = scene.canaryTrack
  return wantedPods === 0 && servingPods === 0 ? [] : drainedTrack(scene, 'canary')
}

export const primaryDrained = (scene: Scene): Plan => drainedTrack(scene, 'primary')
