import { logSettings } from './logging-settings.ts'
import { address, bool, choice, duration, list, setting, text, whole } from './setting.ts'

/** Every provider that the field knows; which of them are built in is the routing registry's word. */
export const fieldProviders = [
  ...['apisix', 'appmesh', 'appmesh:v1beta2', 'contour', 'gatewayapi:v1', 'gatewayapi:v1beta1', 'gloo', 'istio', 'knative', 'kubernetes'],
  ...['kuma', 'linkerd', 'nginx', 'osm', 'skipper', 'smi:v1alpha1', 'smi:v1alpha2', 'smi:v1alpha3', 'traefik'],
]

const serverPaces = 'the API server sets the pace (429 and Retry-After are obeyed), and an idle canary makes no requests'

const cluster = {
  kubeconfig: setting('kubeconfig', text, {
    default: '',
    meaning: 'Path of a kubeconfig; only for use outside of a cluster.',
  }),
  master: setting('master', text, { default: '', meaning: 'Address of the API server; overrides the one in the kubeconfig.' }),
  kubeconfigServiceMesh: setting('kubeconfig-service-mesh', text, {
    default: '',
    meaning: 'Kubeconfig of another cluster that holds the routing objects. Not supported yet: refused unless it equals -kubeconfig.',
  }),
  kubeconfigQps: setting('kubeconfig-qps', whole(0, 1_000_000), {
    default: '100',
    meaning: 'Client requests a second.',
    unused: serverPaces,
  }),
  kubeconfigBurst: setting('kubeconfig-burst', whole(0, 1_000_000), { default: '250', meaning: 'Client burst.', unused: serverPaces }),
  namespace: setting('namespace', text, { default: '', meaning: 'The one namespace to watch; empty watches all.' }),
}

const rollouts = {
  meshProvider: setting('mesh-provider', choice(fieldProviders), {
    default: 'istio',
    meaning: 'Routing layer of Canaries that name no provider.',
  }),
  metricsServer: setting('metrics-server', address({ optional: false }), {
    default: 'http://prometheus:9090',
    meaning: 'Prometheus that answers the built-in checks, and templates without an address.',
  }),
  batchQueries: setting('batch-metric-queries', bool, {
    default: 'true',
    env: 'BATCH_METRIC_QUERIES',
    meaning: 'Ask a Prometheus for several Canaries in one request; what cannot be asked together is asked alone all the same.',
  }),
  selectorLabels: setting('selector-labels', list, {
    default: 'app,name,app.kubernetes.io/name',
    meaning: "Label keys searched in the target's selector, in order; the first present wins.",
  }),
  includeLabelPrefix: setting('include-label-prefix', list, {
    default: '',
    meaning: 'Prefixes of labels and annotations that are copied to primary objects; * copies all.',
  }),
  configTracking: setting('enable-config-tracking', bool, {
    default: 'true',
    meaning: 'Track ConfigMaps and Secrets of the target, and give the primary copies of its own.',
  }),
  noCrossNamespaceRefs: setting('no-cross-namespace-refs', bool, {
    default: 'false',
    meaning: 'Refuse Canaries that refer to templates or alert providers of another namespace.',
  }),
  minIntervalMs: setting('min-analysis-interval', duration(1), {
    default: '10s',
    meaning: 'Least time between two checks of a Canary, whatever its analysis.interval says.',
  }),
  drainMs: setting('drain', duration(0), {
    default: '15s',
    meaning:
      'How long a track that no longer serves keeps its pods at least, so that requests in flight can finish; spec.drain of a Canary wins.',
  }),
  settleMs: setting('settle', duration(0), {
    default: '5s',
    meaning: 'How long a changed route is left alone where its controller does not report that it took it.',
  }),
  ingressAnnotationsPrefix: setting('ingress-annotations-prefix', text, {
    default: 'nginx.ingress.kubernetes.io',
    meaning: 'Prefix of NGINX canary annotations.',
    unused: 'the nginx provider is not built in yet',
  }),
  ingressClass: setting('ingress-class', text, {
    default: '',
    meaning: 'Ingress class of Contour HTTPProxies.',
    unused: 'the contour provider is not built in yet',
  }),
  controlLoopIntervalMs: setting('control-loop-interval', duration(0), {
    default: '10s',
    meaning: 'How often the table of canary jobs was brought up to date.',
    unused: 'changes are seen at once, and each Canary has its own time',
  }),
  threadiness: setting('threadiness', whole(0, 1_000_000), {
    default: '2',
    meaning: 'Workers of the sync queue.',
    unused: 'Canaries do not wait for each other',
  }),
}

