import { describe, expect, it, onTestFinished } from 'vitest'
import { createSamples } from '../faults/samples.ts'
import { createOutsideWorld } from '../support/outside-world.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { phases } from './trail.ts'

const perSecond = 10

const rate = (matchers: string) => `sum(rate(requests_total{${matchers}}[{{ interval }}]))`
const query = `${rate('workload="podinfo",code="200"')} / ${rate('workload="podinfo"')} * 100`

interface World {
  readonly analysis?: Readonly<Record<string, unknown>>
  readonly scrapeSeconds?: number
}

/**
 * A stage with requests: those to the canary are counted by the name of the workload, as meshes do, whatever it runs, and a Prometheus
 * scrapes the counters. Images in `bad` fail every request.
 */
const busyStage = async ({ analysis = {}, scrapeSeconds = 5 }: World = {}) => {
  const outside = createOutsideWorld()
  const samples = createSamples()
  const bad = new Set<string>()
  const metrics = [{ name: 'success', interval: '1m', query, thresholdRange: { min: 60 } }]
  const stage = await createStage({ objects: team({ analysis: { metrics, threshold: 3, ...analysis } }), tools: outside.tools })
  onTestFinished(() => stage.stop())
  const startMs = stage.clock.monotonicMs()
  const seconds = () => Math.floor((stage.clock.monotonicMs() - startMs) / 1000)
  outside.state.store = question => samples.answer(question.query, seconds())
  const counted = { '200': 0, '500': 0 }
  const scrape = () => {
    for (const code of ['200', '500'] as const) samples.scraped(seconds(), counted[code], code)
  }
  const tick = () => {
    if (isAsked(stage)) counted[bad.has(stage.image('podinfo')) ? '500' : '200'] += perSecond
    if (seconds() % scrapeSeconds === 0) scrape()
    stage.clock.schedule(1000, tick)
  }
  tick()
  await stage.untilRest('Initialized')
  await stage.pass(60)
  return { stage, bad }
}

/** Whether the canary gets requests: live ones, copies, or those of a load test. */
const isAsked = ({ phase, status, weights }: Stage): boolean =>
  phase === 'Progressing' && (weights[1] !== 0 || status.mirrored === true || (status.iterations ?? 0) > 0)

const isOver = ({ phase }: Stage): boolean => phase === 'Succeeded' || phase === 'Failed'

const strategies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'a weighted run': { stepWeight: 20, maxWeight: 40 },
  'a run that mirrors first': { stepWeight: 20, maxWeight: 40, mirror: true },
  'an A/B run': { stepWeight: undefined, maxWeight: undefined, iterations: 3, match: [{ headers: { 'x-canary': { exact: 'yes' } } }] },
  'a blue/green run': { stepWeight: undefined, maxWeight: undefined, iterations: 3 },
}

describe.each(Object.entries(strategies))('%s of a good revision', (_, analysis) => {
  it('does not fail for requests of the bad one before it', async () => {
    const { stage, bad } = await busyStage({ analysis })
    bad.add('podinfo:v2')
    await stage.release('v2')
    await stage.until(() => stage.status.failedChecks === 1)
    await stage.release('v3')
    await stage.until(() => isAsked(stage))
    await stage.until(() => isOver(stage) || stage.status.failedChecks !== 0)
    expect([stage.phase, stage.status.failedChecks]).toEqual(['Succeeded', 0])
  })

  it('does not fail for them when they were rolled back a moment ago', async () => {
    const { stage, bad } = await busyStage({ analysis: { ...analysis, threshold: 1 } })
    bad.add('podinfo:v2')
    await stage.release('v2')
    await stage.untilRest('Failed')
    await stage.release('v3')
    await stage.until(() => isAsked(stage))
    await stage.until(() => isOver(stage))
    expect(stage.phase).toBe('Succeeded')
  })
})

describe('a bad revision', () => {
  const releasedOverAGoodOne = async () => {
    const { stage, bad } = await busyStage({ analysis: { maxWeight: 80 } })
    bad.add('podinfo:v3')
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 60)
    await stage.release('v3')
    await stage.until(() => stage.weights[1] === 20)
    return stage
  }

  it('passes no check on requests of the good one before it', async () => {
    const stage = await releasedOverAGoodOne()
    stage.api.forgetRequests()
    await stage.untilRest('Failed')
    expect(phases(stage)).toEqual(['Progressing 20', 'Failed 0'])
  })

  it('passes none either when the process died and another one goes on', async () => {
    const stage = await releasedOverAGoodOne()
    await stage.restart()
    stage.api.forgetRequests()
    await stage.untilRest('Failed')
    expect(phases(stage)).toEqual(['Progressing 20', 'Failed 0'])
  })
})

describe('the tempo of the steps', () => {
  const secondsOfRun = async (stage: Stage): Promise<number> => {
    await stage.until(() => stage.weights[1] === 20)
    const startMs = stage.clock.monotonicMs()
    await stage.until(() => stage.phase !== 'Progressing')
    return Math.round((stage.clock.monotonicMs() - startMs) / 1000)
  }

  it('is that of the spec for a revision that comes a window after the last one', async () => {
    const { stage } = await busyStage()
    await stage.release('v2')
    expect(await secondsOfRun(stage)).toBeLessThanOrEqual(21)
  })

  it('is half a window slower for one that comes in mid-run', async () => {
    const { stage } = await busyStage()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 40)
    await stage.release('v3')
    const seconds = await secondsOfRun(stage)
    expect(seconds).toBeGreaterThanOrEqual(40)
    expect(seconds).toBeLessThanOrEqual(51)
  })
})

describe('a store that scrapes slowly', () => {
  it('is not taken for a silent one while the window of a new revision is short', async () => {
    const { stage } = await busyStage({
      analysis: { threshold: 1, metrics: [{ name: 'success', interval: '2m', query, thresholdRange: { min: 60 } }] },
      scrapeSeconds: 50,
    })
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.release('v3')
    await stage.until(() => isAsked(stage))
    await stage.until(() => isOver(stage))
    expect([stage.phase, stage.status.unanswered]).toEqual(['Succeeded', undefined])
  })
})
