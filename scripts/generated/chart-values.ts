import * as z from 'zod'
import { controllerSettings } from '../../src/config/controller-settings.ts'
import { settingsOf } from '../../src/config/setting.ts'
import { routers } from '../../src/routing/registry.ts'

const text = (meaning: string, initial = '') => z.string().default(initial).describe(meaning)
const toggle = (meaning: string, initial: boolean) => z.boolean().default(initial).describe(meaning)
const whole = (meaning: string) =>
  z
    .union([z.int().nonnegative(), z.string().regex(/^\d*$/)])
    .default('')
    .describe(meaning)
/** What a flag of the controller means, and whether it does anything yet. */
const flagged = (name: string): string => {
  const about = [...settingsOf(controllerSettings).values()].find(({ flag }) => flag === name)
  if (!about) throw new Error(`the chart passes -${name} on, which is no flag of the controller`)
  return about.unused === undefined ? about.meaning : `${about.meaning} Passed on without effect: ${about.unused}.`
}
const strings = (meaning: string, initial: Readonly<Record<string, string>> = {}) =>
  z.record(z.string(), z.string()).default(initial).describe(meaning)
/** A piece of the Kubernetes API, which checks it itself. */
const piece = (meaning: string, initial: Readonly<Record<string, unknown>> = {}) => z.looseObject({}).default(initial).describe(meaning)
const pieces = (meaning: string) => z.array(z.looseObject({})).default([]).describe(meaning)
const group = <S extends z.core.$ZodShape>(shape: S) => z.strictObject(shape).prefault({} as never)

/** Values of the field's chart that have no effect here, or only one that the templates refuse with a reason. */
const carriedOver = {
  controlplane: z.strictObject({
    kubeconfig: z.strictObject({ secretName: z.string().optional(), key: z.string().optional() }).optional(),
  }),
  prometheus: z.strictObject({
    install: z.boolean().optional(),
    image: z.string().nullish(),
    pullSecret: z.string().nullish(),
    retention: z.string().optional(),
    securityContext: z.looseObject({}).optional(),
  }),
}

const image = group({
  repository: text('Where the image is.', 'serin'),
  tag: text('Its tag; empty means the version of the chart.'),
  digest: text('Pins the image, such as `sha256:…`; wins over the tag.'),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When the image is pulled.'),
  pullSecret: text('Name of the Secret by which it is pulled.'),
})

const rollouts = {
  metricsServer: text(flagged('metrics-server'), 'http://prometheus:9090'),
  meshProvider: z
    .enum(['', ...routers.names])
    .default('')
    .describe(`${flagged('mesh-provider')} Empty means istio.`),
  namespace: text('The one namespace to watch; all rights are then limited to it. Empty watches all.'),
  selectorLabels: text(flagged('selector-labels')),
  includeLabelPrefix: text(flagged('include-label-prefix')),
  configTracking: group({
    enabled: toggle('Track ConfigMaps and Secrets of targets. Without it Serin may neither write nor copy any of them.', true),
  }),
  noCrossNamespaceRefs: toggle(flagged('no-cross-namespace-refs'), false),
  yieldToFlagger: toggle(flagged('yield-to-flagger'), true),
  ingressAnnotationsPrefix: text(flagged('ingress-annotations-prefix')),
  ingressClass: text(flagged('ingress-class')),
  threadiness: whole(flagged('threadiness')),
  kubeconfigQPS: whole(flagged('kubeconfig-qps')),
  kubeconfigBurst: whole(flagged('kubeconfig-burst')),
}

const people = {
  clusterName: text(flagged('cluster-name')),
  existingSecret: text(
    'Secret in the namespace of the release with any of SLACK_URL, SLACK_TOKEN, SLACK_PROXY_URL, MSTEAMS_URL, MSTEAMS_PROXY_URL, EVENT_WEBHOOK_URL.',
  ),
  eventWebhook: text('Receiver of the events of Canaries that have no event hook. Kept in a Secret, as all credentials below.'),
  slack: group({
    user: text('Name under which messages appear.', 'flagger'),
    channel: text('Needed with a URL.'),
    url: text('Hook, or the Web API with a token.'),
    token: text('Bot token.'),
    proxyUrl: text('Proxy on the way to Slack.'),
    proxy: z.string().nullish().describe('The older spelling of proxyUrl.'),
  }),
  msteams: group({
    url: text('Hook. Refused until alerts to Teams are there.'),
    proxyUrl: text('Proxy on the way to Teams.'),
    proxy: z.string().nullish(),
  }),
}

