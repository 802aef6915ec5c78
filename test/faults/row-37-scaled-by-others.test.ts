import { describe, expect, it } from 'vitest'
import { atWeight, initialized, promoted, standing } from './on-stage.ts'

describe('a canary that somebody scales to nothing in mid-run', () => {
  it('gets no traffic before its pods are back, and the rollout goes on from its weight then', async () => {
    const stage = await atWeight(20)
    stage.state.readyPods = { podinfo: 0 }
    await stage.scale('podinfo', 0)
    await stage.calm()
    expect(stage.weights).toEqual([100, 0])
    stage.state.readyPods = {}
    await stage.until(() => stage.weights[1] === 20)
    expect(stage.status.canaryWeight).toBe(20)
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a canary of which somebody takes most pods', () => {
  it('gets no more traffic before they are back', async () => {
    const stage = await atWeight(20)
    stage.state.readyPods = { podinfo: 0 }
    await stage.pass(15)
    expect(stage.weights).toEqual([100, 0])
    stage.state.readyPods = {}
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a primary that somebody scales', () => {
  it.each([1, 5])('to %i in mid-run leaves weights and rollout as they are', async replicas => {
    const stage = await atWeight(20)
    await stage.scale('podinfo-primary', replicas)
    await stage.pass(2)
    expect(stage.weights).toEqual([80, 20])
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('to nothing in mid-run hands its traffic to the canary, which has pods, until it has some again', async () => {
    const stage = await atWeight(20)
    stage.state.readyPods = { 'podinfo-primary': 0 }
    await stage.scale('podinfo-primary', 1)
    await stage.calm()
    expect([stage.weights, stage.status.canaryWeight]).toEqual([[0, 100], 20])
    stage.state.readyPods = {}
    await stage.until(() => stage.weights[1] === 20)
    expect(stage.phase).toBe('Progressing')
  })
})

describe('a parked target that somebody scales up', () => {
  it('gets no traffic, and no rollout begins', async () => {
    const stage = await initialized()
    await stage.scale('podinfo', 3)
    await stage.pass(30)
    expect([stage.phase, stage.weights]).toEqual(['Initialized', [100, 0]])
  })
})
