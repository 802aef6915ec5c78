import { type KubeObject, keyOf, keyText } from '../api/object.ts'
import { type CanaryReading, readCanary, readNewStatus } from '../api/read-canary.ts'
import { sameJson } from '../core/same-json.ts'
import { workloadNameOf, workloads } from '../targets/registry.ts'
import type { TargetOptions, Workload } from '../targets/workload.ts'
import type { LookOptions } from './look.ts'
import { type Remembering, untilReadsChange } from './memo.ts'

/** Reads Canaries, and remembers the last reading of each: cached objects never change in place. */
export interface CanaryReader {
  read(object: KubeObject): CanaryReading
  /** The Canary rests. With it goes what others remember about its reading; a pass that comes all the same reads anew. */
  forget(canary: string): void
}

interface Read {
  readonly object: KubeObject
  readonly reading: CanaryReading
}

export const createCanaryReader = ({ meshProvider, minIntervalMs, noCrossNamespaceRefs }: LookOptions): CanaryReader => {
  const options = { defaultProvider: meshProvider, intervalFloorMs: minIntervalMs, crossNamespaceRefs: !noCrossNamespaceRefs }
  const last = new Map<string, Read>()

  const readingOf = (object: KubeObject, before: Read | undefined): CanaryReading => {
    if (!before || object['spec'] === undefined || object['spec'] !== before.object['spec']) return readCanary(object, options)
    // Our own write comes twice: as the answer to it, and by the watch.
    return saysTheSame(object, before.object) ? before.reading : readNewStatus(object, before.reading)
  }

  return {
    read: object => {
      const canary = keyText(keyOf(object))
      const before = last.get(canary)
      if (before?.object === object) return before.reading
      const reading = readingOf(object, before)
      last.set(canary, { object, reading })
      return reading
    },
    forget: canary => void last.delete(canary),
  }
}

const saysTheSame = (a: KubeObject, b: KubeObject): boolean => sameJson(a.metadata, b.metadata) && sameJson(a['status'], b['status'])

/** Looks at the target of a Canary, whose kind is known. */
export type Inspect = Remembering<ReturnType<Workload['inspect']>>

/** Inspects again only when the Canary, its target or its primary changed: identities are hashes of whole templates. */
export const memoizedInspector = (options: TargetOptions): Inspect =>
  untilReadsChange((canary, live) => workloads.get(workloadNameOf(canary)).inspect(canary, live, options))
