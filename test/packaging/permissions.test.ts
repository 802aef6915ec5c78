import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Grant, leaseName, permissions } from '../../scripts/generated/permissions.ts'
import { resourceOf } from '../../scripts/generated/rbac.ts'
import { controllerRevisionKind, horizontalPodAutoscalerKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { createLeaderElection } from '../../src/kube/leader-election.ts'
import { createOtherController } from '../../src/kube/other-controller.ts'
import { routers } from '../../src/routing/registry.ts'
import { sick } from '../support/builders.ts'
import { scaledObjectKind } from '../support/cluster-hands.ts'
import { fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import type { TeamChange } from '../support/team.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

type FakeRequest = ReturnType<typeof fakeKubeApi>['requests'][number]

const granted: readonly Grant[] = [
  ...permissions.always,
  ...permissions.configTracking,
  ...Object.values(permissions.routing).flat(),
  ...permissions.yieldToFlagger,
  ...permissions.leaderElection,
]

const plurals = new Map(granted.map(({ kind }) => [kind.kind, kind.plural]))
const pairsOf = (grants: readonly Grant[]) => new Set(grants.flatMap(grant => grant.verbs.map(verb => `${verb} ${resourceOf(grant)}`)))

/** What the API server asks of whoever sends a request. An apply may find nothing and create. */
const needsOf = ({ verb, kind, body }: FakeRequest): readonly string[] => {
  const resource = plurals.get(kind) ?? `unknown kind ${kind}`
  const { subresource } = (body ?? {}) as { readonly subresource?: string }
  if (subresource) return [`${verb} ${resource}/${subresource}`]
  if (verb === 'updateStatus') return [`update ${resource}/status`]
  if (verb === 'apply') return [`patch ${resource}`, `create ${resource}`]
  return [`${verb} ${resource}`]
}

interface Cast {
  readonly provider: string
  readonly analysis?: TeamChange['analysis']
  readonly kind?: TeamChange['kind']
  readonly scaler?: 'HorizontalPodAutoscaler' | 'ScaledObject'
}

const scalerKinds = { HorizontalPodAutoscaler: horizontalPodAutoscalerKind, ScaledObject: scaledObjectKind }

/** A team whose workload has configuration and a scaler, and whose Canary wants to be reverted. */
const wholeTeam = ({ provider, analysis = {}, kind = 'Deployment', scaler = 'HorizontalPodAutoscaler' }: Cast): readonly KubeObject[] => {
  const spec = {
    provider,
    revertOnDeletion: true,
    autoscalerRef: { apiVersion: scalerKinds[scaler].apiVersion, kind: scaler, name: 'podinfo' },
  }
  return [
    ...team({ spec, analysis, kind }).map(object => (object.kind === kind && kind !== 'Service' ? withConfiguration(object) : object)),
    {
      apiVersion: scalerKinds[scaler].apiVersion,
      kind: scaler,
      metadata: { name: 'podinfo', namespace: 'test' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
        ...(scaler === 'ScaledObject' ? { minReplicaCount: 2, maxReplicaCount: 4, triggers: [] } : { minReplicas: 2, maxReplicas: 4 }),
      },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'podinfo', namespace: 'test' }, data: { color: 'red' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'podinfo', namespace: 'test' }, type: 'Opaque', data: { key: 'eA==' } },
  ]
}

const sources = [{ configMapRef: { name: 'podinfo' } }, { secretRef: { name: 'podinfo' } }]

interface PodTemplate {
  readonly spec: { readonly containers: readonly object[] }
}

const withConfiguration = (object: KubeObject): KubeObject => {
  const spec = object['spec'] as { readonly template: PodTemplate }
  const containers = spec.template.spec.containers.map(container => ({ ...container, envFrom: sources }))
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } } }
}

/** An analysis for layers that cannot split traffic. */
const steady = { stepWeight: undefined, maxWeight: undefined, iterations: 2 }

/** What a deletion leaves behind that spares what the Canary made, or a restore. */
const loseOwners = ({ api }: Stage): void => {
  for (const pin of api.storedAll(controllerRevisionKind)) api.put({ ...pin, metadata: { ...pin.metadata, ownerReferences: [] } })
}

