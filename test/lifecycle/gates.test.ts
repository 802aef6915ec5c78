import { afterEach, describe, expect, it } from 'vitest'
import { controllerRevisionKind, deploymentKind } from '../../src/api/kinds.ts'
import { readStatus } from '../../src/api/status.ts'
import type { HookType } from '../../src/api/webhook.ts'
import { answer, sick } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { alerts, asked, phases, told } from './trail.ts'

let stage: Stage
afterEach(() => stage.stop())

type Fields = Readonly<Record<string, unknown>>
type Gate = Extract<HookType, `confirm-${string}`>

const released = async (type: Gate, { gate = {}, also = [] }: { gate?: Fields; also?: readonly HookType[] } = {}): Promise<void> => {
  const hook = (name: string, kind: string) => ({ name, type: kind, url: `http://hooks.test/${name}` })
  const webhooks = [{ ...hook('gate', type), ...gate }, hook('event', 'event'), ...also.map(kind => hook(kind, kind))]
  stage = await createStage({ objects: team({ analysis: { webhooks } }) })
  await stage.untilRest('Initialized')
  stage.state.hooks = { gate: { ...answer(type, false, 'gate'), muted: gate['muteAlert'] === true } }
  stage.api.forgetRequests()
  await stage.release('v2')
}

const waiting = () => alerts(stage).filter(text => text.includes('waiting for approval'))

