import { afterEach, describe, expect, it } from 'vitest'
import type { RolloutState } from '../../src/api/phases.ts'
import { KubeError } from '../../src/kube/errors.ts'
import { answer } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { alerts, asked } from './trail.ts'

let stage: Stage
afterEach(() => stage.stop())

const hook = (type: string) => ({ name: type, type, url: `http://hooks.test/${type}` })
const webhooks = ['rollback', 'post-rollout'].map(hook)

const released = async (analysis: Readonly<Record<string, unknown>> = {}, spec: Readonly<Record<string, unknown>> = {}): Promise<void> => {
  stage = await createStage({ objects: team({ analysis: { webhooks, ...analysis }, spec }) })
  stage.state.hooks = { rollback: answer('rollback', false, 'rollback') }
  await stage.untilRest('Initialized')
  stage.calls.length = 0
}

const callOff = (): void => {
  stage.state.hooks = { ...stage.state.hooks, rollback: answer('rollback', true, 'rollback') }
}

/** A gate of this kind, besides, that stays closed. */
const gated = async (type: 'confirm-rollout' | 'confirm-traffic-increase' | 'confirm-promotion'): Promise<void> => {
  await released({ webhooks: [...webhooks, hook(type)] })
  stage.state.hooks = { ...stage.state.hooks, [type]: answer(type, false, type) }
  await stage.release('v2')
}

/** Writes of this kind to this Deployment are refused until the rollout is called off. */
let relent = (): void => {}
const refuse = (verb: 'apply' | 'patch', name: string): void => {
  relent = stage.api.fault({ verb, kind: 'Deployment', name, with: 'ServerError', times: Number.POSITIVE_INFINITY })
}

const at = (state: RolloutState) => stage.until(() => (stage.status.state ?? stage.phase) === state)

/** How a rollout comes to stay in a state. */
const ways: Readonly<Partial<Record<RolloutState, () => Promise<void>>>> = {
  'Progressing.scaling': async () => {
    await released()
    stage.state.broken.add('podinfo podinfo:v2')
    await stage.release('v2')
  },
  'Progressing.starting': () => gated('confirm-traffic-increase'),
  'Progressing.analysing': async () => {
    await released()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.readyPods = { podinfo: 1 }
  },
  'Progressing.switching': async () => {
    await released({ iterations: 1, stepWeight: 0 })
    await stage.release('v2')
    await at('Progressing.switching')
    stage.state.acceptRoutes = false
  },
  WaitingPromotion: () => gated('confirm-promotion'),
  'Promoting.copying': async () => {
    await released()
    refuse('apply', 'podinfo-primary')
    await stage.release('v2')
  },
  'Promoting.sizing': async () => {
    await released()
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
  },
  'Promoting.shifting': async () => {
    await released({ stepWeightPromotion: 10 })
    await stage.release('v2')
  },
  'Promoting.settling': async () => {
    await released({ stepWeightPromotion: 20 })
    await stage.release('v2')
    await at('Promoting.shifting')
    stage.state.acceptRoutes = false
  },
  'Finalising.draining': async () => {
    await released()
    await stage.release('v2')
  },
  'Finalising.parking': async () => {
    await released()
    await stage.release('v2')
    await at('Finalising.draining')
    refuse('patch', 'podinfo')
  },
}
const states = Object.keys(ways) as RolloutState[]

const stayingAt = async (state: RolloutState): Promise<void> => {
  await ways[state]?.()
  await at(state)
}

