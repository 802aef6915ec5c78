import { describe, expect, it } from 'vitest'
import { httpRouteKind, type Stage, team } from '../support/stage.ts'
import { atWeight, initialized, promoted, renamed, standing } from './on-stage.ts'

/** Two teams in mid-run; only the one called podinfo is in trouble. */
const two = { objects: [...team(), ...renamed(team(), 'other')] }

const bothInMidRun = async (): Promise<Stage> => {
  const stage = await initialized(two)
  await stage.release('v2')
  await stage.release('v2', {}, 'other')
  await stage.until(() => stage.weights[1] === 20)
  return stage
}

describe.each(['Unauthorized', 'Forbidden'] as const)('%s', code => {
  it('for a while costs time only', async () => {
    const stage = await atWeight(20)
    stage.api.fault({ with: code, times: 30 })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('to one Canary is said there, and the other one goes on', async () => {
    const stage = await bothInMidRun()
    stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', name: 'podinfo', with: code, times: Number.POSITIVE_INFINITY })
    await stage.until(() => stage.image('other-primary') === 'podinfo:v2')
    expect(stage.status.hold).toMatchObject({ reason: 'DeferredWrite', message: expect.stringContaining('HTTPRoute podinfo') })
    expect(stage.condition('Ready')?.message).toContain('HTTPRoute podinfo')
    expect(stage.weights).toEqual([80, 20])
  })
})

describe('a definition of routes that is removed', () => {
  const removed = async (): Promise<Stage> => {
    const istio = renamed(team({ spec: { provider: 'istio' } }), 'other')
    const stage = await initialized({ objects: [...team(), ...istio] })
    await stage.release('v2')
    await stage.release('v2', {}, 'other')
    await stage.until(() => stage.weights[1] === 20)
    stage.api.uninstall(httpRouteKind)
    for (const watch of stage.api.watches('HTTPRoute')) watch.break()
    return stage
  }

  it('holds up no Canary of another layer', async () => {
    const stage = await removed()
    await stage.until(() => stage.image('other-primary') === 'podinfo:v2')
  })

  it('is said by the Canary that needs it, until it is back', async () => {
    const stage = await removed()
    await stage.edit({ progressDeadlineSeconds: 3600 })
    await stage.until(() => stage.status.hold !== undefined)
    expect(stage.condition('Ready')?.message).toContain('HTTPRoute')
    stage.api.uninstall(httpRouteKind, false)
    await stage.untilRest('Succeeded', 900)
    expect(standing(stage)).toEqual(promoted)
  })
})