describe('a closed confirm-rollout gate', () => {
  it('keeps the target parked, in Waiting', async () => {
    await released('confirm-rollout')
    await stage.pass(60)
    expect([stage.phase, stage.replicas('podinfo'), ...stage.weights]).toEqual(['Waiting', 0, 100, 0])
    expect(told(stage).filter(text => text.includes('Halt'))).toEqual(['Waiting: Halt podinfo.test advancement waiting for approval gate'])
    expect(waiting()).toEqual(['warn: Canary is waiting for approval.'])
  })

  it('is asked with the phase Waiting from then on, once in each interval', async () => {
    await released('confirm-rollout')
    await stage.until(() => stage.phase === 'Waiting')
    const before = stage.calls.length
    await stage.pass(30)
    expect(asked(stage).slice(before)).toEqual(['gate Waiting', 'gate Waiting', 'gate Waiting'])
  })

  it('has what people may call it off with asked once an interval while the target is missing, which no answer takes back', async () => {
    await released('confirm-rollout', { also: ['rollback'] })
    stage.state.hooks = { ...stage.state.hooks, rollback: answer('rollback', false, 'rollback') }
    await stage.until(() => stage.phase === 'Waiting')
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo' })
    await stage.until(() => stage.status.hold?.reason === 'TargetMissing')
    await stage.pass(10)
    stage.api.forgetRequests()
    const before = stage.calls.length
    await stage.pass(30)
    const recorded = stage.api.requests
      .filter(({ verb }) => verb === 'updateStatus')
      .map(({ body }) => readStatus((body as Fields)['status']))
    expect(recorded.map(({ hold }) => hold?.reason)).toEqual(['TargetMissing', 'TargetMissing', 'TargetMissing'])
    expect(asked(stage).slice(before)).toEqual(['rollback Waiting', 'rollback Waiting', 'rollback Waiting'])
  })

  it('leads straight to Progressing when it opens', async () => {
    await released('confirm-rollout')
    await stage.until(() => stage.phase === 'Waiting')
    stage.state.hooks = {}
    await stage.until(() => stage.phase === 'Progressing')
    expect(phases(stage).slice(0, 2)).toEqual(['Waiting 0', 'Progressing 0'])
  })

  it('is no reason not to ask rollback hooks', async () => {
    await released('confirm-rollout', { also: ['rollback'] })
    await stage.until(() => stage.phase === 'Waiting')
    stage.state.hooks = { ...stage.state.hooks, rollback: answer('rollback', true, 'rollback') }
    await stage.untilRest('Failed')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('is followed by nothing when the target goes back to what is promoted', async () => {
    await released('confirm-rollout')
    await stage.until(() => stage.phase === 'Waiting')
    await stage.release('v1')
    await stage.untilRest('Succeeded')
    expect(stage.replicas('podinfo')).toBe(0)
  })
})

describe('a revision that waits at its gate', () => {
  it('is built from when the primary is gone and nothing is left to rebuild it from', async () => {
    await released('confirm-rollout')
    await stage.pass(5)
    for (const { metadata } of stage.api.storedAll(controllerRevisionKind))
      stage.api.drop(controllerRevisionKind, { namespace: 'test', name: metadata.name })
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.until(() => stage.phase === 'Initialized')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
    expect(alerts(stage).some(text => text.includes('podinfo-primary.test is gone'))).toBe(true)
  })
})

describe('a closed confirm-traffic-increase gate', () => {
  it('holds the weight and counts nothing; it is told and alerted once', async () => {
    await released('confirm-traffic-increase')
    await stage.pass(100)
    expect([stage.phase, stage.status.failedChecks, ...stage.weights]).toEqual(['Progressing', 0, 100, 0])
    expect(waiting()).toEqual(['warn: Canary traffic increase is waiting for approval.'])
  })

  it('holds the weight in the middle of the ramp, and lets it grow when it opens', async () => {
    const closed = { gate: answer('confirm-traffic-increase', false, 'gate') }
    await released('confirm-traffic-increase')
    stage.state.hooks = {}
    await stage.until(() => stage.weights[1] === 20)
    stage.state.hooks = closed
    await stage.pass(60)
    expect([stage.phase, stage.status.failedChecks, ...stage.weights]).toEqual(['Progressing', 0, 80, 20])
    stage.state.hooks = {}
    await stage.until(() => stage.weights[1] === 40)
  })
})

describe('a hook that said yes', () => {
  it('is not asked again at its step, however long a gate beside it stays closed', async () => {
    await released('confirm-traffic-increase', { also: ['pre-rollout'] })
    await stage.pass(60)
    expect(asked(stage).filter(text => text.startsWith('pre-rollout'))).toHaveLength(1)
    expect(asked(stage).filter(text => text.startsWith('gate ')).length).toBeGreaterThan(4)
  })
})

describe('a closed confirm-promotion gate', () => {
  it('keeps the true weight in status and route', async () => {
    await released('confirm-promotion')
    await stage.until(() => stage.phase === 'WaitingPromotion')
    expect([stage.status.canaryWeight, stage.status.iterations, ...stage.weights]).toEqual([40, 0, 60, 40])
    expect(waiting()).toEqual(['warn: Canary promotion is waiting for approval.'])
  })

  it('does not keep checks from being asked: a failing canary is rolled back', async () => {
    await released('confirm-promotion')
    await stage.until(() => stage.phase === 'WaitingPromotion')
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect(stage.weights).toEqual([100, 0])
  })

  it('has no deadline', async () => {
    await released('confirm-promotion')
    await stage.until(() => stage.phase === 'WaitingPromotion')
    await stage.pass(150)
    expect(stage.phase).toBe('WaitingPromotion')
  })

  it('leads to the promotion when it opens', async () => {
    await released('confirm-promotion')
    await stage.until(() => stage.phase === 'WaitingPromotion')
    stage.state.hooks = {}
    await stage.untilRest('Succeeded')
    expect(phases(stage)).toEqual([
      'Progressing 0',
      'Progressing 20',
      'Progressing 40',
      'WaitingPromotion 40',
      'Promoting 40',
      'Promoting 0',
      'Finalising 0',
      'Succeeded 0',
    ])
  })

  it('lets weights grow only past a gate of their own, where the strategy is changed meanwhile', async () => {
    const webhooks = ['confirm-promotion', 'confirm-traffic-increase'].map(type => ({ name: type, type, url: `http://hooks.test/${type}` }))
    const objects = team({ analysis: { webhooks, iterations: 1, stepWeight: undefined, maxWeight: undefined } })
    stage = await createStage({ objects })
    await stage.untilRest('Initialized')
    const closed = (type: Gate) => answer(type, false, type)
    stage.state.hooks = { 'confirm-promotion': closed('confirm-promotion'), 'confirm-traffic-increase': closed('confirm-traffic-increase') }
    await stage.release('v2')
    await stage.until(() => stage.phase === 'WaitingPromotion')
    await stage.editAnalysis({ iterations: undefined, stepWeight: 20, maxWeight: 40 })
    stage.state.hooks = { 'confirm-traffic-increase': closed('confirm-traffic-increase') }
    await stage.pass(30)
    expect([stage.phase, ...stage.weights]).toEqual(['WaitingPromotion', 100, 0])
    stage.state.hooks = {}
    await stage.untilRest('Succeeded')
  })

  it('gives way to a newer revision', async () => {
    await released('confirm-promotion')
    await stage.until(() => stage.phase === 'WaitingPromotion')
    await stage.release('v3')
    await stage.until(() => stage.phase === 'Progressing')
    expect(stage.status.analysed?.hash).not.toBe(stage.status.promoted?.hash)
    await stage.until(() => stage.phase === 'WaitingPromotion')
  })
})

describe('a gate that is muted', () => {
  it.each(['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion'] as const)('%s alerts nobody', async type => {
    await released(type, { gate: { muteAlert: true } })
    await stage.pass(60)
    expect(stage.status.hold?.reason).toBe('GateClosed')
    expect(alerts(stage).filter(text => text.startsWith('warn'))).toEqual([])
  })
})
