import { afterEach, describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { sick, successRate } from '../support/builders.ts'
import { atWeight, largeStage, scaledStage, scaledTeam, scaler, twinOf } from '../support/scaled-team.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { template } from '../support/team.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

describe('the size that the primary has when a rollout begins', () => {
  it('is recorded before anything is done', async () => {
    stage = await largeStage()
    await atWeight(stage, 20)
    expect(stage.status.capacity).toMatchObject({ primary: 10 })
  })

  it('is kept when somebody scales the primary down in mid-run', async () => {
    stage = await largeStage()
    await atWeight(stage, 20)
    await stage.scale('podinfo-primary', 3)
    await stage.pass(2)
    expect(stage.replicas('podinfo-primary')).toBe(10)
  })

  it('is kept through a restart with a newer revision', async () => {
    stage = await scaledStage()
    await atWeight(stage, 20)
    stage.state.load = { podinfo: 9 }
    await stage.release('v3')
    await stage.until(() => stage.weights[1] === 40)
    expect([stage.replicas('podinfo-primary'), twinOf(stage).minReplicas]).toEqual([10, 10])
  })

  it('is what the primary is rebuilt with when somebody deletes it in mid-run', async () => {
    stage = await largeStage()
    await atWeight(stage, 20)
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.pass(2)
    expect(stage.replicas('podinfo-primary')).toBe(10)
  })

  it('is the floor of its scaler until a rollback is over, and no longer', async () => {
    stage = await scaledStage()
    await atWeight(stage, 20)
    stage.state.load = { podinfo: 4 }
    await stage.pass(3)
    expect([stage.replicas('podinfo-primary'), twinOf(stage).minReplicas]).toEqual([10, 10])
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    await stage.pass(2)
    expect([twinOf(stage).minReplicas, stage.replicas('podinfo-primary'), stage.status.capacity]).toEqual([2, 2, undefined])
  })

  it('is given back when the target returns to the promoted revision', async () => {
    stage = await scaledStage()
    await atWeight(stage, 20)
    await stage.release('v1')
    await stage.untilRest('Succeeded')
    await stage.pass(2)
    expect(twinOf(stage).minReplicas).toBe(2)
  })

  it('is held by nobody where the capacity rules are off', async () => {
    stage = await scaledStage({ spec: { skipCapacity: true } })
    await atWeight(stage, 20)
    stage.state.load = {}
    await stage.pass(2)
    expect([twinOf(stage).minReplicas, stage.status.capacity]).toEqual([2, undefined])
  })
})

describe('a target that Git declares smaller', () => {
  it('makes the primary smaller only when the promotion is over', async () => {
    stage = await largeStage()
    const found = stage.object(deploymentKind, 'podinfo')
    stage.api.put({ ...found, spec: { ...(found['spec'] as Fields), replicas: 4, template: template('v2') } })
    await stage.calm()
    await stage.untilRest('Succeeded')
    const sizes = stage.api.requests
      .filter(({ verb, kind }) => verb === 'apply' && kind === deploymentKind.kind)
      .map(({ body }) => (body as { spec: { replicas: number } }).spec.replicas)
    expect([...new Set(sizes)]).toEqual([10, 4])
  })

  it('is not taken for one when it is the size that an earlier rollout left', async () => {
    stage = await largeStage({ analysis: { stepWeight: 30, maxWeight: 60 } })
    const found = stage.object(deploymentKind, 'podinfo')
    stage.api.put({ ...found, spec: { ...(found['spec'] as Fields), replicas: 4, template: template('v2') } })
    await stage.calm()
    await stage.until(() => stage.replicas('podinfo') === 6)
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.state === 'Failed.parking')
    stage.state.measurements = [successRate(100)]
    await stage.release('v3')
    await stage.untilRest('Succeeded')
    expect(stage.replicas('podinfo-primary')).toBe(10)
  })
})

