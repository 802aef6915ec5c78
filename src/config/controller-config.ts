import * as z from 'zod'
import { controllerSettings, fieldProviders } from './controller-settings.ts'
import { logFormatOf } from './logging-settings.ts'
import { type Environment, type IgnoredFlag, type Program, type Reading, readSettings, refusal } from './read-settings.ts'

const Flags = z.object(controllerSettings)
type Flags = z.output<typeof Flags>

const schema = Flags.refine(({ retryPeriodMs, renewDeadlineMs }) => retryPeriodMs < renewDeadlineMs, {
  path: ['retryPeriodMs'],
  error: 'expected less than -renew-deadline',
})
  .refine(({ renewDeadlineMs, leaseDurationMs }) => renewDeadlineMs < leaseDurationMs, {
    path: ['renewDeadlineMs'],
    error: 'expected less than -lease-duration',
  })
  .refine(({ kubeconfigServiceMesh, kubeconfig }) => kubeconfigServiceMesh === '' || kubeconfigServiceMesh === kubeconfig, {
    path: ['kubeconfigServiceMesh'],
    error: 'expected nothing, because routing objects in another cluster are not supported yet',
  })
  .transform(flags => ({
    kubeconfig: flags.kubeconfig,
    master: flags.master,
    namespace: flags.namespace,
    meshProvider: flags.meshProvider,
    metricsServer: flags.metricsServer,
    batchQueries: flags.batchQueries,
    selectorLabels: flags.selectorLabels,
    includeLabelPrefix: flags.includeLabelPrefix,
    configTracking: flags.configTracking,
    noCrossNamespaceRefs: flags.noCrossNamespaceRefs,
    minIntervalMs: flags.minIntervalMs,
    drainMs: flags.drainMs,
    settleMs: flags.settleMs,
    yieldToFlagger: flags.yieldToFlagger,
    leaderElection: {
      enabled: flags.enableLeaderElection,
      namespace: flags.namespace || flags.leaderElectionNamespace,
      leaseDurationMs: flags.leaseDurationMs,
      renewDeadlineMs: flags.renewDeadlineMs,
      retryPeriodMs: flags.retryPeriodMs,
    },
    eventWebhook: flags.eventWebhook,
    globalAlert: globalAlertOf(flags),
    clusterName: flags.clusterName,
    host: flags.host,
    port: flags.port,
    logLevel: flags.logLevel,
    logFormat: logFormatOf(flags),
  }))

/** Where alerts go of Canaries that name no provider. Teams takes the place of Slack. */
const globalAlertOf = ({ slackChannel: channel, slackUser: username, ...flags }: Flags) => {
  if (flags.msteamsUrl !== '')
    return { type: 'msteams', target: { address: flags.msteamsUrl, channel, username, ...proxyOf(flags.msteamsProxyUrl) } }
  if (flags.slackUrl === '') return undefined
  const token = flags.slackToken === '' ? {} : { token: flags.slackToken }
  return { type: 'slack', target: { address: flags.slackUrl, channel, username, ...token, ...proxyOf(flags.slackProxyUrl) } }
}

const proxyOf = (proxy: string): { readonly proxy?: string } => (proxy === '' ? {} : { proxy })

/** Settings of `serin controller`. `eventWebhook` and `globalAlert` hold credentials: they belong in no log. */
export type ControllerConfig = z.output<typeof schema>

const klog = 'log settings are -log-level and -log-format'
const klogSwitches = ['logtostderr', 'alsologtostderr', 'add_dir_header', 'skip_headers', 'skip_log_headers', 'one_output']
const klogValues = [
  'v',
  'vmodule',
  'stderrthreshold',
  'log_dir',
  'log_file',
  'log_file_max_size',
  'log_backtrace_at',
  'log-flush-frequency',
]

export const controllerProgram: Program<typeof schema> = {
  name: 'serin controller',
  shape: controllerSettings,
  schema,
  ignored: new Map<string, IgnoredFlag>([
    ...klogSwitches.map(flag => [flag, { kind: 'switch', why: klog }] as const),
    ...klogValues.map(flag => [flag, { kind: 'value', why: klog }] as const),
  ]),
}

/** Settings of `serin controller` from its command line and environment. `builtIn` are the providers of the routing registry. */
export const readControllerConfig = (
  argv: readonly string[],
  env: Environment = process.env,
  { builtIn = fieldProviders }: { readonly builtIn?: readonly string[] } = {},
): Reading<ControllerConfig> => {
  const reading = readSettings(controllerProgram, argv, env)
  if (reading.kind !== 'run' || builtIn.includes(reading.config.meshProvider)) return reading
  const came = JSON.stringify(reading.config.meshProvider)
  return refusal(controllerProgram.name, [`-mesh-provider: ${came} is not built in yet, expected one of ${builtIn.join(', ')}`])
}
