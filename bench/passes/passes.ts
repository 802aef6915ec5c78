import type { Benchmark, BenchmarkIo, Figures } from '../benchmark.ts'
import { withChildren } from '../children.ts'
import { rolloutSettings } from '../rollout-settings.ts'
import { rounded } from '../statistics.ts'
import { buildBundle, startController } from './controller.ts'
import { measureBusy, measureColdStart, measureIdle, measureInitialization, measureWoken } from './measurements.ts'
import { type PassesSettings, pause, type Stage, setStage } from './stage.ts'

/** Writes of the initialization still settle (Events, the last statuses) when the phases are there already. */
const settleMs = 3000

const measure = async (stage: Stage): Promise<Figures> => {
  const { say } = stage.io
  const { canaries } = stage.settings
  say(`passes: ${canaries} canaries are initialized`)
  const first = await startController(stage)
  await first.untilReady()
  const initialization = await measureInitialization(stage, first)
  await pause(settleMs, stage.io)
  say('passes: restart')
  const stopMs = await first.child.stop()
  const { figures: coldStart, controller } = await measureColdStart(stage)
  await pause(settleMs, stage.io)
  say('passes: idle')
  const idle = await measureIdle(stage, controller)
  say('passes: woken')
  const woken = await measureWoken(stage, controller)
  say('passes: busy')
  const busy = await measureBusy(stage, controller)
  return { idle, busy, woken, initialization, coldStart, stop: { ms: rounded(stopMs, 0) } }
}

const largest = (name: string, parts: readonly Figures[]): number => Math.max(...parts.map(part => Number(part[name] ?? 0)))

const mixText = ({ canaries, namespaces, interval, progressing }: PassesSettings): string =>
  `${canaries} canaries in ${namespaces} namespaces, each with a Deployment, a tracked ConfigMap, three Services, an HTTPRoute and two metrics, ` +
  `interval ${interval}s; idle and woken: none progresses; busy: ${progressing} % progress and take a step every interval`

const run = async (settings: PassesSettings, io: BenchmarkIo): Promise<Figures> => {
  io.say('passes: bundle the sources')
  await buildBundle()
  return withChildren(io.signal, async children => {
    const found = await measure(await setStage(children, settings, io))
    const parts = ['idle', 'woken', 'busy'].map(name => found[name] as Figures)
    return {
      ...found,
      cpuSPer1000: (found['busy'] as Figures)['cpuSPer1000'] ?? null,
      rssMB: largest('rssMB', parts),
      stallMaxMs: largest('stallMaxMs', parts),
      stallMaxCpuMs: largest('stallMaxCpuMs', parts),
      mix: mixText(settings),
    }
  })
}

/** The controller that ships, between an API server and a metric store in other processes. */
export const passesBenchmark: Benchmark<PassesSettings> = {
  name: 'passes',
  summary: 'the bundled controller: requests per idle and progressing pass, CPU, memory, stalls, lateness, cold start',
  settings: {
    ...rolloutSettings({ canaries: 1000, interval: 5, progressing: 10, idleIntervals: 10, busyIntervals: 8 }),
    semiSpace: { meaning: 'most MB of each half of the young heap, 0 leaves that to Node', initial: 0, least: 0, most: 64 },
  },
  run,
}
