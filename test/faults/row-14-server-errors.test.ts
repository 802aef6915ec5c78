import { describe, expect, it } from 'vitest'
import { sleep } from '../../src/clock.ts'
import { kubeError } from '../support/fake-faults.ts'
import { team } from '../support/stage.ts'
import { atWeight, initialized, promoted, renamed, standing } from './on-stage.ts'
import { differences, scenarios } from './scenarios.ts'

const verbs = ['apply', 'patch', 'updateStatus', 'create'] as const

/** What a client sees when a request goes wrong before, or after, the server has carried it out. */
const outcomes = [
  { name: 'a 5xx', with: 'ServerError' },
  { name: 'a 5xx of a write that was carried out', with: 'ServerError', afterCommit: true },
  { name: 'no answer', with: 'Unreachable' },
  { name: 'no answer to a write that was carried out', with: 'Unreachable', afterCommit: true },
] as const

describe.each(outcomes)('$name', ({ name: _, ...fault }) => {
  it('to any write once changes nothing of the end', async () => {
    const stage = await atWeight(20)
    for (const verb of verbs) stage.api.fault({ ...fault, verb })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('to the route twelve times in a row delays its step and nothing else', async () => {
    const stage = await atWeight(20)
    stage.api.fault({ ...fault, verb: 'apply', kind: 'HTTPRoute', times: 12 })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('to records of the status has nobody asked twice at the same step', async () => {
    const webhooks = [{ name: 'load', type: 'rollout', url: 'http://hooks.test/' }]
    const stage = await atWeight(20, { objects: team({ analysis: { webhooks } }) })
    stage.api.fault({ ...fault, verb: 'updateStatus', times: 3 })
    const before = stage.calls.length
    await stage.until(() => stage.weights[1] === 40)
    expect(stage.calls.length - before).toBe(1)
  })
})

it.each(scenarios)('$name ends as if nothing had happened when any one of its calls is answered with a 500', async scenario =>
  expect(await differences(scenario, { mishap: 'fails' })).toEqual([]),
)

describe('a request that hangs', () => {
  it('holds up no other Canary', async () => {
    const stage = await initialized({ objects: [...team(), ...renamed(team(), 'other')] })
    stage.api.fault({ verb: 'patch', kind: 'Deployment', name: 'podinfo', with: 'hang' })
    await stage.release('v2')
    await stage.release('v2', {}, 'other')
    await stage.pass(60)
    expect([stage.image('other-primary'), stage.image('podinfo-primary')]).toEqual(['podinfo:v2', 'podinfo:v1'])
  })
})

describe.each([
  { which: 'takes a fifth of the interval for an answer', beforeMs: 0, afterMs: 2000 },
  { which: 'takes more than half of the interval to record anything', beforeMs: 6000, afterMs: 0 },
])('a server that $which', ({ beforeMs, afterMs }) => {
  it('slows a rollout down and does not stop it, and every step has its interval', async () => {
    const stage = await initialized()
    const { updateStatus } = stage.api
    Object.assign(stage.api, {
      updateStatus: async (...call: Parameters<typeof updateStatus>) => {
        await sleep(stage.clock, beforeMs)
        const answer = await updateStatus(...call)
        await sleep(stage.clock, afterMs)
        return answer
      },
    })
    await stage.release('v2')
    await stage.untilRest('Succeeded', 600)
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a server that cannot record', () => {
  it.each([503, 504])('with %i for five minutes is asked about once a second, not as fast as both can', async httpStatus => {
    const stage = await atWeight(20)
    const fault = kubeError('ServerError', `fault: ${httpStatus}`)
    stage.api.fault({ verb: 'updateStatus', with: fault, times: Number.POSITIVE_INFINITY })
    stage.api.forgetRequests()
    await stage.pass(300)
    expect(stage.api.count('updateStatus')).toBeLessThan(400)
    expect(stage.weights).toEqual([80, 20])
  })
})
