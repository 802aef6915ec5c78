import { describe, expect, it } from 'vitest'
import { sick } from '../support/builders.ts'
import type { Stage } from '../support/stage.ts'
import { atWeight, initialized, promoted, rolledBack, standing } from './on-stage.ts'

const warnings = (stage: Stage) => stage.io.log.lines.filter(({ level }) => level === 'warn' || level === 'error')

/** The writes of a rollout, by what they are and whose they are. */
const writes = [
  { verb: 'create', kind: 'ControllerRevision' },
  { verb: 'updateStatus', kind: 'Canary' },
  { verb: 'patch', kind: 'Deployment' },
  { verb: 'apply', kind: 'Deployment' },
  { verb: 'apply', kind: 'HTTPRoute' },
] as const

describe.each(writes)('a 409 on $verb $kind', write => {
  it.each([1, 10])('that comes %i times changes nothing of the end', async times => {
    const stage = await initialized()
    stage.api.fault({ ...write, with: 'Conflict', times })
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a 409 on the route', () => {
  it.each([1, 2, 3])('that comes %i times is nothing to warn of', async times => {
    const stage = await atWeight(20)
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: 'Conflict', times })
    await stage.untilRest('Succeeded')
    expect(warnings(stage)).toEqual([])
  })

  it('that never ends holds the rollout with a condition, and its deadline ends it', async () => {
    const stage = await atWeight(20)
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: 'Conflict', times: 1000 })
    await stage.until(() => stage.status.hold?.reason === 'DeferredWrite')
    expect(stage.condition('Ready')?.message).toContain('HTTPRoute podinfo')
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure?.reason).toBe('ProgressDeadlineExceeded')
  })
})

describe('a 409 on the status', () => {
  it('is an order to decide anew: a newer revision that came meanwhile is what is analysed', async () => {
    const stage = await atWeight(40)
    stage.api.fault({ verb: 'updateStatus', with: 'Conflict' })
    await stage.release('v3')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual({ ...promoted, primary: 'podinfo:v3' })
  })

  it('of a rollback lowers no route before it is recorded', async () => {
    const stage = await atWeight(20)
    stage.api.fault({ verb: 'updateStatus', with: 'Conflict', times: 2 })
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect(standing(stage)).toEqual(rolledBack)
  })
})
