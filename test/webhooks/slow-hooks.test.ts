import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { answer } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const webhooks = [{ name: 'load', type: 'rollout', url: 'http://hooks.test/', timeout: '30m' }]

/** A run in its middle whose load test has been going on for some seconds, and goes on. */
const testing = async (others: readonly KubeObject[] = []): Promise<void> => {
  stage = await createStage({ objects: [...team({ analysis: { webhooks } }), ...others] })
  await stage.untilRest('Initialized')
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === 20)
  stage.state.hooks = { load: 'hang' }
  await stage.pass(15)
}

const calls = () => stage.calls.length

describe('a load test that takes half an hour', () => {
  it('does not keep traffic on a canary that loses its pods', async () => {
    await testing()
    stage.state.broken.add('podinfo')
    await stage.calm()
    expect(stage.weights).toEqual([100, 0])
  })

  it('goes on while the canary loses its pods for a moment', async () => {
    await testing()
    const before = calls()
    stage.state.broken.add('podinfo')
    await stage.pass(5)
    stage.state.broken.clear()
    await stage.pass(5)
    expect([calls(), ...stage.weights]).toEqual([before, 80, 20])
  })

  it('is no reason to end a run whose pods were gone for a moment only', async () => {
    await testing()
    stage.state.broken.add('podinfo')
    await stage.pass(5)
    stage.state.broken.clear()
    await stage.pass(300)
    expect(stage.phase).toBe('Progressing')
  })

  it('is asked once, however often passes come by', async () => {
    await testing()
    const before = calls()
    await stage.scale('podinfo', 3)
    await stage.pass(300)
    expect(calls()).toBe(before)
  })

  it('is called off by a newer revision', async () => {
    await testing()
    stage.state.hooks = {}
    await stage.release('v3')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })

  it('is called off by an edit of the Canary, whose hooks may be others now', async () => {
    await testing()
    stage.state.hooks = {}
    await stage.editAnalysis({ webhooks: [] })
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('is called off by suspension, and asked anew afterwards', async () => {
    await testing()
    const before = calls()
    await stage.edit({ suspend: true })
    await stage.pass(10)
    stage.state.hooks = { load: answer('rollout', true, 'load') }
    await stage.edit({ suspend: false })
    await stage.untilRest('Succeeded')
    expect(calls()).toBeGreaterThan(before)
  })

  it('holds up no deletion', async () => {
    await testing()
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(5)
    expect(stage.api.stored(canaryKind, { namespace: 'test', name: 'podinfo' })).toBeUndefined()
  })
})

describe('many load tests that take half an hour', () => {
  const named = (name: string, objects: readonly KubeObject[]) =>
    objects.map(object => JSON.parse(JSON.stringify(object).replaceAll('"podinfo"', `"${name}"`)) as KubeObject)
  const names = Array.from({ length: 20 }, (_, index) => `busy-${index}`)

  it('leave room for Canaries without one', async () => {
    const gate = [{ ...webhooks[0], type: 'confirm-rollout' }]
    const busy = names.flatMap(name => named(name, team({ analysis: { webhooks: gate } })))
    stage = await createStage({ objects: [...team(), ...busy] })
    await stage.untilRest('Initialized')
    stage.state.hooks = { load: 'hang' }
    for (const name of names) await stage.release('v2', {}, name)
    await stage.pass(2)
    expect(stage.calls).toHaveLength(names.length)
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})
