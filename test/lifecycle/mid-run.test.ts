import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deploymentKind, serviceKind } from '../../src/api/kinds.ts'
import { sick, successRate } from '../support/builders.ts'
import { createStage, httpRouteKind, type Stage, type StageOptions, team } from '../support/stage.ts'
import { alerts, asked, phases, told } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const webhooks = ['event', 'confirm-rollout', 'pre-rollout'].map(type => ({ name: type, type, url: `http://hooks.test/${type}` }))

const atWeight = async (weight: number, options: StageOptions = {}): Promise<void> => {
  stage = await createStage({ objects: team({ analysis: { webhooks, maxWeight: 60 } }), ...options })
  await stage.untilRest('Initialized')
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
}

const ruleOf = (): Fields => {
  const { rules } = stage.object(httpRouteKind, 'podinfo')['spec'] as { readonly rules: readonly Fields[] }
  return rules[0] ?? {}
}

/** Changes fields of `spec.service`. */
const editService = (service: Fields) =>
  stage.edit({ service: { port: 9898, gatewayRefs: [{ name: 'gateway', namespace: 'test' }], hosts: ['podinfo.example'], ...service } })

describe('a newer revision in mid-run', () => {
  beforeEach(async () => {
    await atWeight(40)
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.failedChecks === 1)
    stage.state.measurements = []
    stage.api.forgetRequests()
    stage.calls.length = 0
    stage.sent.length = 0
    await stage.release('v3')
  })

  it('takes all traffic back and counts anew before it goes on', async () => {
    const [first] = stage.api.requests.filter(({ verb }) => verb === 'updateStatus')
    expect(first?.body).toMatchObject({ status: { phase: 'Progressing', canaryWeight: 0, failedChecks: 0, iterations: 0 } })
    await stage.untilRest('Succeeded')
    expect(phases(stage).slice(0, 2)).toEqual(['Progressing 0', 'Progressing 20'])
  })

  it('is told as a restart, without an alert and without the gate of its start', async () => {
    await stage.until(() => stage.weights[1] === 20)
    expect(told(stage)[0]).toBe('Progressing: New revision detected! Restarting analysis for podinfo.test')
    expect(alerts(stage)).toEqual([])
    expect(asked(stage)).toEqual(['pre-rollout Progressing'])
  })
})

