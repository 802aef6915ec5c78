import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, leaseKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { phases } from './trail.ts'

let stage: Stage
afterEach(() => stage.stop())

const yieldsTo = 'flagger-leader-election'
const key = { namespace: 'kube-system', name: yieldsTo }

const lease = (renewedAtMs: number): KubeObject => ({
  apiVersion: leaseKind.apiVersion,
  kind: 'Lease',
  metadata: key,
  spec: { holderIdentity: 'flagger-7d_1', leaseDurationSeconds: 60, renewTime: new Date(renewedAtMs).toISOString() },
})

const renew = async () => {
  stage.api.put(lease(stage.api.serverNowMs()))
  await stage.calm()
}

/** The other controller renews its Lease for so many seconds more. */
const work = async (seconds: number) => {
  for (let second = 0; second < seconds; second += 10) {
    await renew()
    await stage.pass(10)
  }
}

const writes = () => stage.api.requests.filter(({ verb }) => !['get', 'list', 'watch', 'updateStatus'].includes(verb))
const deeds = () => writes().filter(({ kind }) => kind !== 'Event')

describe('while another controller holds its Lease', () => {
  it('nothing is done', async () => {
    stage = await createStage({ yieldsTo, objects: team() })
    await stage.untilRest('Initialized')
    await renew()
    stage.api.forgetRequests()
    await stage.release('v2')
    await work(60)
    expect([deeds(), stage.phase, stage.replicas('podinfo')]).toEqual([[], 'Initialized', 0])
  })

  it('a condition of each Canary says so', async () => {
    stage = await createStage({ yieldsTo, objects: team() })
    await stage.untilRest('Initialized')
    await renew()
    expect(stage.condition('Stalled')).toMatchObject({ status: 'True', reason: 'OtherControllerActive' })
    expect(stage.condition('Stalled')?.message).toContain('flagger-7d_1 (Lease kube-system/flagger-leader-election)')
    expect(stage.condition('Ready')?.status).toBe('False')
  })

  it('nothing else of its status is touched', async () => {
    stage = await createStage({ yieldsTo, objects: team() })
    await stage.untilRest('Initialized')
    const { conditions: _before, ...before } = stage.status
    await renew()
    await work(30)
    const { conditions: _after, ...after } = stage.status
    expect(after).toEqual(before)
  })

  it('that is said once, however often the other writes', async () => {
    stage = await createStage({ yieldsTo, objects: team() })
    await stage.untilRest('Initialized')
    await renew()
    stage.api.forgetRequests()
    for (let write = 0; write < 5; write += 1) {
      const found = stage.object(canaryKind, 'podinfo')
      const status = found['status'] as Readonly<Record<string, unknown>>
      stage.api.put({ ...found, status: { ...status, lastTransitionTime: new Date(stage.api.serverNowMs()).toISOString() } })
      await work(10)
    }
    expect(stage.api.count('updateStatus')).toBe(0)
  })

  it('a Canary that nobody has begun with is left to the other', async () => {
    const [target, canary] = team()
    stage = await createStage({ yieldsTo, objects: [target] })
    await renew()
    stage.api.put(canary)
    await work(20)
    expect(stage.object(canaryKind, 'podinfo')['status']).toBeUndefined()
  })

  it('deleting a Canary is left to the other', async () => {
    stage = await createStage({ yieldsTo, objects: team({ spec: { revertOnDeletion: true } }) })
    await stage.untilRest('Initialized')
    await renew()
    stage.api.forgetRequests()
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    await work(20)
    expect(deeds()).toEqual([])
  })
})

describe('when its Lease', () => {
  it('runs out, the rollout begins that was waiting', async () => {
    stage = await createStage({ yieldsTo, objects: team() })
    await stage.untilRest('Initialized')
    await renew()
    await stage.release('v2')
    await stage.pass(59)
    expect(stage.phase).toBe('Initialized')
    await stage.untilRest('Succeeded')
    expect(stage.condition('Stalled')?.status).toBe('False')
  })

  it('is given back, Serin begins at once', async () => {
    stage = await createStage({ yieldsTo, objects: [...team(), lease(Date.parse('2100-01-01T00:00:00Z'))] })
    await stage.pass(20)
    expect(phases(stage)).toEqual([])
    stage.api.put({ ...lease(0), spec: { holderIdentity: '', leaseDurationSeconds: 1 } })
    await stage.untilRest('Initialized')
    expect(stage.phase).toBe('Initialized')
  })
})

it('acts without a look at Leases where that was turned off', async () => {
  stage = await createStage({ objects: [...team(), lease(Date.parse('2100-01-01T00:00:00Z'))] })
  await stage.untilRest('Initialized')
  expect(stage.api.count('list', 'Lease')).toBe(0)
})
