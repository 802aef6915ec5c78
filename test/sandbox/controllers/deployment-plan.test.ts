import { describe, expect, it } from 'vitest'
import { planDeployment } from '../../../src/sandbox/controllers/deployment-plan.ts'
import type { DeploymentWorld } from '../../../src/sandbox/controllers/deployment-view.ts'
import type { Plan, Write } from '../../../src/sandbox/controllers/plan.ts'
import { labelled } from '../../../src/sandbox/controllers/template-hash.ts'
import { timestamp } from '../../../src/sandbox/objects/view.ts'
import { aDeployment, aPod, aReplicaSet, aTemplate, startMs } from '../builders.ts'

const revision = 'deployment.kubernetes.io/revision'
const sized = (replicas: number, max: number, rev: number) => ({
  'deployment.kubernetes.io/desired-replicas': String(replicas),
  'deployment.kubernetes.io/max-replicas': String(max),
  [revision]: String(rev),
})

const world = (parts: Partial<DeploymentWorld>): DeploymentWorld => ({
  deployment: aDeployment(),
  replicaSets: [],
  pods: [],
  nowMs: startMs,
  ...parts,
})

const plan = (parts: Partial<DeploymentWorld>, isTaken: (name: string) => boolean = () => false) => planDeployment(world(parts), isTaken)

const ofVerb = <V extends Write['verb']>(asked: Plan, verb: V): Extract<Write, { verb: V }>[] =>
  asked.writes.filter((write): write is Extract<Write, { verb: V }> => write.verb === verb)

const statusOf = (asked: Plan) =>
  ofVerb(asked, 'status')[0]?.status as { conditions: { type: string; [field: string]: unknown }[]; [field: string]: unknown }
const conditionOf = (asked: Plan, type: string) => statusOf(asked).conditions.find(condition => condition.type === type)
const sizesOf = (asked: Plan) =>
  Object.fromEntries(
    ofVerb(asked, 'patch').flatMap(({ object, body }) => {
      const replicas = (body['spec'] as { replicas?: number } | undefined)?.replicas
      return replicas === undefined ? [] : [[object.metadata.name, replicas]]
    }),
  )

