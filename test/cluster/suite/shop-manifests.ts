import type { KubeObject } from '../../../src/api/object.ts'
import type { Version } from '../../../src/sandbox/story/release.ts'

/** How a shop is released. */
export type Provider = 'gatewayapi:v1' | 'kubernetes' | 'istio'

export interface ShopOptions {
  /** Namespace of the shop, and the first label of the host that its users ask for. */
  readonly name: string
  readonly provider: Provider
  readonly replicas?: number
  /** What the team releases; a Deployment where absent. Of a Service both versions run all the time. */
  readonly kind?: 'Deployment' | 'DaemonSet' | 'Service'
  /** Fields of `spec` and of `spec.analysis` that take the place of the usual ones. */
  readonly spec?: Readonly<Record<string, unknown>>
  readonly analysis?: Readonly<Record<string, unknown>>
  /** Objects that are there before the Canary is. */
  readonly beside?: readonly KubeObject[]
  /** Variables of the container beside those that say which version it is. */
  readonly env?: Readonly<Record<string, string>>
  /** Fields of the container. */
  readonly container?: Readonly<Record<string, unknown>>
}

const port = 9898
/** Between two steps. Metrics look back on a longer time, because Envoy adds up its histograms every 5 seconds only. */
const interval = '3s'
const window = '10s'
/** A machine that stands still for ten seconds makes as long a window look bad: a few times, and a good version is a good one all the same. */
const threshold = 20

export const hostOf = ({ name }: Pick<ShopOptions, 'name'>): string => `${name}.example.com`

/** Variables that say which version a container is. */
export const envOf = ({ name, errorRate, latencyMs }: Version) => [
  { name: 'VERSION', value: name },
  { name: 'ERROR_RATE', value: String(errorRate) },
  { name: 'LATENCY_MS', value: String(latencyMs) },
]

/** A pod on its way out answers for longer than the whole machine may stand still: until then nobody can hear that it goes. */
export const drain = { name: 'DRAIN_MS', value: '10000' }

/** What a pod says of itself counts; that it is slow to say it does not, as long as users are patient. */
export const readinessProbe = { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1, timeoutSeconds: 10 }

/** What a release of this version changes in the Deployment. */
export const containerOf = (version: Version, { container = {}, env = {} }: Pick<ShopOptions, 'container' | 'env'>) => ({
  name: 'shop',
  image: `serin-demo:${version.name}`,
  ports: [{ name: 'http', containerPort: port }],
  env: [...envOf(version), drain, ...Object.entries(env).map(([name, value]) => ({ name, value }))],
  readinessProbe,
  ...container,
})

type Labels = Readonly<Record<string, string>>

const templateOf = (options: ShopOptions, version: Version, labels: Labels = { app: 'shop' }) => ({
  metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) } },
  spec: { terminationGracePeriodSeconds: 20, automountServiceAccountToken: false, containers: [containerOf(version, options)] },
})

const deploymentOf = (options: ShopOptions, version: Version, labels: Labels = { app: 'shop' }): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: options.name, name: Object.values(labels).join('-') },
  spec: {
    replicas: options.replicas ?? 2,
    selector: { matchLabels: labels },
    template: templateOf(options, version, labels),
  },
})

const daemonSetOf = (options: ShopOptions, version: Version): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { namespace: options.name, name: 'shop' },
  spec: { selector: { matchLabels: { app: 'shop' } }, template: templateOf(options, version) },
})

/** What a release of this version changes in a Service. */
export const selectorOf = ({ name }: Version): Labels => ({ app: 'shop', version: name })

const servicesOf = (options: ShopOptions, version: Version): readonly KubeObject[] => [
  ...[version, { ...version, name: 'v2' }].map(one => deploymentOf(options, one, selectorOf(one))),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: options.name, name: 'shop' },
    spec: { selector: selectorOf(version), ports: [{ name: 'http', port, targetPort: port }] },
  },
]

const targetsOf = (options: ShopOptions, version: Version): readonly KubeObject[] => {
  if (options.kind === 'Service') return servicesOf(options, version)
  return [options.kind === 'DaemonSet' ? daemonSetOf(options, version) : deploymentOf(options, version)]
}

/** Where users come in. */
export const gatewayRef = { namespace: 'projectcontour', name: 'gateway' }

interface UsersRoute {
  readonly name: string
  readonly service: string
  readonly port: number
}

/** Where the routing layer moves no users, a route of the team's own leads them to its Service. */
export const usersRoute = ({ name, service, port: servicePort }: UsersRoute): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { namespace: name, name: 'users' },
  spec: { parentRefs: [gatewayRef], hostnames: [hostOf({ name })], rules: [{ backendRefs: [{ name: service, port: servicePort }] }] },
})

/** Load for a version that gets no users before it is promoted. */
const loadTest = ({ name }: ShopOptions) => ({
  name: 'load-test',
  type: 'rollout',
  url: 'http://loadtester.monitoring:9090/',
  metadata: { cmd: `hey -z 4s -q 10 -c 2 http://shop-canary.${name}:${port}/` },
})

const metrics = [
  { name: 'request-success-rate', interval: window, thresholdRange: { min: 99 } },
  { name: 'request-duration', interval: window, thresholdRange: { max: 2000 } },
]

const steps: Readonly<Record<Provider, (options: ShopOptions) => Readonly<Record<string, unknown>>>> = {
  'gatewayapi:v1': () => ({ stepWeights: [25, 50], metrics }),
  kubernetes: options => ({ iterations: 3, metrics, webhooks: [loadTest(options)] }),
  istio: () => ({ stepWeights: [25, 50] }),
}

/** Hooks of the options come on top of the usual ones, everything else takes their place. */
const analysisOf = (options: ShopOptions) => {
  const usual = steps[options.provider](options)
  const webhooks = [usual['webhooks'], options.analysis?.['webhooks']].flatMap(hooks => hooks ?? [])
  return { interval, threshold, ...usual, ...options.analysis, webhooks }
}

const canaryOf = (options: ShopOptions): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { namespace: options.name, name: 'shop' },
  spec: {
    provider: options.provider,
    targetRef: { apiVersion: options.kind === 'Service' ? 'v1' : 'apps/v1', kind: options.kind ?? 'Deployment', name: 'shop' },
    progressDeadlineSeconds: 300,
    service: {
      port,
      targetPort: port,
      hosts: [hostOf(options)],
      ...(options.provider === 'gatewayapi:v1' ? { gatewayRefs: [gatewayRef] } : {}),
    },
    analysis: analysisOf(options),
    ...options.spec,
  },
})

/** A shop as its team has it in Git, with this version of the application. */
export const shopManifests = (options: ShopOptions, version: Version): readonly KubeObject[] => [
  ...(options.beside ?? []),
  ...targetsOf(options, version),
  ...(options.provider === 'kubernetes' ? [usersRoute({ name: options.name, service: 'shop', port })] : []),
  canaryOf(options),
]
