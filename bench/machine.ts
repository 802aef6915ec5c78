import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import type { Figures } from './benchmark.ts'
import { megabytes, rounded } from './statistics.ts'

/** Where figures were made. The load of others at the beginning says how far the times can be trusted. */
export const machineFigures = (): Figures => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? 'unknown',
  memoryMB: megabytes(totalmem()),
  system: `${platform()} ${arch()}`,
  node: process.version,
  loadAverage: rounded(loadavg()[0] ?? Number.NaN),
})
