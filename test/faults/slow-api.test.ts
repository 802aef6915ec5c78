import { afterEach, describe, expect, it } from 'vitest'
import { sleep } from '../../src/clock.ts'
import { createStage, httpRouteKind, type Stage } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

/** From now on every answer to a status write comes so late. */
const slowDown = (byMs: number): void => {
  const { updateStatus } = stage.api
  Object.assign(stage.api, {
    updateStatus: async (...call: Parameters<typeof updateStatus>) => {
      const answer = await updateStatus(...call)
      await sleep(stage.clock, byMs)
      return answer
    },
  })
}

describe('an API server that takes a fifth of the interval for an answer', () => {
  it('slows a rollout down and does not stop it', async () => {
    stage = await createStage()
    await stage.untilRest('Initialized')
    slowDown(2000)
    await stage.release('v2')
    await stage.untilRest('Succeeded', 600)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

/** For so many seconds routes are written that long after they were asked for, unless whoever asked gives up before that. */
const holdUpRoutes = async (seconds: number): Promise<void> => {
  const { apply } = stage.api
  Object.assign(stage.api, {
    apply: async (...[kind, manifest, io]: Parameters<typeof apply>) => {
      if (kind.kind === httpRouteKind.kind) await sleep(stage.clock, seconds * 1000, io.signal)
      io.signal.throwIfAborted()
      return apply(kind, manifest, io)
    },
  })
  await stage.pass(seconds)
  Object.assign(stage.api, { apply })
}

describe('routes that the API server takes late', () => {
  it('give their step its full time all the same, from when they are taken', async () => {
    stage = await createStage()
    await stage.untilRest('Initialized')
    await stage.editAnalysis({ maxWeight: 60 })
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.pass(9)
    await holdUpRoutes(7)
    await stage.untilRest('Succeeded')
    expect(stage.monitor.violations).toEqual([])
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})
