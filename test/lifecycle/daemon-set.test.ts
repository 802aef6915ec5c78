import { afterEach, describe, expect, it } from 'vitest'
import { daemonSetKind } from '../../src/api/kinds.ts'
import { sick } from '../support/builders.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'
import { phases } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

interface Change {
  readonly analysis?: Fields
  readonly spec?: Fields
  readonly pod?: Fields
  readonly others?: StageOptions['objects']
}

const initialized = async ({ others = [], ...change }: Change = {}): Promise<void> => {
  stage = await createStage({ objects: [...team({ ...change, kind: 'DaemonSet' }), ...others] })
  await stage.untilRest('Initialized')
}

const podSpec = (name: string): Fields => {
  const { template } = stage.object(daemonSetKind, name)['spec'] as { template: { spec: Fields } }
  return template.spec
}
const parking = { 'flagger.app/scale-to-zero': 'true' }
const isParked = (): boolean => JSON.stringify(podSpec('podinfo')).includes('flagger.app/scale-to-zero')

describe('a DaemonSet that gets a Canary', () => {
  it('has a primary with a pod on each node', async () => {
    await initialized()
    expect(stage.object(daemonSetKind, 'podinfo-primary')['status']).toMatchObject({ numberAvailable: 2 })
  })

  it('is parked by a label that no node has', async () => {
    await initialized({ pod: { nodeSelector: {} } })
    expect([podSpec('podinfo')['nodeSelector'], podSpec('podinfo-primary')['nodeSelector'] ?? {}]).toEqual([parking, {}])
  })

  it('is left alone until its primary is ready', async () => {
    stage = await createStage({ objects: [] })
    stage.state.broken.add('podinfo-primary')
    for (const object of team({ kind: 'DaemonSet' })) stage.api.put(object)
    await stage.pass(30)
    expect([stage.phase, isParked()]).toEqual(['Initializing', false])
  })

  it('is owned by nobody of ours once it is parked', async () => {
    await initialized()
    expect(stage.object(daemonSetKind, 'podinfo').metadata.managedFields ?? []).toEqual([])
  })

  it('has no use for a scaler, and waits for none', async () => {
    await initialized({ spec: { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' } } })
    expect(stage.phase).toBe('Initialized')
  })

  it('that nothing rolls is refused', async () => {
    const [target, canary] = team({ kind: 'DaemonSet' })
    const spec = { ...(target['spec'] as Fields), updateStrategy: { type: 'OnDelete' } }
    stage = await createStage({ objects: [{ ...target, spec }, canary] })
    await stage.until(() => stage.condition('Ready') !== undefined)
    expect(stage.condition('Ready')).toMatchObject({ status: 'False', reason: 'TargetInvalid' })
  })
})

describe('a release of a DaemonSet', () => {
  it('goes through the phases of any other', async () => {
    await initialized({ analysis: { stepWeight: 100, maxWeight: 100 } })
    stage.api.forgetRequests()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(phases(stage)).toEqual(['Progressing 0', 'Progressing 100', 'Promoting 100', 'Promoting 0', 'Finalising 0', 'Succeeded 0'])
  })

  it('brings image and configuration to every node', async () => {
    const pod = { volumes: [{ name: 'conf', configMap: { name: 'podinfo-conf' } }] }
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'podinfo-conf', namespace: 'test' }, data: { color: 'red' } }
    await initialized({ pod, others: [config] })
    await stage.configure('podinfo-conf', { color: 'blue' })
    await stage.release('v2', pod)
    await stage.untilRest('Succeeded')
    expect([stage.image('podinfo-primary'), stage.config('podinfo-conf-primary')]).toEqual(['podinfo:v2', { color: 'blue' }])
  })

  it('parks the target again, and never the primary', async () => {
    await initialized()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect([podSpec('podinfo')['nodeSelector'], podSpec('podinfo-primary')['nodeSelector'] ?? {}]).toEqual([parking, {}])
  })

  it('that is bad is rolled back', async () => {
    await initialized()
    stage.state.measurements = sick.measurements
    await stage.release('v2')
    await stage.untilRest('Failed')
    expect([stage.weights, isParked(), stage.image('podinfo-primary')]).toEqual([[100, 0], true, 'podinfo:v1'])
  })

  it('without analysis is promoted at once', async () => {
    await initialized({ spec: { skipAnalysis: true } })
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('takes all traffic back when a newer one comes', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.api.forgetRequests()
    await stage.release('v3')
    expect(phases(stage)).toEqual(['Progressing 0', 'Progressing 20'])
  })

  it('copies requests before it gets any', async () => {
    await initialized({ analysis: { mirror: true } })
    await stage.release('v2')
    await stage.until(() => stage.status.mirrored === true)
    expect(stage.weights).toEqual([100, 0])
    await stage.until(() => stage.weights[1] === 20)
  })

  it('may be tried by some people only', async () => {
    const match = [{ headers: { 'x-canary': { exact: 'insider' } } }]
    await initialized({ analysis: { stepWeight: undefined, maxWeight: undefined, iterations: 2, match } })
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

describe('the deadline of a DaemonSet', () => {
  it('counts from when its pods are waited for, not from what was written days ago', async () => {
    await initialized()
    await stage.pass(120)
    stage.state.broken.add('podinfo podinfo:v2')
    await stage.release('v2')
    await stage.pass(50)
    expect(stage.phase).toBe('Progressing')
    await stage.untilRest('Failed')
    expect(stage.status.failure?.reason).toBe('ProgressDeadlineExceeded')
  })

  it('is not passed by one pod of the primary that is missing for a moment', async () => {
    await initialized()
    await stage.pass(120)
    stage.state.readyPods = { 'podinfo-primary': 1 }
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.readyPods = {}
    await stage.untilRest('Succeeded')
  })

  it('ends a promotion whose primary does not come up, with everybody on the canary', async () => {
    await initialized({ analysis: { stepWeight: 100, maxWeight: 100 } })
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.untilRest('Failed')
    expect([stage.weights, isParked()]).toEqual([[0, 100], false])
  })
})

describe('the pods of a DaemonSet', () => {
  it('that are gone from every node get no more requests', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.readyPods = { podinfo: 0 }
    await stage.pass(1)
    expect(stage.weights).toEqual([100, 0])
    stage.state.readyPods = {}
    await stage.untilRest('Succeeded')
  })
})

describe('a DaemonSet whose author applies it again', () => {
  const declared = (nodeSelector: Fields | undefined) => {
    const found = stage.object(daemonSetKind, 'podinfo')
    const spec = found['spec'] as { template: { spec: Fields } }
    const { nodeSelector: _, ...pod } = spec.template.spec
    const template = { ...spec.template, spec: { ...pod, ...(nodeSelector && { nodeSelector }) } }
    stage.api.put({ ...found, spec: { ...spec, template } } as typeof found)
    return stage.calm()
  }

  it('with a node selector of its own is parked again, and starts no rollout', async () => {
    await initialized()
    await declared(undefined)
    expect([isParked(), stage.phase]).toEqual([true, 'Initialized'])
  })
})

describe('a primary DaemonSet that is lost', () => {
  it('while the target is parked is made anew with pods', async () => {
    await initialized()
    stage.api.drop(daemonSetKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.until(() => stage.api.stored(daemonSetKind, { namespace: 'test', name: 'podinfo-primary' }) !== undefined)
    expect(JSON.stringify(stage.object(daemonSetKind, 'podinfo-primary'))).not.toContain('scale-to-zero')
  })
})

describe('deleting the Canary of a DaemonSet', () => {
  it('gives the target its pods back', async () => {
    await initialized({ spec: { revertOnDeletion: true } })
    stage.api.drop(
      { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', plural: 'canaries', namespaced: true },
      { namespace: 'test', name: 'podinfo' },
    )
    await stage.pass(30)
    expect(isParked()).toBe(false)
  })
})
