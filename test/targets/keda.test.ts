import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { satisfies } from '../../src/core/satisfies.ts'
import { scaledObject } from '../../src/targets/keda.ts'
import { aCanary } from '../support/builders.ts'
import { flags } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const query = 'sum(rate(http_requests_total{app="podinfo-canary"}[30s]))'
const trigger = (text: string, name?: string) => ({
  type: 'prometheus',
  ...(name && { name }),
  metadata: { serverAddress: 'http://prometheus:9090', threshold: '100', query: text },
})

const source = (spec: Fields = {}, metadata: Fields = {}): KubeObject => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'podinfo-so', namespace: 'test', ...metadata },
  spec: {
    scaleTargetRef: { name: 'podinfo', envSourceContainerName: 'web' },
    pollingInterval: 10,
    cooldownPeriod: 20,
    minReplicaCount: 1,
    maxReplicaCount: 3,
    triggers: [trigger(query)],
    ...spec,
  },
})
const canary = (ref: Fields = {}) =>
  aCanary({ spec: { autoscalerRef: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo-so', ...ref } } })
const twinOf = (object: KubeObject, ref: Fields = {}, options: Parameters<typeof scaledObject.primary>[2] = flags) =>
  scaledObject.primary(canary(ref), object, options)
const specIn = (object: KubeObject): Fields => object['spec'] as Fields
const queriesIn = (object: KubeObject) =>
  (specIn(object)['triggers'] as readonly { metadata: { query: string } }[]).map(one => one.metadata.query)

describe('the ScaledObject of a primary', () => {
  it('is like that of the target, and scales the primary', () =>
    expect(twinOf(source())).toEqual({
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: {
        name: 'podinfo-so-primary',
        namespace: 'test',
        ownerReferences: [expect.objectContaining({ kind: 'Canary', name: 'podinfo', controller: true })],
      },
      spec: {
        scaleTargetRef: { name: 'podinfo-primary', envSourceContainerName: 'web' },
        pollingInterval: 10,
        cooldownPeriod: 20,
        minReplicaCount: 1,
        maxReplicaCount: 3,
        triggers: [trigger(query.replace('podinfo-canary', 'podinfo-primary'))],
      },
    }))

  it('has the labels and annotations of the target’s', () => {
    const annotations = { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true', 'kustomize.toolkit.fluxcd.io/ssa': 'x' }
    expect(twinOf(source({}, { labels: { team: 'web' }, annotations })).metadata).toMatchObject({
      labels: { team: 'web' },
      annotations: { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' },
    })
  })

  it.each(['paused-replicas', 'paused', 'paused-scale-in', 'paused-scale-out'])('does not take over the pause %s', name => {
    const annotations = { [`autoscaling.keda.sh/${name}`]: '0', keep: 'me' }
    expect(twinOf(source({}, { annotations })).metadata.annotations).toEqual({ keep: 'me' })
  })

  it('gives its HorizontalPodAutoscaler a name of its own', () => {
    const advanced = { restoreToOriginalReplicaCount: true, horizontalPodAutoscalerConfig: { name: 'podinfo', behavior: {} } }
    expect(specIn(twinOf(source({ advanced })))['advanced']).toEqual({
      restoreToOriginalReplicaCount: true,
      horizontalPodAutoscalerConfig: { name: 'podinfo-primary', behavior: {} },
    })
  })

  it('has the bounds that the Canary names', () => {
    const primaryScalerReplicas = { minReplicas: 2, maxReplicas: 15 }
    expect(specIn(twinOf(source(), { primaryScalerReplicas }))).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 15 })
  })

  it('says no bound that nobody said', () => {
    const { minReplicaCount: _min, maxReplicaCount: _max, ...spec } = specIn(source())
    const bare = { ...source(), spec }
    expect(Object.keys(specIn(twinOf(bare)))).toEqual(['scaleTargetRef', 'pollingInterval', 'cooldownPeriod', 'triggers'])
  })

  it('follows changes', () =>
    expect(specIn(twinOf(source({ pollingInterval: 15, fallback: { failureThreshold: 3, replicas: 2 } })))).toMatchObject({
      pollingInterval: 15,
      fallback: { failureThreshold: 3, replicas: 2 },
    }))

  it.each([
    { least: 0, kept: { minReplicaCount: 1, idleReplicaCount: 0 } },
    { least: 2, kept: { minReplicaCount: 2 } },
    { least: 9, kept: { minReplicaCount: 3 } },
  ])('keeps $least pods while a rollout may need them', ({ least, kept }) => {
    const { minReplicaCount, idleReplicaCount } = specIn(twinOf(source({ idleReplicaCount: 0 }), {}, { ...flags, leastPods: least }))
    expect({ minReplicaCount, ...(idleReplicaCount !== undefined && { idleReplicaCount }) }).toEqual(kept)
  })

  it('needs no write where it stands already', () => {
    const twin = twinOf(source())
    expect(satisfies(twin, twin)).toBe(true)
  })
})

describe('the queries of a primary', () => {
  it.each([
    ['sum(rate(a{app="podinfo"}[1m]))', 'sum(rate(a{app="podinfo-primary"}[1m]))'],
    ['sum(rate(a{app="podinfo-canary"}[1m]))', 'sum(rate(a{app="podinfo-primary"}[1m]))'],
    ['a{x="podinfo"} + b{y="podinfo-canary"} + c{z="podinfo"}', 'a{x="podinfo-primary"} + b{y="podinfo-primary"} + c{z="podinfo-primary"}'],
    ['a{x="podinfo-primary"}', 'a{x="podinfo-primary"}'],
    ['a{x="other"}', 'a{x="other"}'],
  ])('of %s', (asked, expected) => expect(queriesIn(twinOf(source({ triggers: [trigger(asked)] })))).toEqual([expected]))

  it('are those that the Canary names, by trigger, and no other is rewritten then', () => {
    const triggers = [trigger('a{x="podinfo"}', 'first'), trigger('b{x="podinfo"}', 'second'), trigger('c{x="podinfo"}')]
    const primaryScalerQueries = { first: 'a{x="mine"}' }
    expect(queriesIn(twinOf(source({ triggers }), { primaryScalerQueries }))).toEqual(['a{x="mine"}', 'b{x="podinfo"}', 'c{x="podinfo"}'])
  })

  it('leave triggers without a query alone', () => {
    const triggers = [{ type: 'cron', metadata: { timezone: 'UTC', start: '0 8 * * *', end: '0 18 * * *', desiredReplicas: '3' } }]
    expect(specIn(twinOf(source({ triggers })))['triggers']).toEqual(triggers)
  })

  it('name the target nowhere any more, whatever they say', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom('podinfo', 'podinfo-canary', 'podinfo-primary', 'x', '{', ' ', '-', '"')), parts => {
        const text = `${parts.join(' ')} podinfo`
        const [said = ''] = queriesIn(twinOf(source({ triggers: [trigger(text)] })))
        expect(said.replaceAll('podinfo-primary', '')).not.toContain('podinfo')
      }),
    ))

  it('take the name of the target as it is written', () => {
    const named = aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a.b' } } })
    const object = source({ triggers: [trigger('x{a="a.b", b="acb", c="$&"}')] })
    expect(queriesIn(scaledObject.primary(named, object, flags))).toEqual(['x{a="a.b-primary", b="acb", c="$&"}'])
  })
})

