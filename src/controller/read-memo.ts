import type { Canary } from '../api/canary.ts'
import type { KubeObject } from '../api/object.ts'
import { type CanaryReading, readCanary } from '../api/read-canary.ts'
import { workloads } from '../targets/registry.ts'
import type { TargetOptions, Workload } from '../targets/workload.ts'
import type { LookOptions } from './look.ts'
import { oncePerObject, type Remembering, untilReadsChange } from './memo.ts'

export type ReadCanary = (object: KubeObject) => CanaryReading

/** Reads a Canary once per version: cached objects never change in place. */
export const memoizedReader = ({ meshProvider, minIntervalMs, noCrossNamespaceRefs }: LookOptions): ReadCanary => {
  const options = { defaultProvider: meshProvider, intervalFloorMs: minIntervalMs, crossNamespaceRefs: !noCrossNamespaceRefs }
  return oncePerObject(object => readCanary(object, options))
}

/** Looks at the target of a Canary, whose kind is known. */
export type Inspect = Remembering<Canary, ReturnType<Workload['inspect']>>

/** Inspects again only when the Canary, its target or its primary changed: identities are hashes of whole templates. */
export const memoizedInspector = (options: TargetOptions): Inspect =>
  untilReadsChange((canary, live) => workloads.get(canary.spec.targetRef.kind).inspect(canary, live, options))
