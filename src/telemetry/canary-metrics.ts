import type { Registry } from 'prom-client'
import { createCanarySeries } from './canary-series.ts'
import { SeriesBook } from './series-book.ts'

/** A Canary as its series name it. */
export interface CanaryLabels {
  readonly namespace: string
  readonly name: string
  /** Name of the target. */
  readonly target: string
}

interface CanaryState {
  readonly phase: string
  /** Percent of live requests that go to the canary. */
  readonly weight: number
}

export interface RolloutEnd {
  readonly strategy: string
  /** `skipped`: promoted without an analysis. */
  readonly outcome: 'promoted' | 'skipped' | 'failed'
}

/** What is exposed of each Canary. Its series exist from the first word about it until it is forgotten. */
export interface CanaryMetrics {
  show(canary: CanaryLabels, state: CanaryState): void
  /** The last value of a metric; latencies in seconds. */
  measured(canary: CanaryLabels, metric: string, value: number): void
  analysed(canary: CanaryLabels, seconds: number): void
  ended(canary: CanaryLabels, end: RolloutEnd): void
  forget(namespace: string, name: string): void
}

const statusOf = (phase: string): number => {
  if (phase === 'Progressing') return 0
  return phase === 'Failed' ? 2 : 1
}

const ownerOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string => `${namespace}/${name}`

export const createCanaryMetrics = (registry: Registry): CanaryMetrics => {
  const { total, status, weight, analysis, duration, successes, failures } = createCanarySeries(registry)
  const book = new SeriesBook()
  const targets = new Map<string, string>()
  const counts = new Map<string, number>()

  const countIn = (namespace: string, change: 1 | -1): void => {
    const count = (counts.get(namespace) ?? 0) + change
    counts.set(namespace, count)
    if (count > 0) total.set({ namespace }, count)
    else total.remove({ namespace })
  }

  /** The owner of a series that is about to be written; series of a former target go first. */
  const owned = (canary: CanaryLabels): string => {
    const owner = ownerOf(canary)
    const before = targets.get(owner)
    if (before === canary.target) return owner
    if (before === undefined) countIn(canary.namespace, 1)
    else book.forget(owner)
    targets.set(owner, canary.target)
    return owner
  }
  const named = ({ target: name, namespace }: CanaryLabels) => ({ name, namespace })

  return {
    show: (canary, { phase, weight: percent }) => {
      const { namespace, target } = canary
      const owner = owned(canary)
      status.set(book.note(owner, status, named(canary)), statusOf(phase))
      weight.set(book.note(owner, weight, { workload: target, namespace }), percent)
      weight.set(book.note(owner, weight, { workload: `${target}-primary`, namespace }), 100 - percent)
    },
    measured: (canary, metric, value) => analysis.set(book.note(owned(canary), analysis, { ...named(canary), metric }), value),
    analysed: (canary, seconds) => duration.observe(book.note(owned(canary), duration, named(canary)), seconds),
    ended: (canary, { strategy, outcome }) => {
      const series = outcome === 'failed' ? failures : successes
      const analysisStatus = outcome === 'skipped' ? 'skipped' : 'completed'
      const labels = { ...named(canary), deployment_strategy: strategy, analysis_status: analysisStatus }
      series.inc(book.note(owned(canary), series, labels))
    },
    forget: (namespace, name) => {
      const owner = ownerOf({ namespace, name })
      if (!targets.delete(owner)) return
      book.forget(owner)
      countIn(namespace, -1)
    },
  }
}
