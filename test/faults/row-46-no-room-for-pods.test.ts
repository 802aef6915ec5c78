import { describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { KubeError } from '../../src/kube/errors.ts'
import { type Stage, team } from '../support/stage.ts'
import { atWeight, initialized, isTold, promoted, raised, renamed, rolledBack, standing } from './on-stage.ts'

/** The controller of Deployments says that pods of this one cannot be created. */
const refusePods = (stage: Stage, name: string, message: string): void => {
  stage.state.broken.add(name)
  stage.state.rolling.add(name)
  const found = stage.object(deploymentKind, name)
  const { generation } = found.metadata
  const status = { observedGeneration: generation, replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0 }
  const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }
  stage.api.put({ ...found, status: { ...status, conditions: [condition] } })
}

const quota = 'pods "podinfo-x7x7" is forbidden: exceeded quota: small, requested: pods=2, used: pods=2, limited: pods=2'

describe('a canary whose pods do not come up', () => {
  it('because an image cannot be pulled gets no traffic, and the rollout fails with its deadline', async () => {
    const stage = await initialized()
    stage.state.broken.add('podinfo')
    await stage.release('v2')
    await stage.untilRest('Failed')
    expect(stage.status.failure?.reason).toBe('ProgressDeadlineExceeded')
    expect(standing(stage)).toEqual(rolledBack)
    expect(stage.events()).toContainEqual(expect.stringContaining('deadline'))
  })

  it('because of a quota says so in condition, event and log while it waits', async () => {
    const stage = await initialized()
    stage.state.broken.add('podinfo')
    await stage.release('v2')
    refusePods(stage, 'podinfo', quota)
    await stage.until(() => isTold(stage, 'exceeded quota: small'))
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.weights).toEqual([100, 0])
  })

  it('because of a quota that is raised in time is promoted', async () => {
    const stage = await initialized()
    stage.state.broken.add('podinfo')
    await stage.release('v2')
    refusePods(stage, 'podinfo', quota)
    await stage.pass(20)
    stage.state.broken.clear()
    stage.state.rolling.clear()
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a primary whose new pods do not come up during a promotion', () => {
  it('keeps what serves serving: the canary, and the failure has a reason', async () => {
    const stage = await atWeight(40)
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.untilRest('Failed')
    expect([stage.weights, stage.status.servingFrom, stage.status.failure?.reason]).toEqual([[0, 100], 'canary', 'PromotionFailed'])
  })
})

describe('a namespace that is being terminated', () => {
  const terminating = new KubeError(
    'Forbidden',
    'create: 403 Forbidden: unable to create new content in namespace test because it is being terminated',
  )

  it('holds a rollout with what the server says, and disturbs no other namespace', async () => {
    const others = renamed(team(), 'other').map(object => ({ ...object, metadata: { ...object.metadata, namespace: 'elsewhere' } }))
    const stage = await atWeight(20, { objects: [...team(), ...others] })
    for (const verb of ['create', 'apply'] as const) stage.api.fault({ verb, name: 'podinfo', with: terminating, times: 1000 })
    await stage.until(() => isTold(stage, 'is being terminated'))
    const { spec } = stage.object(deploymentKind, 'other-primary', 'elsewhere') as unknown as {
      readonly spec: { readonly replicas: number }
    }
    expect(spec.replicas).toBe(2)
    await stage.until(() => stage.phase === 'Failed')
  })

  it('stalls an initialization with what the server says, and touches nothing of the target', async () => {
    const stage = await raised({ objects: [] })
    stage.api.fault({ verb: 'apply', kind: 'Deployment', with: terminating, times: 1000 })
    for (const object of team()) stage.api.put(object)
    await stage.until(() => isTold(stage, 'is being terminated'))
    await stage.pass(120)
    expect([stage.phase, stage.replicas('podinfo')]).toEqual(['Initializing', 2])
  })
})
