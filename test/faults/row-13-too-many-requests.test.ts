import { describe, expect, it } from 'vitest'
import { sick } from '../support/builders.ts'
import { kubeError } from '../support/fake-faults.ts'
import { httpRouteKind, type Stage, team } from '../support/stage.ts'
import { atWeight, initialized, promoted, renamed, rolledBack, standing } from './on-stage.ts'

const turnedAway = (retryAfterMs?: number) => kubeError('TooManyRequests', 'fault: 429', retryAfterMs)

/** From now on the server turns everything away, reads, lists and watches too. */
const turnAway = ({ api }: Stage, retryAfterMs?: number): void => {
  api.fault({ with: turnedAway(retryAfterMs), times: Number.POSITIVE_INFINITY })
}

describe('a 429', () => {
  it.each([undefined, 3000])('on every verb once, with Retry-After %j, changes nothing of the end', async retryAfterMs => {
    const stage = await atWeight(20)
    for (const verb of ['apply', 'patch', 'updateStatus', 'create', 'get', 'list', 'watch', 'delete'] as const)
      stage.api.fault({ verb, with: turnedAway(retryAfterMs) })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a server that turns everything away', () => {
  it.each([undefined, 5000])('hears little of us, with Retry-After %j', async retryAfterMs => {
    const stage = await atWeight(20)
    turnAway(stage, retryAfterMs)
    const asked: number[] = []
    for (let minute = 0; minute < 3; minute += 1) {
      stage.api.forgetRequests()
      await stage.pass(60)
      asked.push(stage.api.requests.length)
    }
    expect(Math.max(...asked)).toBeLessThan(220) // chance has a say in when we come again
  })
})

describe('a rollback among writes that are turned away', () => {
  it('waits for no write of another Canary', async () => {
    const stage = await initialized({ objects: [...team(), ...renamed(team(), 'other')] })
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.api.fault({ name: 'other', with: turnedAway(60_000), times: 1000 })
    await stage.release('v2', {}, 'other')
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed', 60)
    expect(standing(stage)).toEqual(rolledBack)
  })

  it('lowers its route before it does anything else to the cluster', async () => {
    const stage = await atWeight(40)
    stage.state.measurements = sick.measurements
    stage.api.fault({ kind: httpRouteKind.kind, verb: 'apply', with: turnedAway(), times: 3 })
    stage.api.forgetRequests()
    await stage.untilRest('Failed')
    const writes = stage.api.requests.filter(({ verb, kind }) => ['apply', 'patch', 'delete'].includes(verb) && kind !== 'Event')
    expect(writes.slice(0, 4).map(({ kind }) => kind)).toEqual(Array(4).fill('HTTPRoute'))
    expect(standing(stage)).toEqual(rolledBack)
  })
})