describe('a rollback hook', () => {
  it.each(states)('that answers in %s brings back what was promoted', async state => {
    await stayingAt(state)
    callOff()
    await stage.until(() => stage.phase === 'Failed', 30)
    relent()
    stage.state.acceptRoutes = true
    stage.state.readyPods = {}
    await stage.untilRest('Failed')
    expect([stage.image('podinfo-primary'), ...stage.weights, stage.replicas('podinfo')]).toEqual(['podinfo:v1', 100, 0, 0])
    expect(stage.status.failure?.reason).toBe('RollbackRequested')
    expect(alerts(stage).filter(text => text.includes('manual webhook invoked'))).toHaveLength(1)
  })

  it.each(['Progressing.scaling', 'Promoting.sizing'] as const)('is asked once in each interval while %s waits', async state => {
    await stayingAt(state)
    const before = stage.calls.length
    await stage.pass(30)
    expect(asked(stage).slice(before)).toEqual(Array.from({ length: 3 }, () => `rollback ${stage.phase}`))
  })

  it('that hangs holds nothing up', async () => {
    await stayingAt('Promoting.sizing')
    stage.state.hooks = { rollback: 'hang' }
    await stage.pass(15)
    stage.state.rolling.clear()
    await stage.untilRest('Succeeded', 60)
  })

  it.each([
    ['Progressing.scaling', 'patch', 'Deployment'],
    ['Progressing.analysing', 'apply', 'HTTPRoute'],
  ] as const)('that is asked while a write is refused in %s leaves the deadline where it is', async (state, verb, kind) => {
    await released()
    if (state === 'Progressing.analysing') {
      await stage.release('v2')
      await stage.until(() => stage.weights[1] === 20)
    }
    const refusal = new KubeError('Invalid', 'admission webhook "policy.test" denied the request')
    stage.api.fault({ verb, kind, with: refusal, times: Number.POSITIVE_INFINITY })
    if (state === 'Progressing.scaling') await stage.release('v2')
    await stage.until(() => stage.status.hold?.reason === 'DeferredWrite')
    const { hold } = stage.status
    const before = stage.calls.length
    await stage.pass(35)
    expect(asked(stage).slice(before)).toEqual(expect.arrayContaining(['rollback Progressing', 'rollback Progressing']))
    expect([stage.status.state, stage.status.hold?.since]).toEqual([state, hold?.since])
    await stage.until(() => stage.phase === 'Failed', 60)
    expect(stage.status.failure?.message).toContain('policy.test')
  })

  it('is asked nothing before there is anything to go back to', async () => {
    stage = await createStage({ objects: team({ analysis: { webhooks } }) })
    await stage.untilRest('Initialized')
    expect(asked(stage)).toEqual([])
  })

  it('is asked nothing where the analysis is skipped', async () => {
    await released({}, { skipAnalysis: true })
    stage.state.broken.add('podinfo podinfo:v2')
    await stage.release('v2')
    await stage.pass(20)
    expect([stage.phase, asked(stage)]).toEqual(['Progressing', []])
  })
})

describe('a promotion that is called off', () => {
  it('leaves everybody where they are until the primary has its old revision back', async () => {
    await stayingAt('Promoting.sizing')
    stage.state.rolling.add('podinfo-primary podinfo:v1')
    callOff()
    await at('Failed.restoring')
    await stage.pass(5)
    expect([stage.image('podinfo-primary'), ...stage.weights, stage.replicas('podinfo')]).toEqual(['podinfo:v1', 60, 40, 2])
    stage.state.rolling.clear()
    await stage.untilRest('Failed')
    expect([...stage.weights, stage.replicas('podinfo')]).toEqual([100, 0, 0])
  })

  it('leaves all traffic with the canary where the primary cannot run its old revision any more', async () => {
    await stayingAt('Promoting.sizing')
    stage.state.broken.add('podinfo-primary')
    callOff()
    await stage.untilRest('Failed')
    expect([...stage.weights, stage.status.failure?.reason]).toEqual([0, 100, 'RestoreFailed'])
    expect(alerts(stage).filter(text => text.includes('Rollback failed'))).toHaveLength(1)
    expect(stage.sent.filter(({ channel }) => channel === 'hook')).toHaveLength(1)
  })

  it('is followed by the next revision', async () => {
    await stayingAt('Promoting.sizing')
    stage.state.rolling.add('podinfo-primary podinfo:v1')
    callOff()
    await at('Failed.restoring')
    stage.state.hooks = { rollback: answer('rollback', false, 'rollback') }
    await stage.release('v3')
    stage.state.rolling.clear()
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })

  it('goes on after a crash', async () => {
    await stayingAt('Promoting.sizing')
    stage.state.rolling.add('podinfo-primary podinfo:v1')
    callOff()
    await at('Failed.restoring')
    await stage.restart()
    stage.state.rolling.clear()
    await stage.untilRest('Failed')
    expect([stage.image('podinfo-primary'), ...stage.weights]).toEqual(['podinfo:v1', 100, 0])
  })
})
