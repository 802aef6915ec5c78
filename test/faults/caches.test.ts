import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind, serviceKind } from '../../src/api/kinds.ts'
import { sick } from '../support/builders.ts'
import { createStage, httpRouteKind, type Stage } from '../support/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
  await stage.untilRest('Initialized')
})
afterEach(() => stage.stop())

const atWeight = async (weight: number): Promise<void> => {
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
}

const mute = (kind?: string) => {
  for (const watch of stage.api.watches(kind)) watch.mute()
}

describe('caches that lag behind our own writes', () => {
  it('do not make a pass decide on what was before', async () => {
    await atWeight(20)
    mute('Canary')
    mute('HTTPRoute')
    await stage.pass(11)
    expect(stage.status.canaryWeight).toBe(40)
    expect(stage.api.count('updateStatus')).toBeLessThan(40)
  })

  it('do not make us write the same again', async () => {
    await atWeight(20)
    mute()
    stage.api.forgetRequests()
    await stage.pass(11)
    expect(stage.api.count('apply', 'HTTPRoute')).toBeLessThanOrEqual(1)
  })

  it('catch up when the watch is found to be dead', async () => {
    await stage.edit({ progressDeadlineSeconds: 600 })
    await atWeight(20)
    mute()
    await stage.untilRest('Succeeded', 900)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

describe.each(['Deployment', 'HTTPRoute', 'Canary', 'Service', 'ControllerRevision'])('a watch of %s that breaks at every turn', kind => {
  it('delays the rollout and changes nothing else', async () => {
    await stage.release('v2')
    await stage.until(() => {
      for (const watch of stage.api.watches(kind)) watch.break()
      return stage.phase === 'Succeeded'
    }, 900)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

describe('an object that goes', () => {
  it.each([
    [serviceKind, 'podinfo'],
    [serviceKind, 'podinfo-primary'],
    [serviceKind, 'podinfo-canary'],
    [httpRouteKind, 'podinfo'],
  ])('%s %s right after we wrote it comes back', async (kind, name) => {
    await atWeight(20)
    stage.api.drop(kind, { namespace: 'test', name })
    await stage.calm()
    stage.api.drop(kind, { namespace: 'test', name })
    await stage.calm()
    expect(stage.object(kind, name)).toBeDefined()
    expect(stage.weights).toEqual([80, 20])
  })

  it('is noticed although the watch never told: the next list shows it', async () => {
    mute('Service')
    stage.api.drop(serviceKind, { namespace: 'test', name: 'podinfo-canary' })
    await stage.pass(200)
    expect(stage.object(serviceKind, 'podinfo-canary')).toBeDefined()
  })

  it('the target in mid-run: its traffic goes back at once, and the rollout has failed', async () => {
    await atWeight(20)
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo' })
    await stage.calm()
    expect(stage.weights).toEqual([100, 0])
    expect(stage.phase).toBe('Failed')
    expect(stage.status.failure?.reason).toBe('TargetMissing')
    expect(stage.sent.map(({ message }) => message)).toContainEqual(expect.stringContaining('Target is missing'))
  })

  it('the target while nothing runs: the primary serves on, and a condition says so', async () => {
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(5)
    expect(stage.condition('Stalled')).toMatchObject({ status: 'True', reason: 'TargetMissing' })
    stage.api.drop(httpRouteKind, { namespace: 'test', name: 'podinfo' })
    await stage.calm()
    expect(stage.weights).toEqual([100, 0])
  })

  it('the target during a promotion: the promotion is finished from the pin', async () => {
    await atWeight(40)
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo' })
    stage.state.broken.clear()
    await stage.until(() => stage.phase === 'Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('the primary and its pin: nothing is made up, until a new revision is there to build from', async () => {
    stage.state.measurements = sick.measurements
    await stage.release('v2')
    await stage.untilRest('Failed')
    const pin = stage.status.promoted?.name ?? ''
    const revisions = { apiVersion: 'apps/v1', kind: 'ControllerRevision', plural: 'controllerrevisions', namespaced: true }
    stage.api.drop(revisions, { namespace: 'test', name: pin })
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.pass(5)
    expect(stage.status.hold).toMatchObject({ reason: 'PinMissing' })
    await stage.release('v3')
    await stage.untilRest('Initialized')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })
})

describe('a Canary that is deleted and made again under the same name', () => {
  const remake = () => {
    const { metadata, ...canary } = stage.object(canaryKind, 'podinfo')
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    const { uid: _, resourceVersion: __, creationTimestamp: ___, ...kept } = metadata
    stage.api.put({ ...canary, metadata: kept, status: {} })
  }

  it('in mid-run begins anew, whatever the old one was doing', async () => {
    await atWeight(20)
    const before = stage.object(canaryKind, 'podinfo').metadata.uid
    remake()
    await stage.untilRest('Initialized')
    expect(stage.object(canaryKind, 'podinfo').metadata.uid).not.toBe(before)
    expect(stage.object(deploymentKind, 'podinfo-primary').metadata.ownerReferences?.[0]?.uid).not.toBe(before)
  })

  it('while its hooks are asked takes none of their answers', async () => {
    stage.state.hooks = {}
    await atWeight(20)
    remake()
    await stage.pass(11)
    expect(stage.status.failedChecks).toBe(0)
  })
})

describe('an old leader that does not know that it is none', () => {
  it('writes nothing over what the new one wrote', async () => {
    await atWeight(20)
    for (const watch of stage.api.watches()) watch.mute() // it sees nothing any more
    const another = stage.startAnother()
    await stage.pass(30)
    expect(['Promoting', 'Finalising', 'Succeeded']).toContain(stage.phase)
    await stage.untilRest('Succeeded', 600)
    another.stop()
  })
})

describe('a clock that is set', () => {
  it.each([3_600_000, -3_600_000, 315_360_000_000, -315_360_000_000])('by %i ms makes no step come early', async jumpMs => {
    await atWeight(20)
    const sinceMs = stage.clock.monotonicMs()
    stage.clock.jumpWall(jumpMs)
    stage.monitor.allow('S9') // its times are those of the clock that jumps
    await stage.until(() => stage.weights[1] === 40, 30)
    expect(stage.clock.monotonicMs() - sinceMs).toBeGreaterThan(jumpMs > 0 ? 0 : 8999)
  })

  it.each([3_600_000, -3_600_000, -315_360_000_000])('by %i ms holds up no rollout for ever', async jumpMs => {
    await atWeight(20)
    stage.clock.jumpWall(jumpMs)
    stage.monitor.allow('S9')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})
