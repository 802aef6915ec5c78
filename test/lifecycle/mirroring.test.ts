import { afterEach, describe, expect, it } from 'vitest'
import { sick } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { asked } from './trail.ts'

let stage: Stage
afterEach(() => stage.stop())

const hooks = ['pre-rollout', 'rollout', 'confirm-traffic-increase'].map(type => ({ name: type, type, url: `http://hooks.test/${type}` }))

const released = async (): Promise<void> => {
  stage = await createStage({ objects: team({ analysis: { mirror: true, webhooks: hooks } }) })
  await stage.untilRest('Initialized')
  await stage.release('v2')
}

const isMirrored = () => stage.status.mirrored === true

describe('a weighted run that mirrors', () => {
  it('copies requests first, with the primary answering all of them, and shares them only then', async () => {
    await released()
    await stage.until(isMirrored)
    expect(stage.weights).toEqual([100, 0])
    await stage.until(() => !isMirrored())
    expect(stage.weights).toEqual([80, 20])
    await stage.untilRest('Succeeded')
  })

  it('mirrors for one interval, in which it is analysed like any step', async () => {
    await released()
    await stage.until(isMirrored)
    await stage.pass(9)
    expect(isMirrored()).toBe(true)
    await stage.pass(2)
    expect(isMirrored()).toBe(false)
    expect(asked(stage)).toEqual(['pre-rollout Progressing', 'rollout Progressing'])
  })

  it('mirrors no more once it fails', async () => {
    await released()
    await stage.until(isMirrored)
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect([isMirrored(), ...stage.weights]).toEqual([false, 100, 0])
  })

  it('mirrors anew for a newer revision', async () => {
    await released()
    await stage.until(() => stage.weights[1] === 20)
    await stage.release('v3')
    await stage.until(isMirrored)
    expect(stage.weights).toEqual([100, 0])
    await stage.untilRest('Succeeded')
  })
})
