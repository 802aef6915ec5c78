import type { Obstacle } from './observation.ts'
import type { Readiness } from './readiness.ts'

/*
 * A pod that is ready gets requests only when it is among the endpoints of the Service that the route names. Which those are comes from
 * another controller than the state of the workload, and may lag behind it: the two are compared by the names of pods.
 */

/**
 * How many of these endpoints are pods of the newest template. Where no name tells them from those before, as many as cannot be old ones.
 * @param changedMs when the template may have changed last. What was said of names before that may be about the template before: pods that come back from
 *   none are not always given a new name to begin with.
 */
export const reachablePods = (endpoints: readonly string[], track: Readiness, changedMs: number): number => {
  const { newest, servingPods, readyPods } = track
  const names = [...new Set(endpoints)] // a pod with two addresses is in two slices
  const named = newest ? names.filter(name => name.startsWith(newest.prefix)).length : 0
  const isSure = newest !== undefined && (named > 0 || newest.sinceMs >= changedMs)
  return isSure ? named : Math.max(0, names.length - Math.max(0, servingPods - readyPods))
}

/** Why so many pods of a track cannot be reached; undefined when they can, or where nobody can tell. */
export const unreachable = ({ reach, readyPods }: Pick<Readiness, 'reach' | 'readyPods'>, needed: number): Obstacle | undefined => {
  if (!reach || needed === 0) return undefined
  const { service, pods } = reach
  if (pods === undefined)
    return {
      reason: 'EndpointsUnknown',
      message: `which pods Service ${service} leads to is not known: no list of its EndpointSlices has come`,
    }
  if (pods >= needed) return undefined
  return {
    reason: 'EndpointsMissing',
    message: `${pods} of ${needed} needed pods are in the endpoints of Service ${service} (ready: ${readyPods})`,
  }
}