describe('the promoted revision in mid-run', () => {
  it('ends the run: nothing is analysed twice', async () => {
    await atWeight(20)
    await stage.release('v1')
    await stage.untilRest('Succeeded')
    await stage.pass(60)
    expect([stage.phase, stage.replicas('podinfo'), stage.image('podinfo-primary')]).toEqual(['Succeeded', 0, 'podinfo:v1'])
    expect(stage.status.lastAppliedSpec).toBe(stage.status.lastPromotedSpec)
  })

  it('does not swallow the one that was called off, should it come back', async () => {
    await atWeight(20)
    await stage.release('v1')
    await stage.untilRest('Succeeded')
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

describe('an edit of the Canary in mid-run', () => {
  beforeEach(() => atWeight(20))

  it('of its route keeps the weights', async () => {
    await editService({ timeout: '5s' })
    expect([ruleOf()['timeouts'], stage.weights]).toEqual([{ request: '5s' }, [80, 20]])
  })

  it('is taken back when the spec no longer says it', async () => {
    await editService({ timeout: '5s' })
    await editService({})
    expect([ruleOf()['timeouts'], stage.weights]).toEqual([undefined, [80, 20]])
  })

  it('of its ladder goes on with the next weight above the present one', async () => {
    await stage.editAnalysis({ stepWeight: undefined, maxWeight: undefined, stepWeights: [5, 33] })
    await stage.until(() => stage.weights[1] !== 20)
    expect(stage.weights).toEqual([67, 33])
  })

  it('of its interval does not bring the next step forward', async () => {
    await stage.editAnalysis({ interval: '30s' })
    await stage.pass(9)
    await stage.editAnalysis({ interval: '10s' })
    expect(stage.weights).toEqual([80, 20])
  })

  it('of the bounds of a metric or its threshold keeps the weights', async () => {
    await stage.editAnalysis({ threshold: 7, metrics: [{ name: 'request-success-rate', thresholdRange: { min: 90 }, interval: '1m' }] })
    expect([stage.status.canaryWeight, stage.weights]).toEqual([20, [80, 20]])
    await stage.until(() => stage.weights[1] === 40)
  })

  it('of its threshold, to what its failed checks come to, ends the run at the next step however good that is', async () => {
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.failedChecks === 1)
    stage.state.measurements = [successRate(100)]
    await stage.editAnalysis({ threshold: 1 })
    await stage.untilRest('Failed')
    expect([stage.status.failure?.message, ...stage.weights]).toEqual([expect.stringContaining('the threshold was lowered'), 100, 0])
  })

  it('of an interval that was very long lets the next step come after one that is short', async () => {
    await stage.editAnalysis({ interval: '10h' })
    await stage.until(() => stage.weights[1] === 40)
    await stage.editAnalysis({ interval: '10s' })
    await stage.until(() => stage.weights[1] === 60, 15)
  })

  it('of its Service ports is followed by all three Services', async () => {
    await editService({ portName: 'grpc' })
    const names = ['podinfo', 'podinfo-primary', 'podinfo-canary'].map(name => {
      const { ports } = stage.object(serviceKind, name)['spec'] as { readonly ports: readonly { readonly name: string }[] }
      return ports.map(port => port.name)
    })
    expect(names).toEqual([['grpc'], ['grpc'], ['grpc']])
  })
})

describe('a Service that somebody edits in mid-run', () => {
  it.each(['podinfo', 'podinfo-primary', 'podinfo-canary'])('is put right: %s', async name => {
    await atWeight(20)
    const found = stage.object(serviceKind, name)
    const ports = [{ name: 'http', port: 8080, targetPort: 8080, protocol: 'TCP' }]
    stage.api.put({ ...found, spec: { ...(found['spec'] as Fields), ports, selector: { app: 'other' } } })
    await stage.pass(1)
    expect(stage.object(serviceKind, name)['spec']).toEqual(found['spec'])
  })
})

describe('a Canary that is suspended in mid-run', () => {
  beforeEach(async () => {
    await atWeight(20)
    await stage.edit({ suspend: true })
  })

  it('keeps its weights, says so once, and repairs nothing', async () => {
    stage.api.drop(serviceKind, { namespace: 'test', name: 'podinfo-canary' })
    await stage.pass(60)
    expect(stage.weights).toEqual([80, 20])
    expect(told(stage).filter(text => text.includes('suspended'))).toEqual(['Progressing: skipping canary run as object is suspended'])
    expect(stage.api.stored(serviceKind, { namespace: 'test', name: 'podinfo-canary' })).toBeUndefined()
  })

  it('goes on from its weights afterwards, however long that was', async () => {
    await stage.pass(300)
    await stage.edit({ suspend: false })
    expect(stage.phase).toBe('Progressing')
    await stage.untilRest('Succeeded')
    expect(phases(stage)).not.toContain('Failed 0')
  })

  it('sees afterwards what changed meanwhile', async () => {
    await stage.release('v3')
    await stage.pass(30)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
    await stage.edit({ suspend: false })
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })
})

describe('a Canary that is new and suspended', () => {
  it('is Initializing, and touches nothing', async () => {
    stage = await createStage({ objects: team({ spec: { suspend: true } }) })
    await stage.pass(30)
    expect([stage.phase, stage.replicas('podinfo')]).toEqual(['Initializing', 2])
    expect(stage.api.stored(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })).toBeUndefined()
  })
})

describe('a primary without any pod', () => {
  it('gets nobody from the old pods of a canary that is rolled to a newer revision', async () => {
    await atWeight(40)
    stage.state.broken.add('podinfo-primary')
    await stage.scale('podinfo-primary', 3)
    expect(stage.weights).toEqual([0, 100])
    stage.state.rolling.add('podinfo podinfo:v3')
    await stage.release('v3')
    await stage.pass(5)
    expect(stage.weights).toEqual([0, 100])
    stage.state.broken.clear()
    await stage.pass(5)
    expect(stage.weights).toEqual([100, 0])
    stage.state.rolling.clear()
    await stage.untilRest('Succeeded')
  })
})

describe('a primary that is not ready', () => {
  it('holds a new revision back while it has no pod', async () => {
    stage = await createStage()
    await stage.untilRest('Initialized')
    stage.state.broken.add('podinfo-primary')
    await stage.calm()
    await stage.release('v2')
    await stage.pass(30)
    expect(stage.weights).toEqual([100, 0])
    stage.state.broken.clear()
    await stage.untilRest('Succeeded')
  })
})