describe('a step', () => {
  it('waits for as many pods as its share of the traffic needs, and says how many are missing', async () => {
    stage = await largeStage({ analysis: { canaryReadyThreshold: 50, stepWeight: 60, maxWeight: 60 } })
    stage.state.readyPods = { podinfo: 2 }
    await stage.release('v2')
    await stage.pass(25)
    expect([...stage.weights]).toEqual([100, 0])
    expect(stage.status.hold?.message).toContain('2 of 10')
    stage.state.readyPods = {}
    await stage.until(() => stage.weights[1] === 60)
  })

  it('is prepared for one interval ahead: the scaled target gets the pods of the next share once', async () => {
    stage = await scaledStage()
    await atWeight(stage, 20)
    await stage.pass(1)
    expect([stage.replicas('podinfo'), stage.status.capacity?.canary]).toEqual([
      4,
      expect.objectContaining({ share: 40, pods: 4, sized: true }),
    ])
  })

  it('sizes a target that has a scaler through its scale subresource, once for each step', async () => {
    stage = await scaledStage()
    stage.api.forgetRequests()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.pass(5)
    const patches = stage.api.requests.filter(({ verb, kind }) => verb === 'patch' && kind === deploymentKind.kind).map(({ body }) => body)
    const sized = patches.filter(body => (body as { subresource?: string }).subresource === 'scale')
    expect(sized).toMatchObject([{ body: { spec: { replicas: 2 } } }, { body: { spec: { replicas: 4 } } }])
  })

  it('waits for pods that are slow, while the one before it goes on being judged', async () => {
    stage = await scaledStage()
    stage.state.readyPods = { podinfo: 2 }
    await atWeight(stage, 20)
    await stage.pass(25)
    expect([...stage.weights, stage.status.hold?.reason]).toEqual([80, 20, 'CapacityMissing'])
    expect(stage.status.hold?.message).toContain('waiting for 2 more ready pods of podinfo: 40% of the traffic needs 4, 2 ready')
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.phase === 'Failed', 30)
    expect(stage.status.failure?.reason).toBe('MetricOutOfRange')
  })

  it('that never gets its pods ends at the deadline, with the traffic on the primary', async () => {
    stage = await scaledStage()
    stage.state.readyPods = { podinfo: 2 }
    await atWeight(stage, 20)
    await stage.untilRest('Failed')
    expect(stage.status.failure).toMatchObject({
      reason: 'ProgressDeadlineExceeded',
      message: expect.stringContaining('40% of the traffic needs 4'),
    })
    expect([...stage.weights, stage.replicas('podinfo-primary')]).toEqual([100, 0, 10])
  })

  it('takes no pods of the version before for those of the next, while their controller has not seen it', async () => {
    stage = await createStage({ objects: scaledTeam({ replicas: 2 }), drainMs: 60_000 })
    await stage.until(() => stage.status.state === 'Initialized.parking')
    stage.state.unseen.add('podinfo')
    await stage.release('v2')
    await stage.pass(20)
    expect([stage.status.state, ...stage.weights]).toEqual(['Progressing.scaling', 100, 0])
    stage.state.unseen.clear()
    await stage.untilRest('Succeeded')
  })

  it('goes on with what the scaler wants when that takes pods away again', async () => {
    stage = await scaledStage()
    await atWeight(stage, 20)
    await stage.pass(1)
    stage.state.load = { 'podinfo-primary': 10, podinfo: 3 }
    await stage.until(() => stage.weights[1] === 40, 30)
    expect([stage.replicas('podinfo'), stage.status.capacity?.limited]).toEqual([3, true])
    expect(stage.events().filter(text => text.includes('scaler')).length).toBe(1)
  })

  it('waits where the API server refuses the pods, whatever the scaler would say', async () => {
    let isRefused = false
    stage = await createStage({
      objects: scaledTeam(),
      onCall: ({ verb, name }) =>
        isRefused && verb === 'patch' && name === 'podinfo' && stage.status.canaryWeight === 20 ? 'fails' : undefined,
    })
    await stage.untilRest('Initialized')
    stage.state.load = { 'podinfo-primary': 10, podinfo: 'as it is' }
    await stage.pass(3)
    isRefused = true
    await atWeight(stage, 20)
    await stage.pass(45)
    expect([...stage.weights, stage.status.hold?.reason]).toEqual([80, 20, 'DeferredWrite'])
    isRefused = false
    await stage.untilRest('Succeeded')
  })

  it('asks for no more pods than the scaler allows', async () => {
    stage = await scaledStage({ analysis: { stepWeight: 50, maxWeight: 100 } }, { maxReplicas: 10 })
    stage.api.put(scaler({ maxReplicas: 6 }))
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    const asked = stage.api.requests.flatMap(({ verb, key, body }) =>
      verb === 'patch' && key.name === 'podinfo'
        ? [...JSON.stringify(body).matchAll(/"replicas":(\d+)/g)].map(([, pods]) => Number(pods))
        : [],
    )
    expect([stage.replicas('podinfo-primary'), Math.max(...asked)]).toEqual([6, 6])
    expect(stage.events().filter(text => text.includes('the scaler of the primary of podinfo.test allows 6 pods where 10'))).toHaveLength(1)
  })
})

