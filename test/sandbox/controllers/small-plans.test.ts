import { describe, expect, it } from 'vitest'
import { planAutoscaler } from '../../../src/sandbox/controllers/autoscaler-plan.ts'
import { planDaemonSet } from '../../../src/sandbox/controllers/daemon-set-plan.ts'
import type { Plan } from '../../../src/sandbox/controllers/plan.ts'
import { planBinding } from '../../../src/sandbox/controllers/scheduler-plan.ts'
import { templateHash } from '../../../src/sandbox/controllers/template-hash.ts'
import { readAutoscaler } from '../../../src/sandbox/objects/autoscaler.ts'
import { readNode } from '../../../src/sandbox/objects/node.ts'
import { readDaemonSet } from '../../../src/sandbox/objects/workloads.ts'
import { aDeployment, aPod, aTemplate, startMs } from '../builders.ts'

const aNode = (name: string, { ready = true, labels = {}, spec = {} } = {}) =>
  readNode({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec,
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })

const statusOf = (asked: Plan) => asked.writes.flatMap(write => (write.verb === 'status' ? [write.status] : []))[0]

describe('the scheduler', () => {
  const pending = aPod('a', { spec: { nodeName: '' } })
  const bind = (nodes: readonly ReturnType<typeof aNode>[], pod = pending) =>
    planBinding({ pod, nodes, podsOn: name => (name === 'busy' ? 5 : 1), nowMs: startMs })

  it('binds a pod to the node with the fewest pods', () =>
    expect(bind([aNode('busy'), aNode('calm')]).writes).toMatchObject([{ verb: 'bind', nodeName: 'calm' }]))

  it('obeys the node selector', () =>
    expect(
      bind(
        [aNode('calm'), aNode('busy', { labels: { disk: 'ssd' } })],
        aPod('a', { spec: { nodeName: '', nodeSelector: { disk: 'ssd' } } }),
      ).writes,
    ).toMatchObject([{ nodeName: 'busy' }]))

  it('leaves a bound pod alone', () => expect(bind([aNode('calm')], aPod('a')).writes).toEqual([]))

  it.each([
    ['not ready', aNode('calm', { ready: false })],
    ['cordoned', aNode('calm', { spec: { unschedulable: true } })],
    ['tainted', aNode('calm', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } })],
  ])('says so when the only node is %s', (_, node) =>
    expect(statusOf(bind([node]))).toMatchObject({ conditions: [{}, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] }),
  )
})

describe('an autoscaler', () => {
  const anAutoscaler = (spec = {}) =>
    readAutoscaler({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'podinfo', namespace: 'test', generation: 3 },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'podinfo' }, minReplicas: 2, maxReplicas: 4, ...spec },
    })
  const plan = (replicas: number) =>
    planAutoscaler({ autoscaler: anAutoscaler(), target: aDeployment({ replicas }, { status: { replicas } }), nowMs: startMs })
  const scaledTo = (asked: Plan) => asked.writes.flatMap(write => (write.verb === 'patch' ? [write.body] : []))

  it('raises its target to the minimum', () => expect(scaledTo(plan(1))).toEqual([{ spec: { replicas: 2 } }]))

  it('lowers its target to the maximum', () => expect(scaledTo(plan(9))).toEqual([{ spec: { replicas: 4 } }]))

  it('leaves a target within its bounds alone', () => expect(scaledTo(plan(3))).toEqual([]))

  it('leaves a target alone that was scaled to 0', () => expect(scaledTo(plan(0))).toEqual([]))

  it('is inactive while its target is at 0', () =>
    expect(statusOf(plan(0))).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({
          type: 'ScalingActive',
          status: 'False',
          reason: 'ScalingDisabled',
          message: 'scaling is disabled since the replica count of the target is zero',
        }),
      ]),
    }))

  it('says which bound holds it', () =>
    expect(statusOf(plan(9))).toMatchObject({
      desiredReplicas: 4,
      conditions: [
        { type: 'AbleToScale', status: 'True' },
        { type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas' },
      ],
    }))

  it('says that nobody measures', () =>
    expect(statusOf(plan(3))).toMatchObject({
      conditions: [{}, { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric' }],
    }))

  it('says that its target is missing', () =>
    expect(statusOf(planAutoscaler({ autoscaler: anAutoscaler(), target: undefined, nowMs: startMs }))).toMatchObject({
      conditions: [{ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale' }],
    }))
})

describe('a DaemonSet', () => {
  const daemonSet = readDaemonSet({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'test', uid: 'uid-agent', generation: 1 },
    spec: { selector: { matchLabels: { app: 'podinfo' } }, template: aTemplate('podinfo:1', { nodeSelector: { role: 'worker' } }) },
  })
  const worker = aNode('node-1', { labels: { role: 'worker' } })
  const current = { labels: { 'controller-revision-hash': templateHash(daemonSet.spec.template) } }
  const plan = (pods: Parameters<typeof planDaemonSet>[0]['pods'], nodes = [worker, aNode('node-2')]) =>
    planDaemonSet({ daemonSet, pods, nodes, nowMs: startMs }, () => 0.5)
  const podWrites = (asked: Plan) => asked.writes.filter(({ verb }) => verb !== 'status')

  it('has one pod on each node that its selector names', () =>
    expect(podWrites(plan([]))).toMatchObject([{ verb: 'create', manifest: { spec: { nodeName: 'node-1' } } }]))

  it('leaves a pod of its template alone', () => expect(podWrites(plan([aPod('a', { metadata: current })]))).toEqual([]))

  it('takes an outdated pod away', () => expect(podWrites(plan([aPod('a')]))).toMatchObject([{ verb: 'delete' }]))

  it('waits until the old pod has left its place', () =>
    expect(podWrites(plan([aPod('a', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })]))).toEqual([]))

  it('takes its pod from a node that is no longer wanted', () =>
    expect(podWrites(plan([aPod('a', { metadata: current, spec: { nodeName: 'node-2' } })]))).toMatchObject([
      { verb: 'delete' },
      { verb: 'create' },
    ]))

  it('counts', () =>
    expect(statusOf(plan([aPod('a', { metadata: current })]))).toMatchObject({
      desiredNumberScheduled: 1,
      currentNumberScheduled: 1,
      updatedNumberScheduled: 1,
      numberReady: 1,
      numberAvailable: 1,
      numberUnavailable: 0,
      numberMisscheduled: 0,
    }))
})
