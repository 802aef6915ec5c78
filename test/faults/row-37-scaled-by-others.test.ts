import { describe, expect, it } from 'vitest'
import { scaledObjectKind } from '../support/cluster-hands.ts'
import { scaledTeam } from '../support/scaled-team.ts'
import { type Stage, team } from '../support/stage.ts'
import { atWeight, initialized, promoted, raised, standing } from './on-stage.ts'

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

describe('a primary that somebody scales to zero', () => {
  const resting: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
    Initialized: async () => {},
    Succeeded: async stage => {
      await stage.release('v2')
      await stage.untilRest('Succeeded')
    },
  }
  const told = (stage: Stage) => stage.events().filter(text => text.includes('scaled to zero'))

  it.each(Object.keys(resting))('in %s has a pod again at once, where nobody else gives it one', async phase => {
    const stage = await initialized()
    await resting[phase]?.(stage)
    await stage.scale('podinfo-primary', 0)
    await stage.pass(1)
    expect(stage.replicas('podinfo-primary')).toBe(1)
    expect(told(stage)).toEqual(['podinfo-primary.test had been scaled to zero while it serves, and gets 1 pod again'])
  })

  it.each(Object.keys(resting))('in %s wakes its autoscaler, which rests at none, with the least that it allows', async phase => {
    const stage = await initialized({ objects: scaledTeam() })
    await resting[phase]?.(stage)
    await stage.scale('podinfo-primary', 0)
    await stage.pass(1)
    expect(stage.replicas('podinfo-primary')).toBe(2)
    stage.state.load = { 'podinfo-primary': 7 }
    await stage.pass(2)
    expect(stage.replicas('podinfo-primary')).toBe(7)
  })

  it('in mid-run has as many again as it had', async () => {
    const stage = await initialized({ objects: team({ replicas: 5 }) })
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.scale('podinfo-primary', 0)
    await stage.pass(1)
    expect(stage.replicas('podinfo-primary')).toBe(5)
  })

  it('stays so while the Canary is suspended', async () => {
    const stage = await initialized()
    await stage.edit({ suspend: true })
    await stage.scale('podinfo-primary', 0)
    await stage.pass(60)
    expect([stage.replicas('podinfo-primary'), told(stage)]).toEqual([0, []])
  })

  it('stays so where its own scaler may take all its pods', async () => {
    const scaler = {
      apiVersion: scaledObjectKind.apiVersion,
      kind: scaledObjectKind.kind,
      metadata: { name: 'podinfo', namespace: 'test' },
      spec: { scaleTargetRef: { name: 'podinfo' }, minReplicaCount: 0, maxReplicaCount: 8, triggers: [] },
    }
    const autoscalerRef = { apiVersion: scaler.apiVersion, kind: scaler.kind, name: 'podinfo' }
    const stage = await raised({ objects: [...team({ spec: { autoscalerRef } }), scaler] })
    await stage.untilRest('Initialized')
    await stage.scale('podinfo-primary', 0)
    await stage.pass(10)
    expect([stage.replicas('podinfo-primary'), told(stage)]).toEqual([0, []])
  })
})
