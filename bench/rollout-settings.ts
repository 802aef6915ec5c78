import type { Setting, Settings } from './benchmark.ts'

/** What benchmarks of whole rollouts can be told. */
export interface RolloutSettings extends Settings {
  readonly canaries: number
  readonly namespaces: number
  readonly interval: number
  readonly progressing: number
  readonly idleIntervals: number
  readonly busyIntervals: number
}

interface Initial {
  readonly canaries: number
  readonly interval: number
  readonly progressing: number
  readonly idleIntervals: number
  readonly busyIntervals: number
}

/** These settings, with what each benchmark takes unless it is told otherwise. */
export const rolloutSettings = (initial: Initial) =>
  ({
    canaries: { meaning: 'canaries on the cluster', initial: initial.canaries, least: 1, most: 20_000 },
    namespaces: { meaning: 'namespaces they are spread over', initial: 20, least: 1, most: 20_000 },
    interval: { meaning: 'seconds from analysis to analysis', initial: initial.interval, least: 1, most: 60 },
    progressing: { meaning: 'percent of the canaries that progress in the busy part', initial: initial.progressing, least: 1, most: 100 },
    idleIntervals: { meaning: 'intervals that the idle part takes', initial: initial.idleIntervals, least: 1, most: 1000 },
    busyIntervals: { meaning: 'intervals that the busy part takes', initial: initial.busyIntervals, least: 1, most: 80 },
  }) as const satisfies Readonly<Record<string, Setting>>
