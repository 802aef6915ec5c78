import { describe, expect, it } from 'vitest'
import { controllerRevisionKind, deploymentKind, horizontalPodAutoscalerKind, serviceKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { sick } from '../support/builders.ts'
import { httpRouteKind, type Stage, team } from '../support/stage.ts'
import { atWeight, initialized, promoted, raised, standing } from './on-stage.ts'

const scaler: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' }, minReplicas: 2, maxReplicas: 4, metrics: [] },
}
const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' }
const scaled = [...team({ spec: { autoscalerRef } }), scaler]

/** What Serin made, or manages. */
const made: readonly (readonly [KindRef, string])[] = [
  [serviceKind, 'podinfo'],
  [serviceKind, 'podinfo-primary'],
  [serviceKind, 'podinfo-canary'],
  [httpRouteKind, 'podinfo'],
  [deploymentKind, 'podinfo-primary'],
  [horizontalPodAutoscalerKind, 'podinfo-primary'],
]

const at = (name: string) => ({ namespace: 'test', name })

/** Releases v2, and does something right before the first request in each state that `isMeant`; answers with the states that there were. */
const released = async (isMeant: (state: string) => boolean, act: (stage: Stage) => void) => {
  const states = new Set<string>()
  let isOn = false
  const stage: Stage = await raised({
    objects: scaled,
    onCall: () => {
      const { state } = isOn ? stage.status : {}
      if (state === undefined || states.has(state)) return undefined
      states.add(state)
      if (isMeant(state)) act(stage)
      return undefined
    },
  })
  await stage.untilRest('Initialized')
  isOn = true
  await stage.release('v2')
  return { stage, states }
}

const statesOfARun = async (): Promise<readonly string[]> => {
  const { stage, states } = await released(
    () => false,
    () => {},
  )
  await stage.untilRest('Succeeded')
  return [...states]
}

describe('an object that Serin made', () => {
  it.each(made)('is made again when it is deleted in any state of a rollout, which goes on: %o %s', async (kind, name) => {
    const states = await statesOfARun()
    for (const state of states) {
      const { stage } = await released(
        one => one === state,
        ({ api }) => api.drop(kind, at(name)),
      )
      stage.monitor.allow('S3', 'S4') // of a write that is on its way while the pods vanish
      await stage.untilRest('Succeeded')
      await stage.pass(2)
      expect([state, standing(stage), stage.api.stored(kind, at(name)) !== undefined]).toEqual([state, promoted, true])
    }
    expect(states.length).toBeGreaterThan(5)
  })
})

describe('an object that is deleted twice', () => {
  it.each([
    [serviceKind, 'podinfo'],
    [httpRouteKind, 'podinfo'],
  ] as const)('%o %s right after we wrote it comes back, with the recorded shares', async (kind, name) => {
    const stage = await atWeight(20)
    for (let time = 0; time < 2; time += 1) {
      stage.api.drop(kind, at(name))
      await stage.calm()
    }
    expect(stage.object(kind, name)).toBeDefined()
    expect(stage.weights).toEqual([80, 20])
  })
})

describe('the target', () => {
  it('that is deleted in any state of the analysis: its traffic goes back at once, and the rollout has failed with a reason', async () => {
    for (const state of (await statesOfARun()).filter(name => name.startsWith('Progressing.'))) {
      const { stage } = await released(
        one => one === state,
        ({ api }) => api.drop(deploymentKind, at('podinfo')),
      )
      stage.monitor.allow('S3', 'S7') // of a write that is on its way while the target vanishes
      await stage.until(() => stage.phase === 'Failed', 30)
      expect([state, stage.weights, stage.status.failure?.reason]).toEqual([state, [100, 0], 'TargetMissing'])
      expect(stage.sent.map(({ message }) => message)).toContainEqual(expect.stringContaining('Target is missing'))
    }
  })

  it('that is deleted during a promotion: the promotion is finished from the pin', async () => {
    const stage = await atWeight(40)
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.api.drop(deploymentKind, at('podinfo'))
    stage.state.broken.clear()
    await stage.until(() => stage.phase === 'Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('that is deleted while nothing runs: the primary serves on, and a condition says so', async () => {
    const stage = await initialized()
    stage.api.drop(deploymentKind, at('podinfo'))
    await stage.pass(5)
    expect(stage.condition('Stalled')).toMatchObject({ status: 'True', reason: 'TargetMissing' })
    stage.api.drop(httpRouteKind, at('podinfo'))
    await stage.calm()
    expect(stage.weights).toEqual([100, 0])
  })

  it('that never was there is named, until it is', async () => {
    const [deployment, canary] = team()
    const stage = await raised({ objects: [canary] })
    await stage.until(() => stage.condition('Stalled')?.reason === 'TargetMissing')
    stage.api.put(deployment)
    await stage.untilRest('Initialized')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })
})

describe('the scaler that autoscalerRef names', () => {
  it('holds a rollout with its name while it is missing', async () => {
    const stage = await initialized({ objects: scaled })
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.api.drop(horizontalPodAutoscalerKind, at('podinfo'))
    await stage.until(() => stage.status.hold?.reason === 'ScalerMissing')
    expect(stage.status.hold?.message).toContain('podinfo')
    stage.api.put(scaler)
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

describe('the primary and its pin', () => {
  it('are not made up: nothing is built until there is a new revision to build from', async () => {
    const stage = await initialized()
    stage.state.measurements = sick.measurements
    await stage.release('v2')
    await stage.untilRest('Failed')
    stage.api.drop(controllerRevisionKind, at(stage.status.promoted?.name ?? ''))
    stage.api.drop(deploymentKind, at('podinfo-primary'))
    await stage.pass(5)
    expect(stage.status.hold).toMatchObject({ reason: 'PinMissing' })
    await stage.release('v3')
    await stage.untilRest('Initialized')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })
})
