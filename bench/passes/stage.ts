import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../../src/api/object.ts'
import type { BenchmarkIo } from '../benchmark.ts'
import type { Child, Children } from '../children.ts'
import type { RolloutSettings } from '../rollout-settings.ts'
import { type Usage, usageDuring } from '../stopwatch.ts'
import type { ClusterQuestions } from './cluster.ts'
import type { Controller, Surroundings } from './controller.ts'
import { growth, type Scrape } from './exposition.ts'
import type { MetricStoreQuestions } from './metric-store.ts'
import type { Counts } from './tally.ts'

export interface PassesSettings extends RolloutSettings {
  readonly semiSpace: number
}

/** What is done to a cluster while a controller works on it, and what is known of both. */
export interface ClusterDuties {
  /** How many Canaries are in each state, `Progressing.analysing` for example; resting ones in that of their phase. */
  states(): Readonly<Record<string, number>>
  /** Somebody annotates the target of each Canary once: a change that means nothing, but that a controller has to look at. */
  annotate(options: { readonly forMs: number }): Promise<void>
  /** New versions of the first so many targets, one after the other. */
  release(options: { readonly count: number; readonly version: number; readonly forMs: number }): Promise<void>
  /** The counts so far; from here on they begin anew. */
  take(): Counts | Promise<Counts>
}

/** Everything around the controller, in processes of their own. */
export interface Stage extends Surroundings {
  readonly cluster: Child<ClusterDuties>
  readonly store: Child<MetricStoreQuestions>
  readonly settings: Pick<PassesSettings, 'canaries' | 'interval' | 'progressing' | 'idleIntervals' | 'busyIntervals'>
  readonly io: BenchmarkIo
}

/** How many Canaries are in each state; those without one count under their phase. */
export const stateCounts = (canaries: readonly KubeObject[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const canary of canaries) {
    const { phase = 'none', state = phase } = (canary['status'] ?? {}) as { readonly phase?: string; readonly state?: string }
    counts[state] = (counts[state] ?? 0) + 1
  }
  return counts
}

export const startMetricStore = async (children: Children): Promise<Pick<Stage, 'store' | 'metricServer'>> => {
  const store = children.start<MetricStoreQuestions>({ name: 'metrics', file: new URL('./metric-store.ts', import.meta.url) })
  return { store, metricServer: await store.ask('begin', undefined) }
}

export const setStage = async (children: Children, settings: PassesSettings, io: BenchmarkIo): Promise<Stage> => {
  const { canaries, namespaces, interval, semiSpace } = settings
  const cluster = children.start<ClusterQuestions>({ name: 'cluster', file: new URL('./cluster.ts', import.meta.url) })
  const { store, metricServer } = await startMetricStore(children)
  const kubeconfig = join(children.directory, 'kubeconfig')
  await writeFile(kubeconfig, await cluster.ask('begin', { canaries, namespaces, intervalSeconds: interval }))
  const nodeFlags = semiSpace > 0 ? [`--max-semi-space-size=${semiSpace}`] : []
  return { children, cluster, store, settings, io, kubeconfig, metricServer, nodeFlags }
}

/** What a stretch of time cost, and what was asked for in it. */
export interface Observed {
  readonly usage: Usage
  readonly counts: Counts
  readonly queries: number
  /** Passes of the controller, by its own count. */
  readonly passes: number
  readonly scrapes: readonly [Scrape, Scrape]
}

/** Watches a controller while `work` goes on. Its own figures are read before and after, outside of what is measured. */
export const observe = async (
  { cluster, store }: Stage,
  { child, scrape }: Controller,
  work: () => Promise<unknown>,
): Promise<Observed> => {
  const before = await scrape()
  await cluster.ask('take', undefined)
  await store.ask('take', undefined)
  const { usage } = await usageDuring(child, work)
  const counts = await cluster.ask('take', undefined)
  const queries = await store.ask('take', undefined)
  const after = await scrape()
  return { usage, counts, queries, passes: growth('serin_passes_total', before, after), scrapes: [before, after] }
}

/** Rejects when the benchmark is interrupted. */
export const pause = (ms: number, { signal }: BenchmarkIo): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })

const pollMs = 500

/** Resolves when so many Canaries are in one of these states. @throws when they are not in time */
export const untilState = async (
  stage: Stage,
  wanted: readonly string[],
  { count, withinMs }: { count: number; withinMs: number },
): Promise<void> => {
  const giveUpMs = performance.now() + withinMs
  for (;;) {
    const found = await stage.cluster.ask('states', undefined)
    if (wanted.reduce((sum, state) => sum + (found[state] ?? 0), 0) >= count) return
    if (performance.now() > giveUpMs)
      throw new Error(`expected ${count} canaries to be ${wanted.join(' or ')} within ${withinMs / 1000}s, found ${JSON.stringify(found)}`)
    await pause(pollMs, stage.io)
  }
}
