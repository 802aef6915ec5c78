import { afterEach, describe, expect, it } from 'vitest'
import { answer, sick } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { alerts, asked, told } from './trail.ts'

let stage: Stage
afterEach(() => stage.stop())

const types = ['confirm-rollout', 'pre-rollout', 'rollout', 'confirm-traffic-increase', 'confirm-promotion', 'post-rollout', 'event']

/** A Canary with a hook of each type that answers well. */
const hooked = async (analysis: Readonly<Record<string, unknown>> = {}, more: readonly string[] = []): Promise<void> => {
  const webhooks = [...types, ...more].map(type => ({ name: type, type, url: `http://hooks.test/${type}` }))
  stage = await createStage({ objects: team({ analysis: { webhooks, ...analysis } }) })
  await stage.untilRest('Initialized')
}

const finished = async (phase: 'Succeeded' | 'Failed') => {
  await stage.release('v2')
  await stage.untilRest(phase)
  await stage.pass(2)
}

/** Waiting for requests in flight is told too; the field does not wait. */
const news = () => told(stage).filter(text => !text.includes('to finish those in flight'))

const oneStep = { stepWeight: 100, maxWeight: 100, stepWeightPromotion: 50 }

describe('a run with a hook of each type', () => {
  it('is told to event webhooks in the order of the field', async () => {
    await hooked(oneStep)
    await finished('Succeeded')
    expect(news()).toEqual([
      'Initialized: Initialization done! podinfo.test',
      'Progressing: Confirm-rollout check confirm-rollout passed',
      'Progressing: New revision detected! Scaling up podinfo.test',
      'Progressing: Starting canary analysis for podinfo.test',
      'Progressing: Pre-rollout check pre-rollout passed',
      'Progressing: Confirm-traffic-increase check confirm-traffic-increase passed',
      'Progressing: Advance podinfo.test canary weight 100',
      'Promoting: Confirm-traffic-increase check confirm-traffic-increase passed',
      'Promoting: Confirm-promotion check confirm-promotion passed',
      'Promoting: Copying podinfo.test template spec to podinfo-primary.test',
      'Promoting: Advance podinfo.test primary weight 50',
      'Promoting: Advance podinfo.test primary weight 100',
      'Succeeded: Promotion completed! Scaling down podinfo.test',
    ])
  })

  it('asks each hook as often, and in the phase, that the field does', async () => {
    await hooked(oneStep)
    await finished('Succeeded')
    expect(asked(stage)).toEqual([
      'confirm-rollout Initialized',
      'pre-rollout Progressing',
      'confirm-traffic-increase Progressing',
      'rollout Progressing',
      'confirm-traffic-increase Progressing',
      'confirm-promotion Progressing',
    ])
    expect(stage.sent.filter(({ channel }) => channel === 'hook')).toEqual([
      expect.objectContaining({ receiver: 'post-rollout', phase: 'Succeeded' }),
    ])
  })

  it('tells post-rollout hooks of a rollback', async () => {
    await hooked()
    stage.state.measurements = sick.measurements
    await finished('Failed')
    expect(stage.sent.filter(({ channel }) => channel === 'hook')).toEqual([
      expect.objectContaining({ receiver: 'post-rollout', phase: 'Failed' }),
    ])
  })

  it('asks rollback hooks at each step, and is not told that they stay silent', async () => {
    await hooked(oneStep, ['rollback'])
    await finished('Succeeded')
    expect(asked(stage).filter(text => text.startsWith('rollback'))).toEqual([
      'rollback Progressing',
      'rollback Progressing',
      'rollback Promoting',
      'rollback Finalising',
    ])
    expect(news().filter(text => /rollback/i.test(text))).toEqual([])
  })

  it('goes back at once when a rollback hook fires, and says so', async () => {
    await hooked({}, ['rollback'])
    stage.state.hooks = { rollback: answer('rollback', true, 'rollback') }
    await finished('Failed')
    expect(alerts(stage)).toContain('warn: Rolling back manual webhook invoked')
    expect(news()).toContain('Failed: Rolling back podinfo.test manual webhook invoked')
  })
})

describe('a run without analysis', () => {
  it('is told to event webhooks in the order of the field', async () => {
    await hooked()
    await stage.edit({ skipAnalysis: true })
    await finished('Succeeded')
    expect(news()).toEqual([
      'Initialized: Initialization done! podinfo.test',
      'Progressing: Confirm-rollout check confirm-rollout passed',
      'Progressing: New revision detected! Scaling up podinfo.test',
      'Promoting: Copying podinfo.test template spec to podinfo-primary.test',
      'Succeeded: Promotion completed! Canary analysis was skipped for podinfo.test',
    ])
  })

  it('asks nobody but the gate before its start', async () => {
    await hooked()
    await stage.edit({ skipAnalysis: true })
    await finished('Succeeded')
    expect(asked(stage)).toEqual(['confirm-rollout Initialized'])
    expect(stage.sent.filter(({ channel }) => channel === 'hook')).toHaveLength(1)
  })
})

describe('a pre-rollout hook that says no', () => {
  it('is a failed check, and no traffic moves', async () => {
    await hooked()
    stage.state.hooks = { 'pre-rollout': { ...answer('pre-rollout', false, 'pre-rollout'), message: 'not today' } }
    await finished('Failed')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
    expect(news()).toContain('Progressing: Halt podinfo.test advancement pre-rollout check pre-rollout failed not today')
    expect(stage.status.failure?.reason).toBe('HookFailed')
  })
})

describe('alerts of a run', () => {
  const plain = async (analysis: Readonly<Record<string, unknown>> = {}) => {
    stage = await createStage({ objects: team({ analysis }) })
    await stage.untilRest('Initialized')
  }

  it('that is promoted are those of the field', async () => {
    await plain()
    await finished('Succeeded')
    expect(alerts(stage)).toEqual([
      'info: New Deployment detected, initialization completed.',
      'info: New revision detected, progressing canary analysis.',
      'info: Canary analysis completed successfully, promotion finished.',
    ])
  })

  it('that fails its checks are those of the field', async () => {
    await plain()
    stage.state.measurements = sick.measurements
    await finished('Failed')
    expect(alerts(stage).at(-1)).toBe('error: Failed checks threshold reached 2')
  })

  it('whose promotion fails are those of the field', async () => {
    await plain()
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await finished('Failed')
    expect(alerts(stage).at(-1)).toMatch(/^error: Promotion failed, primary not ready: /)
  })

  it('go to each provider that the Canary names, and not to that of the controller', async () => {
    await plain({
      alerts: [
        { name: 'all', severity: 'info', providerRef: { name: 'chat', namespace: 'ops' } },
        { name: 'grave', severity: 'error', providerRef: { name: 'pager' } },
      ],
    })
    stage.state.measurements = sick.measurements
    await finished('Failed')
    expect(stage.sent.filter(({ channel }) => channel === 'alert').map(({ receiver, severity }) => `${receiver} ${severity}`)).toEqual([
      'ops/chat info',
      'ops/chat info',
      'ops/chat error',
      'test/pager error',
    ])
  })
})
