import { metricTemplateKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { scaledObjectKind } from '../support/cluster-hands.ts'
import { stoodBefore, team } from '../support/team.ts'
import type { Chance } from './chance.ts'
import { configurationOf, podOf } from './configuration.ts'
import type { LeaseTimes } from './process.ts'
import type { TargetName } from './tracks.ts'

type Fields = Readonly<Record<string, unknown>>

export const teamNamespace = 'test'

const match = [{ headers: { 'x-insider': { exact: 'yes' } } }]

/** How a team may want its releases to be tested. */
export const strategies = {
  'linear weights': {},
  'a ladder of weights': { stepWeight: undefined, maxWeight: undefined, stepWeights: [5, 50, 100] },
  'weights that return in steps': { stepWeightPromotion: 15 },
  'mirroring first': { mirror: true },
  'session affinity': { sessionAffinity: { cookieName: 'canary', primaryCookieName: 'primary' } },
  'A/B': { iterations: 2, stepWeight: undefined, maxWeight: undefined, match },
  'blue/green': { iterations: 2, stepWeight: undefined, maxWeight: undefined },
  'mirrored blue/green': { iterations: 2, stepWeight: undefined, maxWeight: undefined, mirror: true },
} as const satisfies Readonly<Record<string, Fields>>
export type StrategyName = keyof typeof strategies
export const strategyNames = Object.keys(strategies) as readonly StrategyName[]

/** Layers that people change between. */
export const providers = ['gatewayapi:v1', 'istio', 'kubernetes'] as const
export type Provider = (typeof providers)[number] | 'knative'

export type ScalerName = 'HorizontalPodAutoscaler' | 'ScaledObject'

/** A second, younger Canary for the same target; or a team in another namespace, of which nothing here is any business. */
export type Company = 'a rival' | 'a neighbour'

/** Which team it is, and how Serin runs. */
export interface Setup {
  readonly target: TargetName
  readonly strategy: StrategyName
  readonly provider: Provider
  readonly isGated: boolean
  /** What scales the target. */
  readonly scaler: ScalerName | undefined
  readonly hasConfig: boolean
  /** Its pods mount a Secret. */
  readonly hasSecret: boolean
  /** Its releases are judged by a store of its own as well. */
  readonly hasOwnStore: boolean
  readonly skipsAnalysis: boolean
  /** Service and route were there before the Canary, which promises to put them back. */
  readonly isSettled: boolean
  readonly lease: LeaseTimes | undefined
  /** Whose Canary there is beside that of the team. */
  readonly company: Company | undefined
}

const hookTypes = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'post-rollout',
  'rollback',
] as const
export type HookName = (typeof hookTypes)[number]
/** Gates that people close and open. */
export const gates: readonly HookName[] = ['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion']

const gatewayStrategies = strategyNames
/** What each layer can do. */
export const strategiesOf: Readonly<Record<Provider, readonly StrategyName[]>> = {
  'gatewayapi:v1': gatewayStrategies,
  istio: gatewayStrategies,
  kubernetes: ['blue/green', 'linear weights'],
  knative: ['linear weights', 'a ladder of weights', 'weights that return in steps', 'blue/green'],
}

/** Layers that can lead to a target of each kind. */
export const layersOf: Readonly<Record<TargetName, readonly Provider[]>> = {
  Deployment: providers,
  DaemonSet: providers,
  Service: ['gatewayapi:v1', 'istio'],
  Knative: ['knative'],
}

/** Of a hundred worlds so many have something else than a Deployment. */
const rareTargets: readonly (readonly [TargetName, number])[] = [
  ['DaemonSet', 5],
  ['Service', 4],
  ['Knative', 4],
]

const drawTarget = (chance: Chance): TargetName => {
  let left = chance.next() * 100
  for (const [name, share] of rareTargets) {
    left -= share
    if (left < 0) return name
  }
  return 'Deployment'
}

const scalerNames: readonly ScalerName[] = ['HorizontalPodAutoscaler', 'HorizontalPodAutoscaler', 'ScaledObject']

const briskLease: LeaseTimes = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 }
const calmLease: LeaseTimes = { leaseDurationMs: 60_000, renewDeadlineMs: 40_000, retryPeriodMs: 10_000 }

export const drawSetup = (chance: Chance): Setup => {
  const rarely = chance.apart('rarely')
  const provider = chance.happens(0.7) ? 'gatewayapi:v1' : chance.pick(providers)
  return {
    target: drawTarget(chance.apart('target')),
    provider,
    strategy: chance.pick(strategiesOf[provider]),
    isGated: chance.happens(0.4),
    scaler: chance.happens(0.25) ? rarely.pick(scalerNames) : undefined,
    hasConfig: chance.happens(0.25),
    hasSecret: chance.apart('secret').happens(0.06),
    hasOwnStore: chance.apart('store').happens(0.06),
    skipsAnalysis: chance.happens(0.05),
    isSettled: provider === 'gatewayapi:v1' && chance.happens(0.3),
    lease: chance.happens(0.35) ? chance.pick([briskLease, calmLease]) : undefined,
    company: rarely.happens(0.08) ? 'a rival' : chance.apart('neighbour').happens(0.06) ? 'a neighbour' : undefined,
  }
}

/** The same team, as far as its target and its layer can do what it wants. */
export const fitting = (setup: Setup): Setup => {
  const layers = layersOf[setup.target]
  const provider = layers.includes(setup.provider) ? setup.provider : (layers[0] ?? setup.provider)
  const hasPods = setup.target === 'Deployment' || setup.target === 'DaemonSet'
  return {
    ...setup,
    provider,
    strategy: strategiesOf[provider].includes(setup.strategy) ? setup.strategy : 'blue/green',
    isSettled: setup.isSettled && provider === 'gatewayapi:v1' && setup.target === 'Deployment',
    scaler: setup.target === 'Deployment' ? setup.scaler : undefined,
    hasConfig: hasPods && setup.hasConfig,
    hasSecret: hasPods && setup.hasSecret,
  }
}

