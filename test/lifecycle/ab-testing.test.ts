import { afterEach, describe, expect, it } from 'vitest'
import { answer, sick } from '../support/builders.ts'
import { createStage, httpRouteKind, type Stage, team } from '../support/stage.ts'
import { iterations } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const insiders = { headers: { 'x-insider': { exact: 'yes' } } }

const released = async (analysis: Fields = {}): Promise<void> => {
  stage = await createStage({ objects: team({ analysis: { stepWeight: 0, iterations: 3, match: [insiders], ...analysis } }) })
  await stage.untilRest('Initialized')
  stage.api.forgetRequests()
  await stage.release('v2')
}

interface Rule {
  readonly matches: readonly { readonly headers?: readonly { readonly value: string }[] }[]
  readonly backendRefs: readonly { readonly name: string; readonly weight: number }[]
}

/** Who goes where: the header that a rule asks for, and the tracks that it leads to. */
const ways = () => {
  const { rules } = stage.object(httpRouteKind, 'podinfo')['spec'] as { readonly rules: readonly Rule[] }
  return rules.map(({ matches, backendRefs }) => ({
    who: matches.flatMap(({ headers = [] }) => headers.map(({ value }) => value)).join() || 'everybody',
    where: backendRefs.filter(({ weight }) => weight > 0).map(({ name }) => name),
  }))
}

const everybodyToPrimary = [{ who: 'everybody', where: ['podinfo-primary'] }]

describe('an A/B run', () => {
  it('sends the people of its match to the canary at its first step, and nobody else, ever', async () => {
    await released()
    await stage.until(() => stage.status.iterations === 1)
    expect(ways()).toEqual([{ who: 'yes', where: ['podinfo-canary'] }, ...everybodyToPrimary])
    expect(stage.status.mirrored).toBeUndefined()
    await stage.until(() => {
      expect(ways().at(-1)).toEqual(everybodyToPrimary[0])
      return stage.phase === 'Succeeded'
    })
  })

  it('is promoted after its iterations, and everybody is back on the primary then', async () => {
    await released()
    await stage.untilRest('Succeeded')
    expect(iterations(stage)).toEqual([
      'Progressing 0',
      'Progressing 1',
      'Progressing 2',
      'Progressing 3',
      'Promoting 3',
      'Finalising 3',
      'Succeeded 0',
    ])
    expect(ways()).toEqual(everybodyToPrimary)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('writes its route once, not with every iteration', async () => {
    await released()
    await stage.until(() => stage.status.iterations === 1)
    stage.api.forgetRequests()
    await stage.until(() => stage.status.iterations === 3)
    expect(stage.api.count('apply', 'HTTPRoute')).toBe(0)
  })

  it('sends everybody to the primary when it fails', async () => {
    await released()
    await stage.until(() => stage.status.iterations === 2)
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect(ways()).toEqual(everybodyToPrimary)
  })

  it('sends everybody to the primary while the canary has no pods', async () => {
    await released()
    await stage.until(() => stage.status.iterations === 1)
    stage.state.broken.add('podinfo')
    await stage.calm()
    expect(ways()).toEqual(everybodyToPrimary)
  })

  it('asks its promotion gate in every interval, and keeps its iterations while it waits', async () => {
    await released({ webhooks: [{ name: 'gate', type: 'confirm-promotion', url: 'http://hooks.test/gate' }] })
    stage.state.hooks = { gate: answer('confirm-promotion', false, 'gate') }
    await stage.until(() => stage.phase === 'WaitingPromotion')
    const before = stage.calls.length
    await stage.pass(30)
    expect([stage.calls.length - before, stage.status.iterations]).toEqual([3, 3])
    stage.state.hooks = {}
    await stage.untilRest('Succeeded')
  })

  it('is not stuck when its iterations are lowered below those that are done', async () => {
    await released()
    await stage.until(() => stage.status.iterations === 2)
    await stage.editAnalysis({ iterations: 1 })
    await stage.untilRest('Succeeded')
  })

  it('starts over when it becomes a weighted run in its middle: its weight meant some people only', async () => {
    await released()
    await stage.until(() => stage.status.iterations === 2)
    await stage.editAnalysis({ iterations: undefined, match: [], stepWeight: 20, maxWeight: 40 })
    await stage.until(() => stage.weights[1] === 20)
    expect(ways()).toHaveLength(1)
    await stage.untilRest('Succeeded')
  })
})

describe('a weighted run with a match', () => {
  it('weighs the people of its match only', async () => {
    await released({ iterations: undefined, stepWeight: 20, maxWeight: 40 })
    await stage.until(() => stage.status.canaryWeight === 20)
    expect(ways()).toEqual([{ who: 'yes', where: ['podinfo-primary', 'podinfo-canary'] }, ...everybodyToPrimary])
    await stage.untilRest('Succeeded')
    expect(ways()).toEqual(everybodyToPrimary)
  })
})
