import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { type CanaryMetrics, createCanaryMetrics } from './canary-metrics.ts'
import { type Exposition, exposition } from './exposition.ts'
import { createLoopMetrics, type LoopMetrics } from './loop-metrics.ts'
import { createOutsideMetrics, type OutsideMetrics } from './outside-metrics.ts'

/** Everything that the controller exposes about itself, as typed setters. */
export interface Metrics extends Exposition {
  readonly canaries: CanaryMetrics
  readonly loop: LoopMetrics
  readonly outside: OutsideMetrics
}

export interface MetricsOptions {
  readonly version: string
  readonly meshProvider: string
  /** Also memory, CPU, event loop and garbage collection of the process. */
  readonly ofProcess?: boolean
}

/** A registry of its own for each call: two controllers in one process do not meet. */
export const createMetrics = ({ version, meshProvider, ofProcess = true }: MetricsOptions): Metrics => {
  const registry = new Registry()
  if (ofProcess) collectDefaultMetrics({ register: registry })
  const info = new Gauge({
    name: 'flagger_info',
    help: 'Version and default routing layer of the controller',
    labelNames: ['version', 'mesh_provider'],
    registers: [registry],
  })
  info.set({ version, mesh_provider: meshProvider }, 1)
  return {
    canaries: createCanaryMetrics(registry),
    loop: createLoopMetrics(registry),
    outside: createOutsideMetrics(registry),
    ...exposition(registry),
  }
}
