import type { Deliver } from '../../src/alerts/alert.ts'
import { createAlertDelivery } from '../../src/alerts/deliver-alert.ts'
import { metricTemplateKind } from '../../src/api/kinds.ts'
import { readMetricTemplate } from '../../src/api/metric-template.ts'
import type { Clock } from '../../src/clock.ts'
import type { GatherTools } from '../../src/controller/gather.ts'
import type { HttpAnswer, HttpCall, SendHttp } from '../../src/http-call.ts'
import type { Io } from '../../src/io.ts'
import { measurerOf } from '../../src/metrics/measurer.ts'
import type { MetricAnswer, MetricQuestion, MetricStore } from '../../src/metrics/metric-store.ts'
import { readAnswer, readFailure } from '../../src/metrics/prometheus-answer.ts'
import { defineRegistry } from '../../src/registry.ts'
import { createHookDelivery, hookCaller } from '../../src/webhooks/registry.ts'
import type { Chance } from './chance.ts'
import type { FaultBook, FaultName } from './fault-book.ts'
import type { MachineRoom } from './machine-room.ts'
import { neighbourNamespace, ownStoreAddress, teamNamespace } from './setup.ts'
import type { StoreView } from './sim-store.ts'

/** What the canary has when everything it answers is wrong, whatever its version. */
export const sickness = 'sickness'

/** What people told the world around Serin to say. */
export interface OutsideMood {
  /** Names of gates that are closed, and of rollback hooks that ask for a rollback; the canary's sickness. */
  readonly contrary: Set<string>
}

/** What was asked and told outside of the cluster, as the rules look at it. */
export interface OutsideNews {
  /** This process asks a store. */
  questioned(process: string, query: string): void
  /** A store answered a question of this process. */
  measured(process: string, answer: AnswerNote): void
  /** A hook answered a call of this process with this status. */
  called(process: string, call: HookNote): void
}

interface AnswerNote {
  /** Address of the store. */
  readonly store: string
  /** About whom it was. */
  readonly namespace: string
  readonly good: boolean
  /** How far back it looked. */
  readonly windowMs: number
}

export interface HookNote {
  readonly name: string
  /** For whom it was called. */
  readonly namespace: string
  readonly status: number
  readonly idempotencyKey: string | undefined
}

export interface OutsideOptions {
  readonly name: string
  readonly room: MachineRoom
  readonly clock: Clock
  readonly chance: Chance
  readonly book: FaultBook
  readonly mood: OutsideMood
  readonly news: OutsideNews
  readonly store: StoreView
  /** Percent of the canary's requests that succeed; undefined when it gets none. */
  truth(): number | undefined
}

/** The part of the address of the chat that lets anybody write there. */
export const chatSecret = 'T000/SECRET'
const chatUrl = `https://hooks.chat.test/services/${chatSecret}`
/** What answers where a metric names no store. */
export const metricsServer = 'http://prometheus:9090'
const storeTimeoutMs = 5000

const vector = (...values: readonly string[]) => ({
  status: 200,
  body: { status: 'success', data: { resultType: 'vector', result: values.map(value => ({ metric: {}, value: [1, value] })) } },
})

const unreachable = (): MetricAnswer => readFailure({ error: 'connect ECONNREFUSED 10.0.0.1:9090', code: 'ECONNREFUSED' })

const lies: Readonly<Partial<Record<FaultName, () => MetricAnswer>>> = {
  'store down': unreachable,
  'store hangs': unreachable,
  'store says NaN': () => readAnswer(vector('NaN')),
  'store says infinity': () => readAnswer(vector('+Inf')),
  'store says two series': () => readAnswer(vector('100', '100')),
  'store says nothing': () => readAnswer(vector()),
}

const delays: Readonly<Partial<Record<FaultName, number>>> = { 'store hangs': storeTimeoutMs, 'store slow': 3000 }

const isLatency = ({ query }: MetricQuestion): boolean => query.includes('histogram_quantile')
const isErrors = ({ address }: MetricQuestion): boolean => address === ownStoreAddress

const isGood = (answer: MetricAnswer, question: MetricQuestion): boolean => {
  if (!('value' in answer)) return false
  return isErrors(question) ? answer.value <= 1 : isLatency(question) || answer.value >= 99
}

/** The neighbour has a store of its own, which works, and its releases are good. */
const isNeighbours = ({ query }: MetricQuestion): boolean => query.includes(`"${neighbourNamespace}"`)