const election = {
  yieldToFlagger: setting('yield-to-flagger', bool, {
    default: 'true',
    env: 'YIELD_TO_FLAGGER',
    meaning: 'Do nothing as long as a Lease flagger-leader-election is live: in any namespace, or in that of -namespace.',
  }),
  enableLeaderElection: setting('enable-leader-election', bool, {
    default: 'false',
    meaning: 'Let one of several replicas work, and another take over when it fails.',
  }),
  leaderElectionNamespace: setting('leader-election-namespace', text, {
    default: 'kube-system',
    meaning: 'Namespace of the Lease; -namespace wins when it is set.',
  }),
  leaseDurationMs: setting('lease-duration', duration(1000), {
    default: '15s',
    meaning: 'How long other replicas wait after the last sign of the leader before they take over.',
  }),
  renewDeadlineMs: setting('renew-deadline', duration(1), {
    default: '10s',
    meaning: 'How long after its last renewal a leader stops writing; shorter than -lease-duration.',
  }),
  retryPeriodMs: setting('retry-period', duration(1), {
    default: '2s',
    meaning: 'Time between two renewals; replicas that wait look two to four times as often. Shorter than -renew-deadline.',
  }),
}

const url = address({ optional: true })

const people = {
  eventWebhook: setting('event-webhook', url, {
    default: '',
    env: 'EVENT_WEBHOOK_URL',
    secret: true,
    meaning: 'Receiver of the events of every Canary that has no event hook of its own.',
  }),
  slackUrl: setting('slack-url', url, {
    default: '',
    env: 'SLACK_URL',
    secret: true,
    meaning: 'Slack hook of all Canaries without alerts of their own.',
  }),
  slackToken: setting('slack-token', text, { default: '', env: 'SLACK_TOKEN', secret: true, meaning: 'Slack bot token.' }),
  slackProxyUrl: setting('slack-proxy-url', url, {
    default: '',
    env: 'SLACK_PROXY_URL',
    secret: true,
    meaning: 'Proxy on the way to Slack.',
  }),
  slackUser: setting('slack-user', text, { default: 'flagger', meaning: 'Name under which Slack messages appear.' }),
  slackChannel: setting('slack-channel', text, { default: '', meaning: 'Slack channel; needed with -slack-url.' }),
  msteamsUrl: setting('msteams-url', url, {
    default: '',
    env: 'MSTEAMS_URL',
    secret: true,
    meaning: 'Microsoft Teams hook; takes the place of Slack.',
  }),
  msteamsProxyUrl: setting('msteams-proxy-url', url, {
    default: '',
    env: 'MSTEAMS_PROXY_URL',
    secret: true,
    meaning: 'Proxy on the way to Teams.',
  }),
  clusterName: setting('cluster-name', text, { default: '', meaning: 'Named in every alert.' }),
}

const server = {
  host: setting('host', text, { default: '', meaning: 'Address on which /healthz, /readyz and /metrics are served; empty means all.' }),
  port: setting('port', whole(0, 65_535), { default: '8080', meaning: 'Port on which they are served; 0 picks a free one.' }),
}

/** Every flag of `serin controller`. */
export const controllerSettings = { ...cluster, ...rollouts, ...election, ...people, ...server, ...logSettings('debug') }