export const setupText = (setup: Setup): string =>
  [
    setup.strategy,
    ...(setup.target === 'Deployment' ? [] : [`of a ${setup.target}`]),
    `by ${setup.provider}`,
    ...(setup.isGated ? ['with gates'] : []),
    ...(setup.scaler ? [`with a ${setup.scaler}`] : []),
    ...(setup.hasConfig ? ['with a ConfigMap'] : []),
    ...(setup.hasSecret ? ['with a Secret'] : []),
    ...(setup.hasOwnStore ? ['with a metric store of its own'] : []),
    ...(setup.skipsAnalysis ? ['without analysis'] : []),
    ...(setup.isSettled ? ['over a Service and a route that were there'] : []),
    ...(setup.company ? [`beside ${setup.company}`] : []),
    setup.lease ? `two replicas, lease of ${setup.lease.leaseDurationMs / 1000}s` : 'one replica',
  ].join(', ')

/** A team that wants nothing special. */
export const plain: Setup = {
  target: 'Deployment',
  strategy: 'linear weights',
  provider: 'gatewayapi:v1',
  isGated: false,
  scaler: undefined,
  hasConfig: false,
  hasSecret: false,
  hasOwnStore: false,
  skipsAnalysis: false,
  isSettled: false,
  lease: undefined,
  company: undefined,
}

const webhooks = hookTypes.map(type => ({ name: type, type, url: `http://${type}/` }))

const triggers = [{ type: 'prometheus', metadata: { query: 'sum(rate(http_requests_total{app="podinfo"}[1m]))' } }]
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }

const scalers: Readonly<Record<ScalerName, KubeObject>> = {
  HorizontalPodAutoscaler: {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [cpu],
    },
  },
  ScaledObject: {
    apiVersion: scaledObjectKind.apiVersion,
    kind: scaledObjectKind.kind,
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: { scaleTargetRef: { name: 'podinfo' }, minReplicaCount: 2, maxReplicaCount: 6, triggers },
  },
}

/** Looks back on more than a step, so that what was measured of the revision before is in reach of the one after it. */
const successRate = { name: 'request-success-rate', interval: '30s', thresholdRange: { min: 99 } }
const errors = { name: 'errors', interval: '30s', thresholdRange: { max: 1 }, templateRef: { name: 'errors' } }

/** Where a team asks for the percentage of errors, beside the success rate that the metrics server knows. */
export const ownStoreAddress = 'http://own-store:9090'

const errorsTemplate: KubeObject = {
  apiVersion: metricTemplateKind.apiVersion,
  kind: metricTemplateKind.kind,
  metadata: { name: 'errors', namespace: teamNamespace },
  spec: {
    provider: { type: 'prometheus', address: ownStoreAddress },
    query: 'sum(rate(errors{namespace="{{ namespace }}",app="{{ target }}"}[{{ interval }}]))',
  },
}

/** A team's manifests as they stand in Git, and what stands around them. */
export const manifestsOf = (setup: Setup): readonly KubeObject[] => {
  const scaler = setup.scaler && scalers[setup.scaler]
  const scaled = scaler ? { autoscalerRef: { apiVersion: scaler.apiVersion, kind: scaler.kind, name: 'podinfo' } } : {}
  const spec = {
    provider: setup.provider,
    ...scaled,
    ...(setup.skipsAnalysis ? { skipAnalysis: true } : {}),
    ...(setup.isSettled ? { revertOnDeletion: true } : {}),
  }
  const metrics = [successRate, ...(setup.hasOwnStore ? [errors] : [])]
  const analysis = { ...strategies[setup.strategy], metrics, ...(setup.isGated ? { webhooks } : {}) }
  return [
    ...configurationOf(setup, 'red'),
    ...(setup.hasOwnStore ? [errorsTemplate] : []),
    ...(setup.isSettled ? Object.values(stoodBefore) : []),
    ...(scaler ? [scaler] : []),
    ...team({ kind: setup.target, pod: podOf(setup), spec, analysis }).map(asWritten),
  ]
}

export const rivalName = 'rival'

/** A Canary for the same target, that somebody makes after that of the team. */
export const rivalOf = (setup: Setup): KubeObject | undefined => {
  const canary = setup.company === 'a rival' ? manifestsOf(setup).find(({ kind }) => kind === 'Canary') : undefined
  return canary && { ...canary, metadata: { ...canary.metadata, name: rivalName } }
}

export const neighbourNamespace = 'next'

/** A team with the same names in another namespace. It waits for whatever hits everybody, for as long as that takes. */
export const neighbourOf = ({ company }: Setup): readonly KubeObject[] => {
  if (company !== 'a neighbour') return []
  const spec = { progressDeadlineSeconds: 3600, service: { port: 9898, gatewayRefs: [{ name: 'gateway' }], hosts: ['next.example'] } }
  return team({ spec })
    .map(asWritten)
    .map(object => ({ ...object, metadata: { ...object.metadata, namespace: neighbourNamespace } }))
}

/** Manifests have no status, and no field that is not there. */
const asWritten = ({ status: _, ...object }: KubeObject): KubeObject => {
  const { generation: __, ...metadata } = object.metadata
  return JSON.parse(JSON.stringify({ ...object, metadata })) as KubeObject
}