/** Everything outside of the cluster as one process reaches it: the real adapters, only the sockets are missing. */
export const createOutside = (options: OutsideOptions): GatherTools & { readonly deliver: Deliver } => {
  const { name, room, clock, chance, book, mood, news, truth } = options
  const answerIn = <T>(delayMs: number, answer: () => T): Promise<T> =>
    new Promise(resolve => void clock.schedule(delayMs, () => room.deliver(0, () => resolve(answer()))))
  const failIn = (delayMs: number, why: string): Promise<never> =>
    new Promise((_, reject) => void clock.schedule(delayMs, () => room.deliver(0, () => reject(new Error(why)))))

  const trueAnswer = (question: MetricQuestion): MetricAnswer => {
    const rate = mood.contrary.has(sickness) ? truth() && 0 : truth()
    if (rate === undefined) return readAnswer(vector())
    if (isLatency(question)) return readAnswer(vector('0.12'))
    return readAnswer(vector(String(isErrors(question) ? 100 - rate : rate)))
  }

  const ask = (question: MetricQuestion): Promise<MetricAnswer> => {
    news.questioned(name, question.query)
    const { intervalMs: windowMs, address } = question
    if (isNeighbours(question))
      return answerIn(chance.whole(2, 120), () => {
        news.measured(name, { store: address, namespace: neighbourNamespace, good: true, windowMs })
        return readAnswer(vector('100'))
      })
    const fault = book.strike(['question'], { process: name })
    const lie = fault && lies[fault]
    return answerIn((fault && delays[fault]) ?? chance.whole(2, 120), () => {
      const answer = lie ? lie() : trueAnswer(question)
      news.measured(name, { store: address, namespace: teamNamespace, good: isGood(answer, question), windowMs })
      return answer
    })
  }

  const prometheus: MetricStore = { name: 'prometheus', ask, probe: async () => undefined }

  const orFail = async <T>(call: HttpCall, io: Io, work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const cancel = clock.schedule(call.timeoutMs, () =>
        room.deliver(0, () => reject(new Error(`no answer within ${call.timeoutMs / 1000}s`))),
      )
      io.signal.addEventListener('abort', () => reject(new Error('called off')), { once: true })
      void work.then(resolve, reject).finally(cancel)
    })

  const hookAnswer = (call: HttpCall, fault: FaultName | undefined): HttpAnswer => {
    const hook = new URL(call.url).hostname
    const isOk = hook === 'rollback' ? mood.contrary.has(hook) : !mood.contrary.has(hook)
    const status = fault === 'hook fails' ? 500 : isOk ? 200 : 403
    const key = call.headers?.['idempotency-key']
    const { namespace } = JSON.parse(call.body ?? '{}') as { readonly namespace: string }
    news.called(name, { name: hook, namespace, status, idempotencyKey: key })
    return { status, headers: {}, body: '' }
  }

  const callHook = (call: HttpCall): Promise<HttpAnswer> => {
    const fault = book.strike(['hook'], { process: name })
    const delayMs = fault === 'hook answers late' ? call.timeoutMs + chance.whole(1, 5000) : chance.whole(2, 300)
    return fault === 'hook hangs' ? new Promise(() => {}) : answerIn(delayMs, () => hookAnswer(call, fault))
  }

  const chat = (): Promise<HttpAnswer> => {
    const isDown = book.strike(['message'], { process: name }) !== undefined
    const delayMs = chance.whole(2, 200)
    return isDown
      ? failIn(delayMs, `fetch failed: ${chatUrl}: getaddrinfo ENOTFOUND hooks.chat.test`)
      : answerIn(delayMs, () => ({ status: 200, headers: {}, body: '' }))
  }

  const send: SendHttp = (call, io) => orFail(call, io, call.url === chatUrl ? chat() : callHook(call))

  const template = (namespace: string, templateName: string) => {
    const found = options.store.stored(metricTemplateKind, { namespace, name: templateName })
    return found && readMetricTemplate(found)
  }
  const lookup = { template, provider: () => undefined, secret: async () => undefined }
  const metricOptions = { metricsServer, meshProvider: 'gatewayapi:v1', noCrossNamespaceRefs: false }
  const hooks = hookCaller(send)
  const deliverHook = createHookDelivery({ caller: hooks, globalEventUrl: '' })
  const global = { type: 'slack', target: { address: chatUrl, channel: 'general', username: 'serin' } }
  const deliverAlert = createAlertDelivery({ send, lookup, global, clusterName: '', noCrossNamespaceRefs: false })
  return {
    hooks,
    measurer: measurerOf({ lookup, options: metricOptions, stores: defineRegistry('metric', [prometheus]) }),
    deliver: (...[canary, entry, io]: Parameters<typeof deliverAlert>) =>
      (entry.channel === 'alert' ? deliverAlert : deliverHook)(canary, entry, io),
  }
}