describe('a track that gets no requests any more', () => {
  const cancelled = async (spec: Fields): Promise<void> => {
    stage = await largeStage({ spec }, { drainMs: 15_000 })
    await atWeight(stage, 20)
    stage.state.acceptRoutes = false
    await stage.release('v1')
    await stage.pass(40)
    expect([stage.phase, stage.status.hold?.reason, stage.replicas('podinfo')]).toEqual(['Finalising', 'RouteNotAccepted', 10])
    stage.state.acceptRoutes = true
    await stage.pass(1)
  }

  it('keeps its pods for the drain time from when the route that leaves it out was accepted', async () => {
    await cancelled({})
    await stage.pass(13)
    expect(stage.replicas('podinfo')).toBe(10)
    await stage.pass(6)
    expect(stage.replicas('podinfo')).toBe(0)
  })

  it('keeps them as long as a request may take, where that is longer', async () => {
    await cancelled({ service: { port: 9898, gatewayRefs: [{ name: 'gateway', namespace: 'test' }], timeout: '1m' } })
    await stage.pass(57)
    expect(stage.replicas('podinfo')).toBe(10)
    await stage.pass(6)
    expect(stage.replicas('podinfo')).toBe(0)
  })

  it('keeps them as long as the Canary says', async () => {
    await cancelled({ drain: '3s' })
    await stage.pass(6)
    expect(stage.replicas('podinfo')).toBe(0)
  })

  it('keeps them through a crash in the middle of it', async () => {
    await cancelled({})
    await stage.pass(6)
    await stage.restart()
    await stage.pass(7)
    expect(stage.replicas('podinfo')).toBe(10)
    await stage.pass(6)
    expect(stage.replicas('podinfo')).toBe(0)
  })
})

describe('the share that a canary is taken to get', () => {
  const sizedAt = async (analysis: Fields): Promise<unknown> => {
    stage = await scaledStage({ analysis })
    await stage.release('v2')
    await stage.until(() => stage.weights[1] !== 0 || stage.status.mirrored === true || (stage.status.iterations ?? 0) > 0)
    return stage.replicas('podinfo')
  }
  const match = [{ headers: { 'x-insider': { exact: 'yes' } } }]

  it.each([
    ['all of the traffic while it is copied', { mirror: true }, 10],
    ['as much of it as is copied', { mirror: true, mirrorWeight: 70 }, 7],
    ['all of it in an A/B test, because nobody knows how many requests match', { iterations: 2, stepWeight: 0, match }, 10],
    ['all of it in blue/green, before its last iteration', { iterations: 2, stepWeight: 0 }, 10],
    ['what the steps say', { stepWeight: 30, maxWeight: 30 }, 3],
  ])('is %s', async (_, analysis, pods) => {
    expect(await sizedAt(analysis)).toBe(pods)
    await stage.untilRest('Succeeded')
  })
})

describe('a target without a scaler that is not parked when a rollout begins', () => {
  it('is given pods only as far as the next share needs more than it has', async () => {
    stage = await largeStage()
    const found = stage.object(deploymentKind, 'podinfo')
    stage.api.put({ ...found, spec: { ...(found['spec'] as Fields), replicas: 3, template: template('v2') } })
    await stage.calm()
    await stage.until(() => stage.weights[1] === 20)
    expect(stage.replicas('podinfo')).toBe(4)
  })
})