/** The ReplicaSet of the Deployment's template, as an earlier pass made it. */
const fresh = (replicas: number, available: number, more = {}) =>
  aReplicaSet(
    { replicas, template: labelled(aTemplate(), 'pod-template-hash', 'x'), ...more },
    {
      metadata: { name: 'podinfo-new', annotations: sized(2, 3, 2), creationTimestamp: timestamp(startMs + 1000) },
      status: { replicas, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
    },
  )
const old = (replicas: number, { available = replicas, name = 'podinfo-old', rev = 1 } = {}) =>
  aReplicaSet(
    { replicas, template: aTemplate('podinfo:0') },
    {
      metadata: { name, uid: `uid-${name}`, annotations: sized(2, 3, rev) },
      status: { replicas, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
    },
  )

describe('a new Deployment', () => {
  const asked = plan({})
  const [created] = ofVerb(asked, 'create')

  it('gets a ReplicaSet named after its template', () => expect(created?.manifest.metadata.name).toMatch(/^podinfo-[a-z0-9]{10}$/))

  it('labels the pods with the hash of their template', () => {
    const hash = created?.manifest.metadata.name.slice('podinfo-'.length)
    expect(created?.manifest['spec']).toMatchObject({
      replicas: 2,
      selector: { matchLabels: { app: 'podinfo', 'pod-template-hash': hash } },
      template: { metadata: { labels: { app: 'podinfo', 'pod-template-hash': hash } } },
    })
  })

  it('owns it', () => expect(created?.manifest.metadata.ownerReferences).toMatchObject([{ uid: 'uid-podinfo', controller: true }]))

  it('is at revision 1', () => {
    expect(created?.manifest.metadata.annotations).toMatchObject(sized(2, 3, 1))
    expect(ofVerb(asked, 'patch')[0]?.body).toEqual({ metadata: { annotations: { [revision]: '1' } } })
  })

  it('says that it created the ReplicaSet', () =>
    expect(conditionOf(asked, 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set "${created?.manifest.metadata.name}"`,
    }))

  it('says that too few pods serve', () =>
    expect(conditionOf(asked, 'Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
      message: 'Deployment does not have minimum availability.',
    }))

  it('says which generation it has seen', () => expect(statusOf(asked)['observedGeneration']).toBe(1))

  it('takes another name when its own is taken by a stranger', () => {
    const asked = plan({}, name => name === created?.manifest.metadata.name)
    expect(statusOf(asked)['collisionCount']).toBe(1)
    const again = plan({ deployment: aDeployment({}, { status: { collisionCount: 1 } }) })
    expect(ofVerb(again, 'create')[0]?.manifest.metadata.name).not.toBe(created?.manifest.metadata.name)
  })
})

describe('a rollout', () => {
  it('starts with the surge', () =>
    expect(ofVerb(plan({ replicaSets: [old(2)] }), 'create')[0]?.manifest['spec']).toMatchObject({ replicas: 1 }))

  it('gives the new template the next revision', () =>
    expect(
      ofVerb(plan({ replicaSets: [old(2, { available: 2, name: 'podinfo-old', rev: 7 })] }), 'create')[0]?.manifest.metadata.annotations,
    ).toMatchObject({
      [revision]: '8',
    }))

  it('waits while the new pod does not serve', () => expect(sizesOf(plan({ replicaSets: [old(2), fresh(1, 0)] }))).toEqual({}))

  it('takes an old pod away when a new one serves', () =>
    expect(sizesOf(plan({ replicaSets: [old(2), fresh(1, 1)] }))).toEqual({ 'podinfo-old': 1 }))

  it('takes a pod of an old template that never came up away at once', () =>
    expect(sizesOf(plan({ replicaSets: [old(2), old(1, { available: 0, name: 'podinfo-broken', rev: 2 }), fresh(0, 0)] }))).toEqual({
      'podinfo-broken': 0,
    }))

  it('reports progress', () =>
    expect(conditionOf(plan({ replicaSets: [old(2), fresh(1, 1)] }), 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: 'ReplicaSet "podinfo-new" is progressing.',
    }))

  it('reports its end', () =>
    expect(conditionOf(plan({ replicaSets: [old(0), fresh(2, 2)] }), 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: 'ReplicaSet "podinfo-new" has successfully progressed.',
    }))

  it('writes nothing more once it has ended', () => {
    const replicaSets = [old(0), fresh(2, 2)]
    const { status } = ofVerb(plan({ replicaSets }), 'status')[0] ?? {}
    const deployment = aDeployment({}, { status: status as Record<string, unknown>, metadata: { annotations: { [revision]: '2' } } })
    expect(plan({ deployment, replicaSets, nowMs: startMs + 60_000 }).writes).toEqual([])
  })

  it('uses the ReplicaSet of a template that comes back, under a new revision', () => {
    const back = aReplicaSet({ replicas: 0 }, { metadata: { name: 'podinfo-back', annotations: sized(2, 3, 1) } })
    const asked = plan({ replicaSets: [back, old(2, { available: 2, name: 'podinfo-old', rev: 2 })] })
    expect(ofVerb(asked, 'create')).toEqual([])
    expect(ofVerb(asked, 'patch')[0]?.body).toMatchObject({
      metadata: { annotations: { [revision]: '3', 'deployment.kubernetes.io/revision-history': '1' } },
      spec: { replicas: 1 },
    })
  })

  it('forgets the oldest empty ReplicaSets beyond the history limit', () => {
    const replicaSets = [
      old(0, { available: 0, name: 'a', rev: 1 }),
      old(0, { available: 0, name: 'b', rev: 2 }),
      old(0, { available: 0, name: 'c', rev: 3 }),
      fresh(2, 2),
    ]
    const status = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, observedGeneration: 1 }
    const asked = plan({ deployment: aDeployment({ revisionHistoryLimit: 1 }, { status }), replicaSets })
    expect(ofVerb(asked, 'delete').map(({ object }) => object.metadata.name)).toEqual(['a', 'b'])
  })
})

describe('the progress deadline', () => {
  const progressing = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: '', lastUpdateTime: timestamp(startMs) }
  const stuck = aDeployment(
    { progressDeadlineSeconds: 60 },
    { status: { replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2, conditions: [progressing] } },
  )
  const replicaSets = [old(2), fresh(1, 0)]

  it('is waited for', () => expect(plan({ deployment: stuck, replicaSets, nowMs: startMs + 20_000 }).wakeAfterMs).toBe(41_000))

  it('passes with its own reason', () =>
    expect(conditionOf(plan({ deployment: stuck, replicaSets, nowMs: startMs + 61_000 }), 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: 'ReplicaSet "podinfo-new" has timed out progressing.',
    }))

  it('starts anew with every step forward', () => {
    const asked = plan({ deployment: stuck, replicaSets: [old(2), fresh(1, 1)], nowMs: startMs + 59_000 })
    expect(conditionOf(asked, 'Progressing')).toMatchObject({ lastUpdateTime: timestamp(startMs + 59_000), status: 'True' })
  })
})

describe('a paused Deployment', () => {
  const paused = aDeployment({ paused: true })

  it('starts no rollout', () => expect(ofVerb(plan({ deployment: paused, replicaSets: [old(2)] }), 'create')).toEqual([]))

  it('says so', () =>
    expect(conditionOf(plan({ deployment: paused, replicaSets: [old(2)] }), 'Progressing')).toMatchObject({
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message: 'Deployment is paused',
    }))

  it('is still scaled', () =>
    expect(sizesOf(plan({ deployment: aDeployment({ paused: true, replicas: 5 }), replicaSets: [old(2)] }))).toEqual({ 'podinfo-old': 5 }))

  it('says when it goes on', () => {
    const status = {
      replicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      conditions: [{ type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' }],
    }
    const asked = plan({ deployment: aDeployment({}, { status }), replicaSets: [old(2), fresh(0, 0)] })
    expect(conditionOf(asked, 'Progressing')).toMatchObject({ reason: 'DeploymentResumed', message: 'Deployment is resumed' })
  })
})

describe('scaling', () => {
  it('to 0 takes every pod', () =>
    expect(sizesOf(plan({ deployment: aDeployment({ replicas: 0 }), replicaSets: [fresh(2, 2)] }))).toEqual({ 'podinfo-new': 0 }))

  it('to 0 leaves the Deployment available', () =>
    expect(conditionOf(plan({ deployment: aDeployment({ replicas: 0 }), replicaSets: [fresh(0, 0)] }), 'Available')).toMatchObject({
      status: 'True',
    }))

  it('from 0 brings all pods at once', () =>
    expect(sizesOf(plan({ deployment: aDeployment({ replicas: 3 }), replicaSets: [fresh(0, 0)] }))).toEqual({ 'podinfo-new': 3 }))

  it('in the middle of a rollout is spread over both versions', () => {
    const asked = plan({
      deployment: aDeployment({ replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }),
      replicaSets: [old(2), fresh(1, 0)],
    })
    expect(sizesOf(asked)).toEqual({ 'podinfo-old': 3, 'podinfo-new': 2 })
  })
})

describe('Recreate', () => {
  const deployment = aDeployment({ strategy: { type: 'Recreate' } })

  it('takes the old pods first', () => {
    const asked = plan({ deployment, replicaSets: [old(2)] })
    expect(sizesOf(asked)).toEqual({ 'podinfo-old': 0 })
    expect(ofVerb(asked, 'create')).toEqual([])
  })

  it('waits until the last old pod has gone', () => {
    const leaving = aPod('p', {
      metadata: {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'podinfo-old', uid: 'uid-podinfo-old', controller: true }],
      },
    })
    expect(ofVerb(plan({ deployment, replicaSets: [old(0)], pods: [leaving] }), 'create')).toEqual([])
  })

  it('then brings the new ones all at once', () =>
    expect(ofVerb(plan({ deployment, replicaSets: [old(0)] }), 'create')[0]?.manifest['spec']).toMatchObject({ replicas: 2 }))
})

it('reports pods that could not be created', () => {
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "x" is forbidden: quota' }
  const broken = aReplicaSet({}, { metadata: { name: 'podinfo-new', annotations: sized(2, 3, 1) }, status: { conditions: [failure] } })
  expect(conditionOf(plan({ replicaSets: [broken] }), 'ReplicaFailure')).toMatchObject(failure)
})

it('leaves a Deployment that is being deleted alone', () => {
  const deployment = aDeployment({}, { metadata: { deletionTimestamp: timestamp(startMs) } })
  expect(plan({ deployment, replicaSets: [old(2)] }).writes.filter(({ verb }) => verb !== 'status')).toEqual([])
})