describe('pausing', () => {
  const paused = (value: string) => source({}, { annotations: { 'autoscaling.keda.sh/paused-replicas': value } })

  it('says by annotation that there are to be no pods', () =>
    expect(scaledObject.pause(source())?.body).toEqual({ metadata: { annotations: { 'autoscaling.keda.sh/paused-replicas': '0' } } }))

  it('is done already where the annotation says so', () => expect(scaledObject.pause(paused('0'))).toBeUndefined())

  it('ends without the annotation', () =>
    expect(scaledObject.resume(paused('0'))?.body).toEqual({ metadata: { annotations: { 'autoscaling.keda.sh/paused-replicas': null } } }))

  it('is not ended where nothing is paused', () => expect(scaledObject.resume(source())).toBeUndefined())

  it('by somebody else, at a size of theirs, is left alone', () => expect(scaledObject.resume(paused('5'))).toBeUndefined())
})

it.each([
  [undefined, 0],
  [2, 2],
])('the least number of pods with minReplicaCount %s is %i', (minReplicaCount, least) =>
  expect(scaledObject.minReplicas(source({ minReplicaCount }))).toBe(least),
)

it.each([
  [undefined, 100],
  [4, 4],
])('the largest number of pods with maxReplicaCount %s is %i', (maxReplicaCount, most) =>
  expect(scaledObject.maxReplicas(source({ maxReplicaCount }))).toBe(most),
)
