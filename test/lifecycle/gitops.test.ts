import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../src/api/object.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { template } from '../support/team.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
beforeEach(async () => {
  stage = await createStage({ objects: team() })
  await stage.untilRest('Initialized')
})
afterEach(() => stage.stop())

const owner = (manager: string, operation: 'Apply' | 'Update', subresource?: string): ManagedFieldsEntry => ({
  manager,
  operation,
  apiVersion: 'apps/v1',
  fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  ...(subresource !== undefined && { subresource }),
})

interface Applied {
  readonly replicas: number
  readonly by?: ManagedFieldsEntry
  readonly version?: string
}

/** Somebody applies the target: with a number of pods that is theirs from then on. */
const apply = async ({ replicas, by = owner('flux', 'Apply'), version = 'v1' }: Applied) => {
  const found: KubeObject = stage.object(deploymentKind, 'podinfo')
  const { generation = 1 } = found.metadata
  stage.api.put({
    ...found,
    metadata: { ...found.metadata, generation: generation + 1, managedFields: [by] },
    spec: { ...(found['spec'] as Fields), replicas, template: template(version) },
  })
  await stage.calm()
}

const parkings = () =>
  stage.api.requests.filter(
    ({ verb, key, body }) => verb === 'patch' && key.name === 'podinfo' && JSON.stringify(body).includes('"replicas":0'),
  )
const said = () => stage.events().filter(message => message.includes('declares'))
const condition = () => stage.condition('ReplicasDeclaredElsewhere')

describe('a target whose size somebody declares', () => {
  it('is parked again, once for each time it is applied', async () => {
    stage.api.forgetRequests()
    for (const replicas of [3, 3, 4]) {
      await apply({ replicas })
      await stage.pass(30)
      expect(stage.replicas('podinfo')).toBe(0)
    }
    expect(parkings()).toHaveLength(3)
  })

  it('has that size and its declarer in the status', async () => {
    await apply({ replicas: 3 })
    await stage.pass(5)
    expect(stage.status.declaredReplicas).toEqual({ replicas: 3, by: 'flux', again: true })
  })

  it('says in a condition what to do', async () => {
    await apply({ replicas: 3 })
    await stage.pass(5)
    expect(condition()).toMatchObject({ status: 'True', reason: 'ReplicasDeclaredElsewhere' })
    expect(condition()?.message).toContain('flux declares 3 replicas of Deployment podinfo.test')
    expect(condition()?.message).toContain('Remove `replicas` from the manifest')
  })

  it('says so once, however often it is applied', async () => {
    for (let round = 0; round < 4; round += 1) {
      await apply({ replicas: 3 })
      await stage.pass(10)
    }
    expect(said()).toHaveLength(1)
  })

  it('is ready all the same', async () => {
    await apply({ replicas: 3 })
    await stage.pass(5)
    expect([stage.condition('Ready')?.status, stage.phase]).toEqual(['True', 'Initialized'])
  })

  it('is remembered before it is parked', async () => {
    stage.api.forgetRequests()
    await apply({ replicas: 3 })
    const order = stage.api.requests.map(({ verb }) => verb).filter(verb => verb === 'updateStatus' || verb === 'patch')
    expect(order.indexOf('updateStatus')).toBeLessThan(order.indexOf('patch'))
  })

  it.each([
    ['kubectl-client-side-apply', 'Update'],
    ['helm', 'Update'],
    ['argocd-controller', 'Apply'],
  ] as const)('is one that %s applies by %s', async (manager, operation) => {
    await apply({ replicas: 3, by: owner(manager, operation) })
    await stage.pass(5)
    expect(stage.status.declaredReplicas?.by).toBe(manager)
  })

  it('is forgotten once it is applied without a size', async () => {
    await apply({ replicas: 3 })
    await stage.pass(5)
    await apply({ replicas: 0, by: { ...owner('flux', 'Apply'), fieldsV1: {} }, version: 'v2' })
    await stage.untilRest('Succeeded')
    expect([stage.status.declaredReplicas, condition()]).toEqual([undefined, undefined])
  })
})

describe('a size that we wrote just before the process died', () => {
  const ours = owner('serin', 'Update')
  const owners = () => stage.object(deploymentKind, 'podinfo').metadata.managedFields?.map(({ manager }) => manager)

  it('is nobody’s again while the Canary rests', async () => {
    await apply({ replicas: 0, by: ours })
    await stage.restart()
    expect([owners(), stage.replicas('podinfo')]).toEqual([[], 0])
  })

  it('is nobody’s again in mid-run', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await apply({ replicas: stage.replicas('podinfo'), by: ours, version: 'v2' })
    await stage.restart()
    expect([owners(), stage.weights]).toEqual([[], [80, 20]])
  })
})

describe('a target whose size nobody declares', () => {
  it.each([
    { who: 'a person who scaled it', by: owner('kubectl', 'Update', 'scale') },
    { who: 'a person who edited it', by: owner('kubectl-edit', 'Update') },
    { who: 'a scaler', by: owner('kube-controller-manager', 'Update', 'scale') },
  ])('is parked without a word: $who', async ({ by }) => {
    await apply({ replicas: 3, by })
    await stage.pass(5)
    expect([stage.replicas('podinfo'), stage.status.declaredReplicas, said()]).toEqual([0, undefined, []])
  })
})

describe('a release that comes with a size', () => {
  it('is no reason for a warning', async () => {
    await apply({ replicas: 3, version: 'v2' })
    await stage.untilRest('Succeeded')
    expect([said(), condition()]).toEqual([[], undefined])
  })

  it('is parked when it is promoted', async () => {
    await apply({ replicas: 3, version: 'v2' })
    await stage.untilRest('Succeeded')
    expect([stage.replicas('podinfo'), stage.image('podinfo-primary')]).toEqual([0, 'podinfo:v2'])
  })
})
