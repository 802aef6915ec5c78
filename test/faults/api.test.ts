import { afterEach, describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { KubeError } from '../../src/kube/errors.ts'
import { sick, unreachable } from '../support/builders.ts'
import { createStage, httpRouteKind, type Stage, type StageOptions, team } from '../support/stage.ts'
import { template } from '../support/team.ts'

let stage: Stage
afterEach(() => stage.stop())

const initialized = async (options: StageOptions = {}): Promise<void> => {
  stage = await createStage(options)
  await stage.untilRest('Initialized')
}

const atWeight = async (weight: number, options: StageOptions = {}): Promise<void> => {
  await initialized(options)
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
}

/** The same team under another name. */
const otherTeam = team().map(object => JSON.parse(JSON.stringify(object).replaceAll('"podinfo"', '"other"')) as KubeObject)

const warnings = () => stage.io.log.lines.filter(({ level }) => level === 'warn' || level === 'error')

describe('a conflict', () => {
  it.each([1, 2, 3])('that comes %i times is nothing to warn of', async times => {
    await atWeight(20)
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: 'Conflict', times })
    await stage.untilRest('Succeeded')
    expect(warnings()).toEqual([])
  })

  it('on the status is decided anew from what is there then', async () => {
    await atWeight(20)
    stage.api.fault({ verb: 'updateStatus', with: 'Conflict', times: 2 })
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('on a rollback is decided anew too, and lowers no route before it is recorded', async () => {
    await atWeight(20)
    stage.api.fault({ verb: 'updateStatus', with: 'Conflict', times: 2 })
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect(stage.weights).toEqual([100, 0])
  })

  it('that never ends holds the rollout with a condition, and its deadline ends it', async () => {
    await atWeight(20)
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: 'Conflict', times: 1000 })
    await stage.until(() => stage.status.hold?.reason === 'DeferredWrite')
    expect(stage.condition('Ready')?.message).toContain('HTTPRoute podinfo')
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure?.reason).toBe('ProgressDeadlineExceeded')
  })
})

describe.each(['TooManyRequests', 'ServerError', 'Unauthorized', 'Unreachable'] as const)('%s', code => {
  it('on any write once changes nothing', async () => {
    await atWeight(20)
    for (const verb of ['apply', 'patch', 'updateStatus', 'create'] as const) stage.api.fault({ verb, with: code })
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('on the route for some time delays the step and nothing else', async () => {
    await atWeight(20)
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: code, times: 12 })
    await stage.untilRest('Succeeded')
    expect(stage.weights).toEqual([100, 0])
  })
})

describe('a request that hangs', () => {
  it('holds up no other Canary', async () => {
    await initialized({ objects: [...team(), ...otherTeam] })
    stage.api.fault({ verb: 'patch', kind: 'Deployment', name: 'podinfo', with: 'hang' })
    await stage.release('v2')
    const other = stage.object(deploymentKind, 'other')
    stage.api.put({ ...other, spec: { ...(other['spec'] as object), template: template('v2') } })
    await stage.pass(60)
    expect(stage.image('other-primary')).toBe('podinfo:v2')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })
})

describe('a write that is refused for good', () => {
  const refusal = new KubeError('Invalid', 'apply httproutes test/podinfo: 422 Invalid: admission webhook "policy.test" denied the request')

  it('of the route leaves the weight as it is and says who refused', async () => {
    await atWeight(20)
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: refusal, times: 1000 })
    await stage.until(() => stage.status.hold !== undefined)
    expect(stage.weights).toEqual([80, 20])
    expect(stage.status.hold).toMatchObject({ reason: 'DeferredWrite', message: expect.stringContaining('policy.test') })
    expect(stage.events()).toContainEqual(expect.stringContaining('policy.test'))
  })

  it('of the route is tried again, because nobody tells when the webhook changes its mind', async () => {
    await atWeight(20)
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: refusal, times: 4 })
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('ends with the deadline when it stays', async () => {
    await atWeight(20)
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: refusal, times: 1000 })
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure).toMatchObject({ message: expect.stringContaining('policy.test') })
  })

  it('during initialization is tried again until the right is granted, with no deadline', async () => {
    stage = await createStage({ objects: [] })
    stage.api.fault({ verb: 'apply', kind: 'Deployment', with: 'Forbidden', times: 12 })
    for (const object of team()) stage.api.put(object)
    await stage.until(() => stage.status.hold?.reason === 'DeferredWrite')
    await stage.untilRest('Initialized', 900)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('of the status never ends the work on a Canary', async () => {
    await atWeight(20)
    stage.api.fault({ verb: 'updateStatus', with: refusal, times: 6 })
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('of a new pin starts no rollout', async () => {
    await initialized()
    stage.api.fault({ verb: 'create', kind: 'ControllerRevision', with: 'Forbidden', times: 3 })
    await stage.release('v2')
    expect(stage.phase).toBe('Initialized')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

describe('somebody who changes the route back', () => {
  it('does not draw us into a hot loop', async () => {
    await atWeight(20)
    stage.monitor.allow('S2', 'S9', 'S20')
    const meddle = () => {
      const route = stage.object(httpRouteKind, 'podinfo')
      stage.api.put({ ...route, spec: { ...(route['spec'] as object), hostnames: ['other.example'] } })
    }
    stage.state.measurements = [unreachable]
    stage.api.forgetRequests()
    for (let round = 0; round < 40; round += 1) {
      meddle()
      await stage.calm()
    }
    expect(stage.api.count('apply', 'HTTPRoute')).toBeLessThan(12)
    await stage.pass(3)
    expect(stage.status.hold).toMatchObject({ reason: 'Contested', message: expect.stringContaining('somebody else') })
  })
})
