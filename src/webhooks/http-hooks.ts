import { hookTypeOf, webhookTimeoutMs } from '../api/webhook.ts'
import { sleep } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { excerptOf, type HttpAnswer, type HttpCall, type SendHttp, shownUrl } from '../http-call.ts'
import type { Io } from '../io.ts'
import { checksumOf } from './checksum.ts'
import type { HookCall, HookCaller } from './hook.ts'

/** Pause before the first repetition; it doubles up to the longest. */
const backoff = { firstMs: 1000, longestMs: 30_000 } as const

/** What a hook is told, in the field's order and with the field's names. */
export const payloadOf = ({ canary, hook, phase, metadata }: HookCall): Readonly<Record<string, unknown>> => {
  const all = sortedByKey({ ...hook.metadata, ...metadata })
  return {
    name: canary.metadata.name,
    namespace: canary.metadata.namespace,
    phase,
    checksum: checksumOf(canary),
    ...(Object.keys(all).length > 0 ? { metadata: all } : {}),
  }
}

const sortedByKey = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** 200, 201 and 202 mean yes; everything else means no. */
const isYes = ({ status }: HttpAnswer): boolean => status >= 200 && status <= 202

/** Answers that another attempt may change. */
const isTransient = ({ status }: HttpAnswer): boolean => status === 429 || (status >= 500 && status !== 501)

type Result = { readonly answer: HttpAnswer } | { readonly error: unknown }
type Outcome = Result & { readonly attempts: number }

/** Webhooks over HTTP. Redirects are not followed: a gate must say yes itself. */
export const createHookCaller = (send: SendHttp): HookCaller => ({
  call: async (call, io) => {
    const { hook } = call
    const outcome = await attempts(call, send, io)
    const base = { name: hook.name, type: hookTypeOf(hook), muted: hook.muteAlert }
    if ('answer' in outcome && isYes(outcome.answer)) return { ...base, ok: true, message: '' }
    return { ...base, ok: false, message: refusal(call, outcome), transient: mayRetry(outcome) }
  },
})

const attempts = async (call: HookCall, send: SendHttp, io: Io): Promise<Outcome> => {
  const request = requestOf(call)
  for (let made = 1; ; made += 1) {
    const result = await attempt(request, send, io)
    if (made > call.hook.retries || !mayRetry(result)) return { ...result, attempts: made }
    await sleep(io.clock, pauseMs(result, made, io.clock.nowMs()), io.signal)
    if (io.signal.aborted) return { ...result, attempts: made }
  }
}

const attempt = async (request: HttpCall, send: SendHttp, io: Io): Promise<Result> => {
  try {
    return { answer: await send(request, io) }
  } catch (error) {
    return { error }
  }
}

const requestOf = (call: HookCall): HttpCall => ({
  method: 'POST',
  url: call.hook.url,
  headers: {
    'content-type': 'application/json',
    'user-agent': 'serin',
    ...(call.idempotencyKey ? { 'idempotency-key': call.idempotencyKey } : {}),
  },
  body: JSON.stringify(payloadOf(call)),
  timeoutMs: webhookTimeoutMs(call.hook),
  verifyTls: !call.hook.disableTLS,
})

/** Certificates that do not verify will not verify a second later. */
const mayRetry = (result: Result): boolean =>
  'answer' in result ? isTransient(result.answer) : !/certificate|self.signed|altname/i.test(messageOf(result.error))

/** The pause that the receiver asks for, else one that doubles; never longer than the longest. */
const pauseMs = (result: Result, made: number, nowMs: number): number => {
  const asked = 'answer' in result ? askedPauseMs(result.answer, nowMs) : undefined
  return Math.min(asked ?? backoff.firstMs * 2 ** (made - 1), backoff.longestMs)
}

/** `Retry-After`: seconds, or a date. */
const askedPauseMs = ({ status, headers }: HttpAnswer, nowMs: number): number | undefined => {
  const text = headers['retry-after']
  if (![429, 503].includes(status) || typeof text !== 'string') return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return ms > 0 ? ms : undefined
}

/** The field's words for a hook that did not say yes; never more of the answer than people can read. */
const refusal = ({ hook }: HookCall, outcome: Outcome): string => {
  const url = shownUrl(hook.url)
  const giveUp = `POST ${url} giving up after ${outcome.attempts} attempt(s)`
  if ('error' in outcome) return `${giveUp}: ${messageOf(outcome.error).replaceAll(hook.url, url)}`
  const { status, headers } = outcome.answer
  if (isTransient(outcome.answer)) return `${giveUp}: answered ${status}`
  const expected = `expected 200, 201 or 202 from ${url}`
  if (status >= 300 && status < 400) return `answered ${status}, a redirect to ${shownUrl(String(headers['location']))}; ${expected} itself`
  return excerptOf(outcome.answer.body, 512) || `answered ${status} with an empty body; ${expected}`
}
