import { afterEach, describe, expect, it } from 'vitest'
import { fieldsOf } from '../../src/alerts/fields.ts'
import { canaryKind, deploymentKind, eventKind, podKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { type Reason, reasons } from '../../src/api/reasons.ts'
import { answer, sick, successRate, unreachable } from '../support/builders.ts'
import { described } from '../support/describe.ts'
import { createStage, httpRouteKind, type Stage, team } from '../support/stage.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(async () => {
  const tooLong = stage.api.storedAll(eventKind).filter(({ message }) => String(message).length > 1024)
  const texts = stage.status.conditions?.filter(({ message }) => message.length > 1024)
  await stage.stop()
  expect([tooLong, texts]).toEqual([[], []])
})

const initialized = async (objects?: readonly KubeObject[]) => {
  stage = await createStage(objects ? { objects } : {})
  await stage.untilRest('Initialized')
}

const hook = (type: string) => ({ name: type, type, url: `http://hooks.test/${type}` })
const withHook = (type: string) => initialized(team({ analysis: { webhooks: [hook(type)] } }))

/** A pod of a track that is not ready. */
const pod = (status: Fields, track = 'podinfo'): KubeObject => ({
  ...podKind,
  metadata: { name: `${track}-7d9f-abcde`, namespace: 'test', labels: { app: track } },
  status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }], ...status },
})
const container = (state: Fields, change: Fields = {}) => ({
  containerStatuses: [{ name: 'app', image: 'podinfo:v2', ready: false, started: true, state, ...change }],
})

/** A release whose pods do not come up, until its deadline is over. */
const neverReady = async (status: Fields) => {
  await initialized()
  stage.state.broken.add('podinfo podinfo:v2')
  stage.api.put(pod(status))
  await stage.release('v2')
  await stage.pass(20)
}

const setStatus = (object: KubeObject, change: Fields) =>
  stage.api.put({ ...object, status: { ...(object['status'] as Fields), ...change } })

interface Failure {
  readonly what: string
  readonly happens: () => Promise<unknown>
  /** Where a reason leads on its own: what to do stands in the condition. */
  readonly reason: Reason
  readonly says: readonly string[]
}

