import { createAlertDelivery } from '../../src/alerts/deliver-alert.ts'
import { sleep } from '../../src/clock.ts'
import type { HttpCall, SendHttp } from '../../src/http-call.ts'
import { measurerOf } from '../../src/metrics/measurer.ts'
import type { MetricAnswer, MetricLookup, MetricQuestion, MetricStore } from '../../src/metrics/metric-store.ts'
import { readAnswer, readFailure } from '../../src/metrics/prometheus-answer.ts'
import { defineRegistry } from '../../src/registry.ts'
import { createHookDelivery, hookCaller } from '../../src/webhooks/registry.ts'

const vector = (...values: readonly string[]) => ({
  status: 200,
  body: { status: 'success', data: { resultType: 'vector', result: values.map(value => ({ metric: {}, value: [1, value] })) } },
})

/** How a Prometheus answers. */
type Ask = (question: MetricQuestion) => MetricAnswer | Promise<MetricAnswer>

/** A Prometheus that answers everything with this. */
export const answering =
  (body: unknown, status = 200): Ask =>
  () =>
    readAnswer({ status, body })

/** What a Prometheus may say, by name. */
const stores = {
  'is healthy': ({ query }: MetricQuestion) => readAnswer(vector(query.includes('histogram_quantile') ? '0.12' : '100')),
  'is down': () => readFailure({ error: 'connect ECONNREFUSED 10.0.0.1:9090', code: 'ECONNREFUSED' }),
  'answers 503': answering('no healthy upstream', 503),
  'answers HTML': answering('<html>Sign in</html>'),
  'never answers': () => new Promise<MetricAnswer>(() => {}),
  'refuses the query': answering({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 400),
} as const satisfies Readonly<Record<string, Ask>>

type Reply = 'hang' | 'dead' | { readonly status: number; readonly body?: string }

/** Where the chat of this world is: a secret. */
export const chatUrl = 'https://hooks.chat.test/services/T000/SECRET'

const emptyLookup: MetricLookup = { template: () => undefined, secret: async () => undefined }

/**
 * The outside world of a stage as the real adapters see it; only the sockets are missing. `state` says how each part of it is: `store` a
 * name of the list above or a function, the others what they answer to a call.
 */
export const createOutsideWorld = ({ lookup = emptyLookup }: { readonly lookup?: MetricLookup } = {}) => {
  const state = { store: 'is healthy' as keyof typeof stores | Ask, hook: { status: 200 } as Reply, chat: { status: 200 } as Reply }
  const chatted: string[] = []
  const prometheus: MetricStore = {
    name: 'prometheus',
    ask: async question => (typeof state.store === 'string' ? stores[state.store] : state.store)(question),
    probe: async () => undefined,
  }

  const send: SendHttp = async (call: HttpCall, io) => {
    const reply = call.url === chatUrl ? state.chat : state.hook
    if (reply === 'dead') throw new Error(`getaddrinfo ENOTFOUND ${new URL(call.url).hostname}`)
    if (reply === 'hang') {
      await sleep(io.clock, call.timeoutMs, io.signal)
      throw new Error(`no answer within ${call.timeoutMs / 1000}s`)
    }
    if (call.url === chatUrl) chatted.push(call.body ?? '')
    return { headers: {}, body: '', ...reply }
  }

  const options = { metricsServer: 'http://prometheus:9090', meshProvider: 'gatewayapi:v1', noCrossNamespaceRefs: false }
  const hooks = hookCaller(send)
  const deliverHook = createHookDelivery({ caller: hooks, globalEventUrl: '' })
  const global = { type: 'slack', target: { address: chatUrl, channel: 'general', username: 'serin' } }
  const deliverAlert = createAlertDelivery({
    send,
    lookup: { ...emptyLookup, provider: () => undefined },
    global,
    clusterName: '',
    noCrossNamespaceRefs: false,
  })
  return {
    state,
    chatted,
    tools: {
      hooks,
      measurer: measurerOf({ lookup, options, stores: defineRegistry('metric', [prometheus]) }),
      deliver: (...[canary, entry, io]: Parameters<typeof deliverAlert>) =>
        (entry.channel === 'alert' ? deliverAlert : deliverHook)(canary, entry, io),
    },
  }
}
