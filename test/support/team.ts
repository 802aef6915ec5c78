import type { KubeObject } from '../../src/api/object.ts'

type Fields = Readonly<Record<string, unknown>>

export const httpRouteKind = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
} as const

/** How the team differs from the usual one. */
export interface TeamChange {
  readonly analysis?: Fields
  readonly spec?: Fields
  readonly replicas?: number
  /** Fields of the pod spec of the first version. */
  readonly pod?: Fields
  /** What the Canary targets; a Deployment where nothing is said. */
  readonly kind?: 'Deployment' | 'DaemonSet' | 'Service' | 'Knative'
}

export const template = (version: string, pod: Fields = {}): Fields => ({
  metadata: { labels: { app: 'podinfo' } },
  spec: { containers: [{ name: 'podinfo', image: `podinfo:${version}`, ports: [{ containerPort: 9898 }] }], ...pod },
})

const workload = ({ replicas = 2, pod = {}, kind = 'Deployment' }: TeamChange): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'podinfo', namespace: 'test', generation: 1 },
  spec: {
    ...(kind === 'Deployment' ? { replicas } : { updateStrategy: { type: 'RollingUpdate' } }),
    selector: { matchLabels: { app: 'podinfo' } },
    template: template('v1', pod),
  },
  status: {},
})

/** A Service as an API server stores it, for pods that somebody else runs. */
export const coreService = (version: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.0.0.7',
    clusterIPs: ['10.0.0.7'],
    selector: { app: 'podinfo', version },
    ports: [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' }],
  },
})

/** A Knative Service as its user applies it. */
const knativeService: KubeObject = {
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test', generation: 1 },
  spec: { template: template('v1'), traffic: [{ latestRevision: true, percent: 100 }] },
}

const apiVersions = { Deployment: 'apps/v1', DaemonSet: 'apps/v1', Service: 'v1', Knative: 'serving.knative.dev/v1' } as const

const targetOf = (change: TeamChange): KubeObject => {
  if (change.kind === 'Service') return coreService('v1')
  return change.kind === 'Knative' ? knativeService : workload(change)
}

const canary = ({ analysis = {}, spec = {}, kind = 'Deployment' }: TeamChange): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'podinfo', namespace: 'test', generation: 1 },
  spec: {
    provider: kind === 'Knative' ? 'knative' : 'gatewayapi:v1',
    targetRef: { apiVersion: apiVersions[kind], kind: kind === 'Knative' ? 'Service' : kind, name: 'podinfo' },
    service: { port: 9898, gatewayRefs: [{ name: 'gateway', namespace: 'test' }], hosts: ['podinfo.example'] },
    progressDeadlineSeconds: 60,
    analysis: {
      interval: '10s',
      threshold: 2,
      stepWeight: 20,
      maxWeight: 40,
      metrics: [{ name: 'request-success-rate', interval: '10s', thresholdRange: { min: 99 } }],
      ...analysis,
    },
    ...spec,
  },
})

/** Objects of a small team: a workload, and the Canary that releases it through a gateway. */
export const team = (change: TeamChange = {}): readonly [target: KubeObject, canary: KubeObject] => [targetOf(change), canary(change)]

const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test', labels: { team: 'web' } },
  spec: { type: 'ClusterIP', selector: { app: 'podinfo' }, ports: [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' }] },
}

const route: KubeObject = {
  apiVersion: httpRouteKind.apiVersion,
  kind: 'HTTPRoute',
  metadata: { name: 'podinfo', namespace: 'test', labels: { team: 'web' } },
  spec: {
    parentRefs: [{ name: 'gateway', namespace: 'test' }],
    hostnames: ['podinfo.example'],
    rules: [{ backendRefs: [{ name: 'podinfo', port: 9898 }] }],
  },
}

/** The Service and the route that a team had before its Canary. */
export const stoodBefore = { service, route }
