import type { Figures } from './benchmark.ts'
import type { Measured } from './children.ts'
import type { Reading } from './probe.ts'
import { megabytes, rounded } from './statistics.ts'

/** What a process used between two readings. */
export interface Usage {
  readonly wallMs: number
  readonly cpuMs: number
  readonly end: Reading
}

/** Reads a process now and when `work` is done. Stalls and peaks are those of that time alone. */
export const usageDuring = async <T>(child: Measured, work: () => Promise<T>): Promise<{ readonly usage: Usage; readonly value: T }> => {
  const start = await child.ask('probe', { gc: false })
  const value = await work()
  const end = await child.ask('probe', { gc: false })
  return { value, usage: { wallMs: end.ageMs - start.ageMs, cpuMs: end.cpuMs - start.cpuMs, end } }
}

export const stallFigures = ({ stallMaxMs, stallMaxCpuMs }: Reading): Figures => ({
  stallMaxMs: rounded(stallMaxMs, 1),
  stallMaxCpuMs: rounded(stallMaxCpuMs, 1),
})

export const memoryFigures = ({ maxRssBytes, heapBytes }: Reading): Figures => ({
  rssMB: megabytes(maxRssBytes),
  heapMB: megabytes(heapBytes),
})