const pod = {
  annotations: strings('Of the Deployment.'),
  deploymentLabels: strings('Of the Deployment.'),
  podLabels: strings('Of the pod.'),
  podAnnotations: strings('Of the pod.', {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': '8080',
    'appmesh.k8s.aws/sidecarInjectorWebhook': 'disabled',
    'linkerd.io/inject': 'enabled',
  }),
  podPriorityClassName: text('Of the pod.'),
  env: pieces('Environment of the container, for credentials from Secrets of other names.'),
  extraArgs: z.array(z.string()).default([]).describe('Further flags, such as `-drain=30s`; docs/configuration.md lists them.'),
  securityContext: group({
    enabled: toggle('Whether the container gets one.', true),
    context: piece('It needs nothing but the network.', {
      runAsUser: 10001,
      runAsGroup: 10001,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    }),
  }),
  resources: piece('About 110 MB, and 15 MB more for every 1,000 Canaries.', {
    limits: { memory: '512Mi', cpu: '1000m' },
    requests: { memory: '128Mi', cpu: '50m' },
  }),
  nodeSelector: strings('Of the pod.'),
  tolerations: pieces('Of the pod.'),
  affinity: piece('Of the pod; read as a template.', {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            labelSelector: {
              matchLabels: {
                'app.kubernetes.io/name': '{{ include "serin.name" . }}',
                'app.kubernetes.io/instance': '{{ .Release.Name }}',
              },
            },
            topologyKey: 'kubernetes.io/hostname',
          },
        },
      ],
    },
  }),
  additionalVolumes: pieces('Of the pod.'),
  additionalVolumeMounts: pieces('Of the container.'),
}

const availability = {
  leaderElection: group({
    enabled: toggle('Let one of several replicas work, and another take over when it fails.', false),
    replicaCount: z.int().min(1).default(1).describe('Replicas; one only, and never two at a time, without an election.'),
  }),
  podDisruptionBudget: group({
    enabled: toggle('Worth it with two replicas or more.', false),
    minAvailable: z
      .union([z.int().min(0), z.string().regex(/^\d+%$/)])
      .default(1)
      .describe('Pods, or percent of them.'),
  }),
}

const rights = {
  serviceAccount: group({
    create: toggle('Whether the chart makes it.', true),
    name: text('Empty means the full name, or `default` where the chart makes none.'),
    annotations: strings('Of the ServiceAccount.'),
  }),
  rbac: group({
    create: toggle('Grant what docs/reference/permissions.md lists.', true),
    providers: z.array(z.enum(routers.names)).default([]).describe('Routing layers whose objects may be written; empty means all.'),
    extraRules: pieces('Further rules.'),
    pspEnabled: z.boolean().optional(),
  }),
  linkerdAuthPolicy: group({
    create: toggle("Let Serin ask Linkerd's Prometheus.", false),
    namespace: text('Where Linkerd Viz is.', 'linkerd-viz'),
  }),
}

const monitoring = {
  serviceMonitor: group({
    enabled: toggle('Make a Service, and a ServiceMonitor for the Prometheus operator.', false),
    honorLabels: toggle('Keep the labels of the metrics where they clash.', false),
    interval: text('How often it is scraped.', '30s'),
    namespace: text('Where the ServiceMonitor goes; empty means the namespace of the release.'),
    labels: strings('Of the ServiceMonitor.'),
  }),
  podMonitor: group({
    enabled: toggle('Make a PodMonitor for the Prometheus operator.', false),
    honorLabels: toggle('Keep the labels of the metrics where they clash.', false),
    interval: text('How often it is scraped.', '15s'),
    namespace: text('Where the PodMonitor goes; empty means the namespace of the release.'),
    additionalLabels: strings('Of the PodMonitor.'),
  }),
}

/** Values of the chart: the names of the field's chart where it has one, so that a values file carries over. */
export const ChartValues = z.strictObject({
  nameOverride: text('Instead of the name of the chart.'),
  fullnameOverride: text('Instead of release and name.'),
  image,
  logLevel: z
    .enum(['debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'])
    .default('info')
    .describe('Least grave line that is logged.'),
  logFormat: z.enum(['json', 'text']).default('json').describe('Log lines as JSON or as text for people.'),
  ...rollouts,
  ...people,
  ...availability,
  ...rights,
  crd: group({
    create: toggle('Let the release own the CRDs, so that upgrades change them; install with --skip-crds then.', false),
  }),
  ...pod,
  ...monitoring,
  controlplane: carriedOver.controlplane.optional(),
  prometheus: carriedOver.prometheus.optional(),
  global: z.looseObject({}).optional(),
})
