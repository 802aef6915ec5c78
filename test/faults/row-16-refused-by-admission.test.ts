import { describe, expect, it } from 'vitest'
import { KubeError } from '../../src/kube/errors.ts'
import { team } from '../support/stage.ts'
import { atWeight, initialized, promoted, raised, standing } from './on-stage.ts'

const refusal = new KubeError('Invalid', 'apply httproutes test/podinfo: 422 Invalid: admission webhook "policy.test" denied the request')
const refusedRoute = { verb: 'apply', kind: 'HTTPRoute', with: refusal } as const

describe('an admission webhook that refuses the route', () => {
  it('leaves the weight as it is, and people read in condition and event who refused', async () => {
    const stage = await atWeight(20)
    stage.api.fault({ ...refusedRoute, times: 1000 })
    await stage.until(() => stage.status.hold !== undefined)
    expect(stage.weights).toEqual([80, 20])
    expect(stage.status.hold).toMatchObject({ reason: 'DeferredWrite', message: expect.stringContaining('policy.test') })
    expect(stage.condition('Ready')?.message).toContain('policy.test')
    expect(stage.events()).toContainEqual(expect.stringContaining('policy.test'))
  })

  it('is asked again, because nobody tells when it changes its mind', async () => {
    const stage = await atWeight(20)
    stage.api.fault({ ...refusedRoute, times: 4 })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('ends the rollout with its deadline when it stays', async () => {
    const stage = await atWeight(20)
    stage.api.fault({ ...refusedRoute, times: 1000 })
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure).toMatchObject({ message: expect.stringContaining('policy.test') })
    expect(stage.weights).toEqual([80, 20])
  })
})

describe('a refusal', () => {
  it('during initialization is tried again until the right is granted, with no deadline', async () => {
    const stage = await raised({ objects: [] })
    stage.api.fault({ verb: 'apply', kind: 'Deployment', with: 'Forbidden', times: 12 })
    for (const object of team()) stage.api.put(object)
    await stage.until(() => stage.status.hold?.reason === 'DeferredWrite')
    await stage.untilRest('Initialized', 900)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('of the status never ends the work on a Canary', async () => {
    const stage = await atWeight(20)
    stage.api.fault({ verb: 'updateStatus', with: refusal, times: 6 })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('of a new pin starts no rollout', async () => {
    const stage = await initialized()
    stage.api.fault({ verb: 'create', kind: 'ControllerRevision', with: 'Forbidden', times: 3 })
    await stage.release('v2')
    expect(stage.phase).toBe('Initialized')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})
