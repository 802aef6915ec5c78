import { afterEach, describe, expect, it } from 'vitest'
import type { CanaryStatus } from '../../src/api/status.ts'
import { sick } from '../support/builders.ts'
import { createStage, httpRouteKind, type Stage, team } from '../support/stage.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const released = async (analysis: Fields = {}): Promise<void> => {
  const sessionAffinity = { cookieName: 'track', primaryCookieName: 'home', maxAge: 3600 }
  stage = await createStage({ objects: team({ analysis: { sessionAffinity, ...analysis } }) })
  await stage.untilRest('Initialized')
  stage.api.forgetRequests()
  await stage.release('v2')
}

const atWeight = async (weight: number): Promise<void> => {
  await released()
  await stage.until(() => stage.status.canaryWeight === weight && stage.weights[1] === weight)
}

const route = (): string => JSON.stringify(stage.object(httpRouteKind, 'podinfo')['spec'])
const cookies = ({ sessionAffinityCookie, primarySessionAffinityCookie, previousSessionAffinityCookie }: CanaryStatus = stage.status) => ({
  canary: sessionAffinityCookie,
  primary: primarySessionAffinityCookie,
  previous: previousSessionAffinityCookie,
})
const expiry = (cookie: string | undefined): string => `${cookie}; Max-Age=-1`

describe('the cookies of a run', () => {
  it('are ten letters under the names of the Canary', async () => {
    await atWeight(20)
    expect(cookies()).toEqual({
      canary: expect.stringMatching(/^track=[A-Za-z]{10}$/),
      primary: expect.stringMatching(/^home=[A-Za-z]{10}$/),
      previous: undefined,
    })
  })

  it('are recorded before any route gives them to anybody', async () => {
    await atWeight(20)
    const writes = stage.api.requests.filter(({ verb, kind }) => verb === 'updateStatus' || kind === 'HTTPRoute')
    const given = writes.findIndex(({ kind, body }) => kind === 'HTTPRoute' && JSON.stringify(body).includes('track='))
    const known = writes.findIndex(({ verb, body }) => verb === 'updateStatus' && JSON.stringify(body).includes('track='))
    expect([known >= 0, known < given]).toEqual([true, true])
  })

  it('stay the same from step to step', async () => {
    await atWeight(20)
    const first = cookies()
    await stage.until(() => stage.weights[1] === 40)
    expect(cookies()).toEqual(first)
  })

  it('stay the same over restarts of the controller, in status and route', async () => {
    await atWeight(20)
    const [first, before] = [cookies(), route()]
    await stage.restart()
    await stage.pass(2)
    expect([cookies(), route()]).toEqual([first, before])
  })

  it('stay the same when their record is answered with a conflict', async () => {
    await released()
    stage.api.fault({ verb: 'updateStatus', with: 'Conflict', times: 2 })
    await stage.until(() => stage.weights[1] === 20)
    expect(route()).toContain(cookies().canary)
  })

  it('are none before the first step', async () => {
    await released()
    await stage.until(() => stage.status.state === 'Progressing.scaling' || stage.weights[1] === 20)
    expect(stage.api.requests.find(({ verb }) => verb === 'updateStatus')?.body).not.toHaveProperty('status.sessionAffinityCookie')
  })

  it('are others for another revision', async () => {
    await atWeight(20)
    const first = cookies()
    await stage.release('v3')
    await stage.until(() => stage.weights[1] === 20 && cookies().canary !== undefined)
    expect(cookies().canary).not.toBe(first.canary)
    expect(cookies().previous).toBe(first.canary)
  })
})

describe('the end of a run with cookies', () => {
  it.each(['Succeeded', 'Failed'] as const)('makes browsers forget the one of the canary: %s', async phase => {
    await atWeight(20)
    const { canary } = cookies()
    if (phase === 'Failed') stage.state.measurements = sick.measurements
    await stage.untilRest(phase)
    expect(cookies()).toMatchObject({ canary: undefined, previous: canary })
    expect(stage.weights).toEqual([100, 0])
  })

  it('makes them forget it for as long as it takes until they come back', async () => {
    await atWeight(20)
    const { canary } = cookies()
    await stage.untilRest('Succeeded')
    await stage.pass(60)
    expect(route()).toContain(expiry(canary))
  })

  it('is not told to those of the run that follows', async () => {
    await atWeight(20)
    await stage.untilRest('Succeeded')
    const { previous } = cookies()
    await stage.release('v3')
    await stage.until(() => stage.weights[1] === 20)
    expect(route()).not.toContain(expiry(cookies().canary))
    expect(cookies().previous).toBe(previous)
  })
})

describe('people who have the cookie of a canary that lost its pods', () => {
  it('go to the primary meanwhile, and back with the pods', async () => {
    await atWeight(20)
    const { canary } = cookies()
    const value = canary?.split('=')[1] ?? ''
    stage.state.broken.add('podinfo')
    await stage.calm()
    expect(route()).not.toContain(value)
    stage.state.broken.clear()
    await stage.calm()
    expect(route()).toContain(value)
    expect(cookies().canary).toBe(canary)
  })
})
