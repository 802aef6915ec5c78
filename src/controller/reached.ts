import { keepsCapacity, serviceNames } from '../api/canary.ts'
import { reachablePods } from '../core/reach.ts'
import type { Readiness } from '../core/readiness.ts'
import { isSo } from '../core/states.ts'
import type { Scene } from './scene.ts'

/** A scene in which both tracks say how many of their pods requests get to, where Services of ours select them. */
export const reached = (scene: Scene): Scene => {
  const { canary, state, workload, live } = scene
  if (!workload.can.select || !isSo('watchesEndpoints', state) || !keepsCapacity(canary) || !live.endpointsOf) return scene
  const { primary, canary: ofCanary } = serviceNames(canary)
  const phaseSinceMs = Date.parse(canary.status.lastTransitionTime ?? '')
  return {
    ...scene,
    canaryTrack: withReach(scene, scene.canaryTrack, { service: ofCanary, changedMs: Math.min(phaseSinceMs, scene.templateSinceMs) }),
    primaryTrack: withReach(scene, scene.primaryTrack, { service: primary, changedMs: phaseSinceMs }),
  }
}

interface Way {
  readonly service: string
  /** The template has changed no later: where nobody saw it, the phase in which that matters began then. */
  readonly changedMs: number
}

const withReach = ({ canary, live }: Scene, track: Readiness, { service, changedMs }: Way): Readiness => {
  const endpoints = live.endpointsOf?.({ namespace: canary.metadata.namespace ?? '', name: service })
  const wholeSecondsMs = Math.floor(changedMs / 1000) * 1000 // as statuses of workloads tell time
  return { ...track, reach: { service, pods: endpoints && reachablePods(endpoints, track, wholeSecondsMs) } }
}
