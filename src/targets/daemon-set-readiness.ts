import type { KubeObject } from '../api/object.ts'
import type { Readiness, ReadinessRule } from '../core/readiness.ts'
import { daemonSetStatusOf } from './daemon-set-object.ts'

const countsOf = (object: KubeObject) => {
  const {
    desiredNumberScheduled = 0,
    currentNumberScheduled = 0,
    updatedNumberScheduled = 0,
    numberAvailable = 0,
  } = daemonSetStatusOf(object)
  return { desired: desiredNumberScheduled, current: currentNumberScheduled, updated: updatedNumberScheduled, available: numberAvailable }
}
type Counts = ReturnType<typeof countsOf>

/** Why it has not got there, in the order in which a rollout goes through these stages; undefined when it has. */
const missing = ({ desired, updated, available }: Counts, thresholdPercent: number): string | undefined => {
  if (updated < desired) return `${updated} out of ${desired} new pods have been updated`
  return available < Math.trunc((desired * thresholdPercent) / 100)
    ? `${available} of ${desired} (readyThreshold ${thresholdPercent}%) updated pods are available`
    : undefined
}

/** At least so many pods of the newest template serve: those available that cannot all be old ones. */
const newestPods = ({ current, updated, available }: Counts): number => Math.max(0, available - Math.max(0, current - updated))

/**
 * How far a DaemonSet has come. It is never `stuck` by itself: no condition of it says since when it waits, and the time of any write of ours
 * says nothing about its pods. How long a rollout is held by it counts instead, from when it began to be.
 */
export const daemonSetReadiness = (object: KubeObject, { thresholdPercent }: ReadinessRule): Readiness => {
  const counts = countsOf(object)
  const pods = { readyPods: newestPods(counts), servingPods: counts.available, wantedPods: counts.desired }
  const isOld = (object.metadata.generation ?? 0) > (daemonSetStatusOf(object).observedGeneration ?? 0)
  const stage = isOld ? 'observed daemonset generation less than desired generation' : missing(counts, thresholdPercent)
  if (stage === undefined) return { kind: 'ready', message: '', ...pods }
  return { kind: 'waiting', message: `waiting for rollout to finish: ${stage}`, ...pods, ...(isOld && { isUnseen: true }) }
}
