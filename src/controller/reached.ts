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
  return {
    ...scene,
    canaryTrack: withReach(scene, scene.canaryTrack, ofCanary),
    primaryTrack: withReach(scene, scene.primaryTrack, primary),
  }
}

const withReach = ({ canary, live }: Scene, track: Readiness, service: string): Readiness => {
  const endpoints = live.endpointsOf?.({ namespace: canary.metadata.namespace ?? '', name: service })
  return { ...track, reach: { service, pods: endpoints && reachablePods(endpoints, track, changedMs(canary.status.lastTransitionTime)) } }
}

/** A template changes no earlier than the phase in which that matters begins. Statuses of workloads tell time in whole seconds. */
const changedMs = (phaseSince = ''): number => Math.floor(Date.parse(phaseSince) / 1000) * 1000
