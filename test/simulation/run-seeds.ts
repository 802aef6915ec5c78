import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { BatchResult, BrokenSeed } from './batch.ts'
import type { Coverage } from './coverage.ts'

export interface RunOptions {
  readonly from: number
  readonly count: number
  readonly workers: number
  /** Ends at the first seed that breaks a rule. */
  readonly stopsAtFirst?: boolean
  readonly onBatch?: (done: number, broken: readonly BrokenSeed[]) => void
}

/** What many runs came to. */
export interface Summary extends Coverage {
  readonly seeds: number
  readonly broken: readonly BrokenSeed[]
}

const batchSize = 20
/** Worlds make much that is soon forgotten: with room for it, a tenth of the time is saved. */
const maxYoungGenerationSizeMb = 64

/** Runs so many seeds on threads of their own. What comes of a seed does not depend on the thread, nor on what ran before it. */
export const runSeeds = async ({ from, count, workers, stopsAtFirst = false, onBatch }: RunOptions): Promise<Summary> => {
  const [states, transitions, faults] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const broken: BrokenSeed[] = []
  let next = from
  let done = 0

  const take = (): readonly number[] => {
    const isOver = stopsAtFirst && broken.length > 0
    const length = isOver ? 0 : Math.min(batchSize, from + count - next)
    const seeds = Array.from({ length: Math.max(0, length) }, (_, index) => next + index)
    next += seeds.length
    return seeds
  }

  const add = (result: BatchResult): void => {
    for (const state of result.states) states.add(state)
    for (const transition of result.transitions) transitions.add(transition)
    for (const fault of result.faults) faults.add(fault)
    broken.push(...result.broken)
    done += result.seeds
    onBatch?.(done, result.broken)
  }

  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb } })
    for (let seeds = take(); seeds.length > 0; seeds = take()) {
      worker.postMessage(seeds)
      const [result] = (await once(worker, 'message')) as [BatchResult]
      add(result)
    }
    await worker.terminate()
  }

  await Promise.all(Array.from({ length: workers }, work))
  return { seeds: done, broken: broken.toSorted((a, b) => a.seed - b.seed), states, transitions, faults }
}
