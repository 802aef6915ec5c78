import type { KubeObject } from '../api/object.ts'
import { type CanaryReading, readCanary } from '../api/read-canary.ts'
import type { LookOptions } from './look.ts'

export type ReadCanary = (object: KubeObject) => CanaryReading

/** Reads a Canary once per version: cached objects never change in place. */
export const memoizedReader = ({ meshProvider, minIntervalMs, noCrossNamespaceRefs }: LookOptions): ReadCanary => {
  const known = new WeakMap<KubeObject, CanaryReading>()
  const options = { defaultProvider: meshProvider, intervalFloorMs: minIntervalMs, crossNamespaceRefs: !noCrossNamespaceRefs }
  return object => {
    const reading = known.get(object) ?? readCanary(object, options)
    known.set(object, reading)
    return reading
  }
}
