import type { Deliver } from './alerts/alert.ts'
import { createAlertDelivery } from './alerts/deliver-alert.ts'
import { readAlertProvider } from './api/alert-provider.ts'
import { alertProviderKind, metricTemplateKind, secretKind } from './api/kinds.ts'
import { readMetricTemplate } from './api/metric-template.ts'
import type { ControllerConfig } from './config/controller-config.ts'
import type { GatherTools } from './controller/gather.ts'
import type { Stores } from './controller/stores.ts'
import type { Proxies, SendHttp } from './http-call.ts'
import type { Io } from './io.ts'
import type { KubeApi } from './kube/kube-api.ts'
import type { MetricObserver } from './metrics/metric-store.ts'
import { createMeasurer } from './metrics/registry.ts'
import { revisionNameOf } from './targets/registry.ts'
import { createHookDelivery, hookCaller } from './webhooks/registry.ts'

export interface ToolsOptions {
  readonly config: ControllerConfig
  readonly api: KubeApi
  readonly stores: Stores
  readonly http: SendHttp
  readonly proxies: Proxies
  readonly observer: MetricObserver
}

/** What a rollout asks and tells outside of the cluster; closed at the end. */
export interface Tools extends GatherTools {
  readonly deliver: Deliver
  close(): void
}

/** Everything outside the cluster that a rollout talks to. */
export const composeTools = ({ config, api, stores, http, proxies, observer }: ToolsOptions): Tools => {
  const secret = async (namespace: string, name: string, io: Io) => decoded(await api.get(secretKind, { namespace, name }, io))
  const caller = hookCaller(http)
  const deliverHook = createHookDelivery({ caller, globalEventUrl: config.eventWebhook })
  const deliverAlert = createAlertDelivery({
    send: http,
    global: config.globalAlert,
    clusterName: config.clusterName,
    noCrossNamespaceRefs: config.noCrossNamespaceRefs,
    lookup: {
      secret,
      provider: (namespace, name) => {
        const found = stores.of(alertProviderKind).get({ namespace, name })
        return found && readAlertProvider(found)
      },
    },
  })
  const measurer = createMeasurer({
    options: config,
    observer,
    proxies,
    batching: config.batchQueries,
    lookup: {
      secret,
      template: (namespace, name) => {
        const found = stores.of(metricTemplateKind).get({ namespace, name })
        return found && readMetricTemplate(found)
      },
      route: canary => revisionNameOf(canary, { get: (kind, key) => stores.of(kind).get(key) }, config),
    },
  })
  return {
    hooks: caller,
    measurer,
    close: measurer.close,
    deliver: (canary, entry, io) => (entry.channel === 'alert' ? deliverAlert : deliverHook)(canary, entry, io),
  }
}

/** The values of a Secret as text. */
const decoded = (secret: { readonly [field: string]: unknown } | undefined): Readonly<Record<string, string>> | undefined => {
  if (!secret) return undefined
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}
