import { afterEach, describe, expect, it } from 'vitest'
import { sleep } from '../../src/clock.ts'
import { createStage, type Stage } from '../support/stage.ts'

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
