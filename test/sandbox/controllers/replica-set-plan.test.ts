import { describe, expect, it } from 'vitest'
import { byDispensability, planReplicaSet, type ReplicaSetWorld } from '../../../src/sandbox/controllers/replica-set-plan.ts'
import { timestamp } from '../../../src/sandbox/objects/view.ts'
import { aPod, aReplicaSet, startMs } from '../builders.ts'

const half = () => 0.5
const plan = (parts: Partial<ReplicaSetWorld>) =>
  planReplicaSet({ replicaSet: aReplicaSet(), pods: [], failure: undefined, nowMs: startMs, ...parts }, half)
const namesOf = (asked: ReturnType<typeof plan>, verb: string) =>
  asked.writes.flatMap(write =>
    write.verb !== verb
      ? []
      : write.verb === 'create'
        ? [write.manifest.metadata.name]
        : 'object' in write
          ? [write.object.metadata.name]
          : [],
  )
const statusOf = (asked: ReturnType<typeof plan>) => asked.writes.flatMap(write => (write.verb === 'status' ? [write.status] : []))[0]

describe('a ReplicaSet', () => {
  it('makes the pods that are missing', () => expect(namesOf(plan({ pods: [aPod('a')] }), 'create')).toHaveLength(1))

  it('owns the pods it makes', () => {
    const [created] = plan({}).writes.filter(write => write.verb === 'create')
    expect(created?.manifest.metadata).toMatchObject({
      name: expect.stringMatching(/^podinfo-1-[a-z0-9]{5}$/),
      labels: { app: 'podinfo' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'podinfo-1', uid: 'uid-podinfo-1', controller: true }],
    })
  })

  it('replaces a pod that is leaving', () => {
    const leaving = aPod('a', { metadata: { deletionTimestamp: timestamp(startMs) } })
    expect(namesOf(plan({ pods: [leaving, aPod('b')] }), 'create')).toHaveLength(1)
  })

  it('replaces a pod that ended', () =>
    expect(namesOf(plan({ pods: [aPod('a', { phase: 'Failed' }), aPod('b')] }), 'create')).toHaveLength(1))

  it('takes away what is too much', () => expect(namesOf(plan({ pods: [aPod('a'), aPod('b'), aPod('c')] }), 'delete')).toHaveLength(1))

  it('takes pods away that are not ready first', () =>
    expect(namesOf(plan({ pods: [aPod('a'), aPod('b', { ready: false }), aPod('c')] }), 'delete')).toEqual(['b']))

  it('makes nothing more while it is being deleted', () => {
    const replicaSet = aReplicaSet({}, { metadata: { deletionTimestamp: timestamp(startMs) } })
    expect(namesOf(plan({ replicaSet }), 'create')).toEqual([])
  })

  it('counts its pods', () =>
    expect(statusOf(plan({ pods: [aPod('a'), aPod('b', { ready: false })] }))).toMatchObject({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 1,
      availableReplicas: 1,
      observedGeneration: 1,
    }))

  it('counts a pod as available only after minReadySeconds', () => {
    const asked = plan({ replicaSet: aReplicaSet({ minReadySeconds: 10 }), pods: [aPod('a')], nowMs: startMs + 4000 })
    expect(statusOf(asked)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 })
    expect(asked.wakeAfterMs).toBe(6000)
  })

  it('says why pods could not be made', () =>
    expect(statusOf(plan({ failure: 'quota exceeded' }))).toMatchObject({
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota exceeded' }],
    }))

  it('writes nothing when all is as it should be', () => {
    const status = { replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 }
    expect(plan({ replicaSet: aReplicaSet({}, { status }), pods: [aPod('a'), aPod('b')] }).writes).toEqual([])
  })
})

it.each([
  ['one without a node', aPod('a', { spec: { nodeName: '' } })],
  ['one that is pending', aPod('a', { phase: 'Pending' })],
  ['one that is not ready', aPod('a', { ready: false })],
  ['one of lower deletion cost', aPod('a', { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } } })],
  ['one that became ready later', aPod('a', { readySinceMs: startMs + 5000 })],
  ['one that restarted', aPod('a', { status: { containerStatuses: [{ name: 'app', ready: true, restartCount: 3 }] } })],
  ['the younger one', aPod('a', { metadata: { creationTimestamp: timestamp(startMs + 9000) } })],
])('%s goes first', (_, pod) => expect([aPod('b'), pod].toSorted(byDispensability)[0]).toBe(pod))
