import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { additiveFields } from '../../src/api/status.ts'
import { routers } from '../../src/routing/registry.ts'
import { sick, successRate } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { template } from '../support/team.ts'

/* Another controller of the field wrote the status while ours was away: what it does not know of is lost. */

let stage: Stage
afterEach(() => stage.stop())

const erase = async (): Promise<void> => {
  const found = stage.object(canaryKind, 'podinfo')
  const kept = Object.entries(found['status'] as object).filter(([name]) => !additiveFields.includes(name))
  stage.api.put({ ...found, status: Object.fromEntries(kept) })
  await stage.calm()
}

const eraseAll = async (): Promise<void> => {
  const { status: _, ...found } = stage.object(canaryKind, 'podinfo')
  stage.api.put(found as KubeObject)
  await stage.calm()
}

const virtualServiceKind = routers.get('istio').kinds.find(({ kind }) => kind === 'VirtualService') ?? canaryKind
const istioRoutes = () => stage.api.storedAll(virtualServiceKind).map(({ kind, metadata }) => `${kind} ${metadata.name}`)

const reach = (state: string): Promise<void> => stage.until(() => stage.status.state === state)

describe('a rollback whose record another controller erased', () => {
  it('goes on until the route is back, before the canary is parked', async () => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.status.canaryWeight === 20)
    stage.state.acceptRoutes = false
    stage.state.measurements = sick.measurements
    await reach('Failed.returning')
    await erase()
    await stage.pass(30)
    expect([stage.status.state, stage.replicas('podinfo')]).toEqual(['Failed.returning', 2])
    stage.state.acceptRoutes = true
    await stage.untilRest('Failed')
    expect([stage.weights, stage.replicas('podinfo')]).toEqual([[100, 0], 0])
  })

  it('takes back the share that the canary still had', async () => {
    const webhooks = [{ name: 'back', type: 'rollback', url: 'http://back' }]
    stage = await createStage({ objects: team({ analysis: { webhooks } }) })
    await stage.untilRest('Initialized')
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await reach('Promoting.sizing')
    stage.state.rolling.add('podinfo-primary podinfo:v1')
    stage.state.hooks = { back: { name: 'back', type: 'rollback', ok: true, message: '', muted: false } }
    await reach('Failed.restoring')
    const { canaryWeight } = stage.status
    await erase()
    stage.state.rolling.clear()
    await stage.untilRest('Failed')
    expect([(canaryWeight ?? 0) > 0, stage.status.canaryWeight, stage.weights]).toEqual([true, 0, [100, 0]])
  })
})

describe('a promotion whose record another controller erased', () => {
  it('copies nothing until there is a target to tell what', async () => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    await reach('Promoting.sizing')
    const target = stage.object(deploymentKind, 'podinfo')
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo' })
    await erase()
    await stage.pass(30)
    expect([stage.status.phase, stage.status.state, stage.status.hold?.reason]).toEqual(['Promoting', 'Promoting.copying', 'TargetMissing'])
    stage.state.rolling.clear()
    stage.api.put(target)
    await stage.untilRest('Succeeded')
    expect([stage.weights, stage.image('podinfo-primary')]).toEqual([[100, 0], 'podinfo:v2'])
  })
})

describe('a failed release whose record another controller erased', () => {
  const fail = async (): Promise<void> => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    stage.state.measurements = sick.measurements
    await stage.release('v2')
    await stage.untilRest('Failed')
  }

  it('stays failed', async () => {
    await fail()
    await erase()
    await stage.untilRest('Failed')
    await stage.pass(60)
    expect([stage.phase, stage.image('podinfo-primary')]).toEqual(['Failed', 'podinfo:v1'])
  })

  it('is said to be returning, once, as long as its target is away', async () => {
    await fail()
    const target = stage.workload('podinfo')
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo' })
    await erase()
    await stage.pass(5)
    stage.api.forgetRequests()
    await stage.pass(200)
    expect([stage.status.state, stage.api.count('updateStatus')]).toEqual(['Failed.returning', 0])
    stage.api.put(target)
    await stage.untilRest('Failed')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('is followed by the release that came meanwhile', async () => {
    await fail()
    stage.state.measurements = [successRate(100)]
    const found = stage.workload('podinfo')
    stage.api.put({ ...found, spec: { ...(found['spec'] as object), template: template('v3') } })
    await erase()
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })
})

describe('a move to another layer whose record another controller erased', () => {
  const serve = async (): Promise<void> => {
    stage = await createStage({ objects: team({ spec: { provider: 'istio' } }) })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.status.canaryWeight === 20)
    stage.state.acceptRoutes = false
    await stage.edit({ provider: 'gatewayapi:v1' })
    await stage.pass(5)
  }

  it.each([
    ['what it does not know of', erase],
    ['all of it', eraseAll],
  ])('ends without the former routes where that was %s', async (_, eraser) => {
    await serve()
    expect(istioRoutes()).toEqual(['VirtualService podinfo'])
    await eraser()
    stage.state.acceptRoutes = true
    await stage.until(() => ['Initialized', 'Succeeded'].includes(stage.phase ?? '') && stage.status.state === undefined)
    await stage.pass(3)
    expect([istioRoutes(), stage.weights, stage.status.inventory]).toEqual([
      [],
      [100, 0],
      [{ routing: 'gatewayapi:v1', service: 'podinfo' }],
    ])
  })
})
