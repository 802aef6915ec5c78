import type { Figures } from '../benchmark.ts'
import { latenciesOf, ratio, rounded } from '../statistics.ts'
import { memoryFigures, stallFigures } from '../stopwatch.ts'
import { type Controller, startController } from './controller.ts'
import { boundMs, growth } from './exposition.ts'
import { type Observed, observe, pause, type Stage, untilState } from './stage.ts'
import { type Counts, type RequestClass, requestClasses } from './tally.ts'

const sum = ({ requests }: Counts, classes: readonly RequestClass[]): number => classes.reduce((total, name) => total + requests[name], 0)

/** Lease renewals, Events and watches are told apart; everything else that changes something is a write. */
const writes: readonly RequestClass[] = ['statusWrite', 'routeWrite', 'otherWrite']

/** CPU seconds per 1,000 of something. */
const cpuSPer1000 = ({ usage }: Observed, count: number): number | null => ratio(usage.cpuMs, count)

const costs = (seen: Observed): Figures => ({
  cpuS: rounded(seen.usage.cpuMs / 1000),
  ...memoryFigures(seen.usage.end),
  ...stallFigures(seen.usage.end),
})

/** A cluster on the same machine has to make some thirty writes for each Canary, its own controllers' included. */
const initializeWithinMs = (canaries: number) => Math.max(900_000, canaries * 360)

/** All Canaries are new at once: primaries, Services, routes and pins are made for each. */
export const measureInitialization = async (stage: Stage, controller: Controller): Promise<Figures> => {
  const { canaries } = stage.settings
  const seen = await observe(stage, controller, () =>
    untilState(stage, ['Initialized'], { count: canaries, withinMs: initializeWithinMs(canaries) }),
  )
  return {
    seconds: rounded(seen.usage.wallMs / 1000, 1),
    readsPerCanary: ratio(sum(seen.counts, ['read']), canaries),
    writesPerCanary: ratio(sum(seen.counts, writes), canaries),
    eventsPerCanary: ratio(sum(seen.counts, ['event']), canaries),
    passesPerCanary: ratio(seen.passes, canaries),
    ...costs(seen),
  }
}

/**
 * A restart among Canaries that are there already, until each of them was looked at once. Loading the modules stops the event loop for once
 * before there is anything to be late for: it is told apart from the stalls.
 */
export const measureColdStart = async (stage: Stage): Promise<{ readonly figures: Figures; readonly controller: Controller }> => {
  await stage.cluster.ask('take', undefined)
  const controller = await startController(stage)
  const servingMs = await controller.untilServing()
  const loaded = await controller.child.ask('probe', { gc: false })
  const readyMs = await controller.untilReady()
  const doneMs = await controller.untilPasses(stage.settings.canaries)
  const counts = await stage.cluster.ask('take', undefined)
  const end = await controller.child.ask('probe', { gc: false })
  const figures = {
    servingSeconds: rounded(servingMs / 1000),
    readySeconds: rounded(readyMs / 1000),
    everyCanarySeenSeconds: rounded(doneMs / 1000),
    reads: sum(counts, ['read']),
    writes: sum(counts, writes),
    cpuS: rounded(end.cpuMs / 1000),
    modulesLoadedInMs: rounded(loaded.stallMaxMs, 0),
    ...stallFigures(end),
    requests: counts.byName,
  }
  return { figures, controller }
}

/** Nothing happens. A pass is one Canary for one interval: that often the controllers of the field look at each of them. */
export const measureIdle = async (stage: Stage, controller: Controller): Promise<Figures> => {
  const { canaries, interval, idleIntervals } = stage.settings
  const seen = await observe(stage, controller, () => pause(idleIntervals * interval * 1000, stage.io))
  const passes = canaries * idleIntervals
  return {
    readsPerPass: ratio(sum(seen.counts, ['read']), passes),
    writesPerPass: ratio(sum(seen.counts, writes), passes),
    eventsPerPass: ratio(sum(seen.counts, ['event']), passes),
    passes,
    intervals: idleIntervals,
    passesOfTheController: seen.passes,
    leaseRequests: sum(seen.counts, ['lease']),
    watchRequests: sum(seen.counts, ['watch']),
    cpuSPer1000: cpuSPer1000(seen, passes),
    ...costs(seen),
  }
}

const wakingPerSecond = 200

/** Every target is annotated once: each idle Canary is woken and finds that nothing has to be done. */
export const measureWoken = async (stage: Stage, controller: Controller): Promise<Figures> => {
  const { canaries } = stage.settings
  const seen = await observe(stage, controller, async () => {
    await stage.cluster.ask('annotate', { forMs: (canaries / wakingPerSecond) * 1000 })
    await pause(1000, stage.io)
  })
  return {
    passes: seen.passes,
    readsPerPass: ratio(sum(seen.counts, ['read']), seen.passes),
    writesPerPass: ratio(sum(seen.counts, writes), seen.passes),
    cpuSPer1000: cpuSPer1000(seen, seen.passes),
    ...costs(seen),
  }
}

const busyWithinMs = 300_000

/** New connections to the API server per 1,000 requests, by the controller's own count; null of one that does not count. */
const handshakes = ({ counts, scrapes }: Observed): number | null => {
  const [before, after] = scrapes
  if (!after.has(connections)) return null
  return ratio(growth(connections, before, after) * 1000, sum(counts, requestClasses))
}

const connections = 'serin_kube_connections_total'

/** Part of the Canaries is in the middle of a rollout, each one step further every interval. */
export const measureBusy = async (
  stage: Stage,
  controller: Controller,
  busyStates: readonly string[] = ['Progressing.analysing'],
): Promise<Figures> => {
  const { canaries, progressing, interval, busyIntervals } = stage.settings
  const count = Math.max(1, Math.round((canaries * progressing) / 100))
  await stage.cluster.ask('release', { count, version: 2, forMs: interval * 1000 })
  await untilState(stage, busyStates, { count, withinMs: busyWithinMs })
  await pause(2 * interval * 1000, stage.io)
  const seen = await observe(stage, controller, () => pause(busyIntervals * interval * 1000, stage.io))
  const { analyses, steps, statusWritesByPhase, latenessMs, byName } = seen.counts
  const { samples: _, ...lateness } = latenciesOf(latenessMs)
  return {
    readsPerPass: ratio(sum(seen.counts, ['read']), analyses),
    statusWritesPerPass: ratio(statusWritesByPhase['Progressing'] ?? 0, analyses),
    routeWritesPerStep: ratio(sum(seen.counts, ['routeWrite']), steps),
    otherWritesPerPass: ratio(sum(seen.counts, ['otherWrite']), analyses),
    eventsPerPass: ratio(sum(seen.counts, ['event']), analyses),
    prometheusPerPass: ratio(seen.queries, analyses),
    passes: analyses,
    expectedPasses: count * busyIntervals,
    steps,
    progressing: count,
    passesOfTheController: seen.passes,
    lateness,
    latenessByTheController: {
      p50BelowMs: rounded(boundMs('serin_evidence_lateness_seconds', 50, seen.scrapes)),
      p99BelowMs: rounded(boundMs('serin_evidence_lateness_seconds', 99, seen.scrapes)),
    },
    handshakesPer1000: handshakes(seen),
    cpuSPer1000: cpuSPer1000(seen, analyses),
    ...costs(seen),
    requests: byName,
  }
}
