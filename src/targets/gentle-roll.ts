import type { Json } from '../api/object.ts'
import type { RollingRoom } from './workload.ts'

type Settings = Readonly<Record<string, Json>>

interface RollingUpdate {
  readonly maxUnavailable?: number | string
  readonly maxSurge?: number | string
}

interface Strategy {
  readonly type?: string
  readonly rollingUpdate?: RollingUpdate | null
}

/** What a Deployment takes for both where it says nothing. */
const presumed = '25%'

const countOf = (value: number | string, pods: number, round: (count: number) => number): number =>
  typeof value === 'number' ? value : round((Number.parseInt(value, 10) * pods) / 100)

/**
 * A Deployment's strategy with which no more than `mayMiss` of its `pods` are missing while it is rolled: its own, where that is gentle enough.
 * `Recreate` stays what it is: whoever writes it does not want old and new pods side by side.
 */
export const rollingGently = (settings: Settings, { pods, mayMiss }: RollingRoom): Settings => {
  const { type = 'RollingUpdate', rollingUpdate } = (settings['strategy'] ?? {}) as Strategy
  if (type !== 'RollingUpdate') return settings
  const { maxUnavailable = presumed, maxSurge = presumed } = rollingUpdate ?? {}
  if (countOf(maxUnavailable, pods, Math.floor) <= mayMiss) return settings
  const canStart = mayMiss > 0 || countOf(maxSurge, pods, Math.ceil) > 0
  return { ...settings, strategy: { type, rollingUpdate: { maxUnavailable: mayMiss, maxSurge: canStart ? maxSurge : 1 } } }
}
