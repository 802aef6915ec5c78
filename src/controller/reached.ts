import { keepsCapacity, serviceNames } from '../api/canary.ts'
import { phaseOf, type RolloutState } from '../api/phases.ts'
import { reachablePods } from '../core/reach.ts'
import type { Readiness } from '../core/readiness.ts'
import type { Scene } from './scene.ts'

/** Where traffic is about to move. Everywhere else nobody asks, so that a Canary at rest does not hear of each pod that comes and goes. */
const isAboutToMove = (state: RolloutState): boolean =>
  ['Initializing', 'Progressing', 'WaitingPromotion', 'Promoting'].includes(phaseOf(state)) || state === 'Failed.restoring'

/** A scene in which both tracks say how many of their pods requests get to, where Services of ours select them. */
export const reached = (scene: Scene): Scene => {
  const { canary, state, workload, live } = scene
  if (!workload.can.select || !isAboutToMove(state) || !keepsCapacity(canary) || !live.endpointsOf) return scene
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