const waits: readonly Failure[] = [
  {
    what: 'ready pods that requests do not get to',
    happens: async () => {
      await initialized()
      stage.state.endpoints = { 'podinfo-canary': 'late' }
      await stage.release('v2')
      await stage.pass(20)
    },
    reason: 'EndpointsMissing',
    says: ['0 of 1 needed pods are in the endpoints of Service podinfo-canary (ready: 2)', 'kubectl get endpointslices'],
  },
  {
    what: 'EndpointSlices that may not be read',
    happens: async () => {
      await initialized()
      stage.api.fault({ verb: 'list', kind: 'EndpointSlice', with: 'Forbidden', times: Number.POSITIVE_INFINITY })
      await stage.restart()
      await stage.release('v2')
      await stage.pass(30)
    },
    reason: 'EndpointsUnknown',
    says: ['which pods Service podinfo-canary leads to is not known', 'grant `list` and `watch` on `endpointslices`'],
  },
  {
    what: 'a closed gate',
    happens: async () => {
      await withHook('confirm-promotion')
      stage.state.hooks = { 'confirm-promotion': { ...answer('confirm-promotion', false), message: 'ask Ann first' } }
      await stage.release('v2')
      await stage.until(() => stage.phase === 'WaitingPromotion')
    },
    reason: 'GateClosed',
    says: ['waiting for promotion approval confirm-promotion', 'it answered "ask Ann first"', 'confirm-promotion: no'],
  },
  {
    what: 'a metric store that does not answer',
    happens: async () => {
      await initialized()
      stage.state.measurements = [unreachable]
      await stage.release('v2')
      await stage.until(() => stage.status.hold?.reason === 'StoreUnreachable')
    },
    reason: 'StoreUnreachable',
    says: ['prometheus query failed for request-success-rate: connect ECONNREFUSED'],
  },
  {
    what: 'an image that cannot be pulled',
    happens: () =>
      neverReady(
        container({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "podinfo:v2": ErrImagePull: not found' } }),
      ),
    reason: 'CanaryNotReady',
    says: ['0 of 2', 'podinfo-7d9f-abcde: image "podinfo:v2" cannot be pulled (not found)'],
  },
  {
    what: 'a container that crashes',
    happens: () =>
      neverReady(
        container(
          { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
          { lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
        ),
      ),
    reason: 'CanaryNotReady',
    says: ['0 of 2', 'podinfo-7d9f-abcde: container app crashes (exit code 137, OOMKilled)'],
  },
  {
    what: 'a cluster without room',
    happens: () =>
      neverReady({
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient memory.' },
        ],
      }),
    reason: 'CanaryNotReady',
    says: ['0 of 2', 'no node takes it: 0/3 nodes are available: 3 Insufficient memory'],
  },
  {
    what: 'a quota that is used up',
    happens: async () => {
      await initialized()
      stage.state.broken.add('podinfo podinfo:v2')
      await stage.release('v2')
      const message = 'pods "podinfo-7d9f-x2z4" is forbidden: exceeded quota: team, requested: pods=1, used: pods=4, limited: pods=4'
      const refused = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }
      setStatus(stage.object(deploymentKind, 'podinfo'), { conditions: [refused] })
      await stage.pass(10)
    },
    reason: 'CanaryNotReady',
    says: ['pods cannot be created: forbidden: exceeded quota: team, requested: pods=1, used: pods=4, limited: pods=4'],
  },
  {
    what: 'a route that its controller refuses',
    happens: async () => {
      await initialized()
      stage.state.acceptRoutes = false
      await stage.release('v2')
      await stage.until(() => stage.status.canaryWeight === 20)
      const route = stage.object(httpRouteKind, 'podinfo')
      const [parentRef] = (route['spec'] as { readonly parentRefs: readonly unknown[] }).parentRefs
      const refused = {
        type: 'Accepted',
        status: 'False',
        reason: 'NotAllowedByListeners',
        message: 'no listener lets this namespace in',
        observedGeneration: route.metadata.generation,
      }
      setStatus(route, { parents: [{ parentRef, controllerName: 'test', conditions: [refused] }] })
      await stage.pass(10)
    },
    reason: 'RouteNotAccepted',
    says: ['gatewayapi:v1 route of podinfo', 'no listener lets this namespace in'],
  },
]

const ends: readonly (Failure & { readonly chat: string })[] = [
  {
    what: 'a metric out of range',
    chat: 'success rate 50.00% < 99%',
    happens: async () => {
      await initialized()
      stage.state.measurements = sick.measurements
      await stage.release('v2')
    },
    reason: 'MetricOutOfRange',
    says: [
      'Rolling back podinfo.test failed checks threshold reached 2: Halt podinfo.test advancement success rate 50.00% < 99%',
      'request-success-rate: 50.00%, at least 99%',
      'Weight:  20',
    ],
  },
  {
    what: 'a hook that fails',
    chat: '3 of 9 acceptance tests failed',
    happens: async () => {
      await withHook('rollout')
      stage.state.hooks = { rollout: { ...answer('rollout', false), message: '3 of 9 acceptance tests failed' } }
      await stage.release('v2')
    },
    reason: 'HookFailed',
    says: ['external check rollout failed 3 of 9 acceptance tests failed', 'rollout: no'],
  },
  {
    what: 'a rollback that somebody asked for',
    chat: 'rollback hook rollback asked for a rollback',
    happens: async () => {
      await withHook('rollback')
      stage.state.hooks = { rollback: answer('rollback', true) }
      await stage.release('v2')
    },
    reason: 'RollbackRequested',
    says: ['manual webhook invoked: rollback hook rollback asked for a rollback'],
  },
  {
    what: 'a metric store that has nothing to say',
    chat: 'no values found for prometheus metric request-success-rate',
    happens: async () => {
      await initialized()
      stage.state.measurements = [successRate(undefined)]
      await stage.release('v2')
    },
    reason: 'NoEvidence',
    says: [
      'no evidence in 2 intervals',
      'no values found for prometheus metric request-success-rate',
      'request-success-rate: nothing, at least 99%',
    ],
  },
  {
    what: 'a metric store that stays away',
    chat: 'connect ECONNREFUSED',
    happens: async () => {
      await initialized()
      stage.state.measurements = [unreachable]
      await stage.release('v2')
    },
    reason: 'StoreUnreachable',
    says: ['Rolling back podinfo.test', 'prometheus query failed for request-success-rate: connect ECONNREFUSED'],
  },
  {
    what: 'pods that miss the deadline',
    chat: 'container app runs, but its readiness probe does not pass',
    happens: () => neverReady(container({ running: {} })),
    reason: 'ProgressDeadlineExceeded',
    says: ['progress deadline exceeded', '0 of 2', 'podinfo-7d9f-abcde: container app runs, but its readiness probe does not pass'],
  },
  {
    what: 'a promotion that fails',
    chat: 'podinfo-primary-7d9f-abcde: container app crashes',
    happens: async () => {
      await initialized()
      stage.state.broken.add('podinfo-primary podinfo:v2')
      stage.api.put(pod(container({ terminated: { exitCode: 1, reason: 'Error' } }), 'podinfo-primary'))
      await stage.release('v2')
    },
    reason: 'PromotionFailed',
    says: [
      'Promotion of podinfo.test failed, primary not ready',
      'podinfo-primary-7d9f-abcde: container app crashes (exit code 1, Error)',
      'Deployment podinfo serves all traffic',
    ],
  },
]

const obstacles: readonly Omit<Failure, 'reason'>[] = [
  {
    what: 'configuration that is missing',
    happens: async () => {
      stage = await createStage()
      await stage.untilRest('Initialized')
      await stage.release('v2', { volumes: [{ name: 'conf', configMap: { name: 'settings' } }] })
      await stage.pass(5)
    },
    says: ['ConfigMissing', 'ConfigMap settings, which does not exist; create it'],
  },
  {
    what: 'somebody who suspended it',
    happens: async () => {
      await initialized()
      await stage.edit({ suspend: true })
      await stage.pass(5)
    },
    says: ['Suspended', 'set spec.suspend to false to go on'],
  },
  {
    what: 'another Canary that claims the target',
    happens: async () => {
      const aged = (object: KubeObject, name: string, creationTimestamp: string) => ({
        ...object,
        metadata: { ...object.metadata, name, uid: name, creationTimestamp },
      })
      const [workload, canary] = team() as [KubeObject, KubeObject]
      stage = await createStage({
        objects: [workload, aged(canary, 'elder', '2020-01-01T00:00:00Z'), aged(canary, 'podinfo', '2025-01-01T00:00:00Z')],
      })
      await stage.pass(5)
    },
    says: ['Conflict', 'Canary elder already claims Deployment podinfo', 'Delete one of the two'],
  },
  {
    what: 'a target that is gone',
    happens: async () => {
      await initialized()
      stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo' })
      await stage.pass(5)
    },
    says: ['TargetMissing', 'podinfo.test does not exist; create it or correct spec.targetRef'],
  },
  {
    what: 'a manifest that cannot be carried out',
    happens: async () => {
      await initialized()
      await stage.edit({ provider: 'nonesuch' })
      await stage.pass(5)
    },
    says: ['InvalidSpec', 'spec.provider: expected one of', 'got "nonesuch"; correct it'],
  },
]

const expectAll = (words: readonly string[]): void => {
  const text = described(stage)
  expect(
    words.filter(word => !text.includes(word)),
    text,
  ).toEqual([])
}

describe('kubectl describe alone explains, while it holds,', () => {
  it.each(waits)('$what', async ({ happens, reason, says }) => {
    await happens()
    expectAll([...says, `Reason:  ${reason}`, `What to do: ${reasons[reason].next}`])
  })
})

describe('kubectl describe alone explains, when it is over,', () => {
  it.each(ends)('$what', async ({ happens, reason, says }) => {
    await happens()
    await stage.untilRest('Failed', 600)
    expectAll([...says, `Reason:  ${reason}`, `What to do: ${reasons[reason].next}`])
  })
})

/** What chat shows of the last alert, whatever chat it is. */
const lastAlert = (): string => {
  const entry = stage.sent.findLast(({ channel }) => channel === 'alert')
  if (!entry) throw new Error('chat heard nothing')
  const { canary } = readCanary(stage.object(canaryKind, 'podinfo'))
  return [entry.message, ...fieldsOf({ canary, entry, clusterName: '' }).map(({ name, value }) => `${name}: ${value}`)].join('\n')
}

describe('an alert alone explains', () => {
  it.each(ends)('$what', async ({ happens, chat }) => {
    await happens()
    await stage.untilRest('Failed', 600)
    expect(lastAlert()).toContain(chat)
    expect(lastAlert()).toMatch(/^What to do: .+/m)
  })
})

describe('kubectl describe alone explains what stands in the way:', () => {
  it.each(obstacles)('$what', async ({ happens, says }) => {
    await happens()
    expectAll(says)
  })
})
