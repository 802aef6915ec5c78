import type { KubeObject } from '../../src/api/object.ts'

interface Status {
  readonly phase?: string
  readonly canaryWeight?: number
  readonly iterations?: number
  readonly failedChecks?: number
}

const statusOf = (object: KubeObject): Status => (object['status'] ?? {}) as Status

/** Whether a status says that an analysis was decided on. */
const isStep = (before: Status, after: Status): boolean =>
  (['canaryWeight', 'iterations', 'failedChecks'] as const).some(field => (before[field] ?? 0) !== (after[field] ?? 0))

/** How regularly Canaries go on, by what every controller of this API group writes. */
export interface Pace {
  /** The status of a Canary was stored. */
  status(object: KubeObject, before: KubeObject, nowMs: number): void
  /** By how much each time between two analyses of one Canary was longer than the interval, since the last call; less counts as nothing. */
  take(): readonly number[]
}

export const createPace = (intervalMs: number): Pace => {
  const lastMs = new Map<string, number>()
  let lateMs: number[] = []
  return {
    status: (object, beforeObject, nowMs) => {
      const id = object.metadata.uid ?? object.metadata.name
      const [before, after] = [statusOf(beforeObject), statusOf(object)]
      if (before.phase !== 'Progressing') return void lastMs.delete(id)
      if (!isStep(before, after)) return
      const sinceMs = lastMs.get(id)
      if (sinceMs !== undefined) lateMs.push(Math.max(0, nowMs - sinceMs - intervalMs))
      lastMs.set(id, nowMs)
    },
    take: () => {
      const taken = lateMs
      lateMs = []
      return taken
    },
  }
}