/**
 * Promotions until old revisions are let go, pins that lose their owner, then pods that do not come up for a while, a rollback, and a move to no
 * layer and no scaler at all.
 */
const story = async (objects: readonly KubeObject[]): Promise<readonly FakeRequest[]> => {
  const stage = await createStage({ objects })
  await stage.until(() => stage.phase === 'Initialized' && stage.status.state === undefined)
  for (const version of ['v2', 'v3', 'v4', 'v5']) {
    await stage.release(version)
    await stage.until(() => stage.phase === 'Progressing')
    await stage.until(() => stage.phase === 'Succeeded' && stage.status.state === undefined)
  }
  loseOwners(stage)
  for (const name of ['podinfo podinfo:v6', 'version v6']) stage.state.broken.add(name)
  await stage.release('v6')
  await stage.pass(20)
  stage.state.broken.clear()
  stage.state.measurements = sick.measurements
  await stage.until(() => stage.phase === 'Failed' && stage.status.state === undefined)
  await stage.edit({ provider: 'kubernetes', autoscalerRef: undefined })
  await stage.pass(3)
  await stage.stop()
  return stage.api.requests
}

const term = async (): Promise<readonly FakeRequest[]> => {
  const clock = new VirtualClock()
  const api = fakeKubeApi({ clock })
  const io = testIo({ clock })
  const election = createLeaderElection({ api, lease: { namespace: 'serin', name: leaseName }, identity: 'one', clock })
  const run = election.run(io, { onStarted() {}, onLost() {} })
  await clock.advance(60_000)
  await election.release(io)
  await run
  return api.requests
}

const otherLease = permissions.yieldToFlagger[0]?.name ?? ''

const lookout = async (): Promise<readonly FakeRequest[]> => {
  const clock = new VirtualClock()
  const api = fakeKubeApi({ clock })
  const stop = new AbortController()
  const run = createOtherController({ api, lease: otherLease, random: () => 0.5 }).run(testIo({ clock, signal: stop.signal }))
  await clock.advance(1000)
  stop.abort()
  await clock.advance(1000)
  await run
  return api.requests
}

const missingFrom = (some: ReadonlySet<string>, all: ReadonlySet<string>): readonly string[] => [...all].filter(one => !some.has(one))

/** Granted although no story can show it. */
const unseen: Readonly<Record<string, string>> = {
  'list revisions': 'asked where a target is one of Knative, whose story has no Services, scalers and configuration to tell of',
  'watch revisions': 'the same',
  'update canaries/finalizers':
    'asked by the plug-in OwnerReferencesPermissionEnforcement when an owner reference blocks deletion; no request of its own',
}

const inTurn = async <T>(tasks: readonly (() => Promise<T>)[]): Promise<readonly T[]> => {
  const results: T[] = []
  for (const task of tasks) results.push(await task())
  return results
}

describe('the permissions', () => {
  let used: ReadonlySet<string> = new Set()
  beforeAll(async () => {
    const casts: readonly Cast[] = [
      ...routers.all
        .filter(({ name }) => name !== 'knative')
        .map(({ name, can }) => ({ provider: name, analysis: can.weigh ? {} : steady })),
      { provider: 'gatewayapi:v1', kind: 'DaemonSet' },
      { provider: 'gatewayapi:v1', kind: 'Service' },
      { provider: 'gatewayapi:v1', scaler: 'ScaledObject' },
    ]
    const stories = await inTurn(casts.map(cast => () => story(wholeTeam(cast))))
    used = new Set([...stories.flat(), ...(await term()), ...(await lookout())].flatMap(needsOf))
  })

  it('cover all that promotions, a rollback and an election ask for', () => expect(missingFrom(pairsOf(granted), used)).toEqual([]))

  it('hold nothing that is never asked for', () =>
    expect(missingFrom(used, pairsOf(granted)).filter(need => !(need in unseen))).toEqual([]))

  it.each([`name: '${leaseName}'`, `otherLease = '${otherLease}'`])('are limited to the Lease of the controller: %s', text =>
    expect(readFileSync(join(import.meta.dirname, '../../src/run-controller.ts'), 'utf8')).toContain(text),
  )
})
