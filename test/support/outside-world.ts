import { createAlertDelivery } from '../../src/alerts/deliver-alert.ts'
import { sleep } from '../../src/clock.ts'
import type { HttpCall, SendHttp } from '../../src/http-call.ts'
import { measurerOf } from '../../src/metrics/measurer.ts'
import type { MetricAnswer, MetricQuestion, MetricStore } from '../../src/metrics/metric-store.ts'
import { readAnswer, readFailure } from '../../src/metrics/prometheus-answer.ts'
import { defineRegistry } from '../../src/registry.ts'
import { createHookDelivery, hookCaller } from '../../src/webhooks/registry.ts'

const vector = (...values: readonly string[]) => ({
  status: 200,
  body: { status: 'success', data: { resultType: 'vector', result: values.map(value => ({ metric: {}, value: [1, value] })) } },
})

/** What a Prometheus may say, by name. */
const stores = {
  'is healthy': ({ query }: MetricQuestion) => readAnswer(vector(query.includes('histogram_quantile') ? '0.12' : '100')),
  'is down': () => readFailure({ error: 'connect ECONNREFUSED 10.0.0.1:9090', code: 'ECONNREFUSED' }),
  'answers NaN': () => readAnswer(vector('NaN')),
  'answers two series': () => readAnswer(vector('100', '100')),
  'answers HTML': () => readAnswer({ status: 200, body: '<html>Sign in</html>' }),
  'refuses the query': () => readAnswer({ status: 400, body: { status: 'error', errorType: 'bad_data', error: 'parse error' } }),
} as const satisfies Readonly<Record<string, (question: MetricQuestion) => MetricAnswer>>

type Reply = 'hang' | 'dead' | { readonly status: number; readonly body?: string }

/** Where the chat of this world is: a secret. */
export const chatUrl = 'https://hooks.chat.test/services/T000/SECRET'

/**
 * The outside world of a stage as the real adapters see it; only the sockets are missing. `state` says how each part of it is: `store` a
 * name of the list above, the others what they answer to a call.
 */
export const createOutsideWorld = () => {
  const state = { store: 'is healthy' as keyof typeof stores, hook: { status: 200 } as Reply, chat: { status: 200 } as Reply }
  const chatted: string[] = []
  const prometheus: MetricStore = {
    name: 'prometheus',
    ask: async question => stores[state.store](question),
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

  const lookup = { template: () => undefined, provider: () => undefined, secret: async () => undefined }
  const options = { metricsServer: 'http://prometheus:9090', meshProvider: 'gatewayapi:v1', noCrossNamespaceRefs: false }
  const hooks = hookCaller(send)
  const deliverHook = createHookDelivery({ caller: hooks, globalEventUrl: '' })
  const global = { type: 'slack', target: { address: chatUrl, channel: 'general', username: 'serin' } }
  const deliverAlert = createAlertDelivery({ send, lookup, global, clusterName: '', noCrossNamespaceRefs: false })
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
