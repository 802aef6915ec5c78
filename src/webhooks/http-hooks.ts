import { hookTypeOf, webhookTimeoutMs } from '../api/webhook.ts'
import { sleep } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { HttpAnswer, HttpCall, SendHttp } from '../http-call.ts'
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

type Outcome = { readonly answer: HttpAnswer } | { readonly error: unknown }

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
  let outcome = await attempt(request, send, io)
  for (let retry = 0; retry < call.hook.retries && mayRetry(outcome) && !io.signal.aborted; retry += 1) {
    await sleep(io.clock, pauseMs(outcome, retry), io.signal)
    outcome = await attempt(request, send, io)
  }
  return outcome
}

const attempt = async (request: HttpCall, send: SendHttp, io: Io): Promise<Outcome> => {
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
const mayRetry = (outcome: Outcome): boolean =>
  'answer' in outcome ? isTransient(outcome.answer) : !/certificate|self.signed|altname/i.test(messageOf(outcome.error))

const pauseMs = (outcome: Outcome, retry: number): number => {
  const asked =
    'answer' in outcome && [429, 503].includes(outcome.answer.status) ? Number(outcome.answer.headers['retry-after']) : Number.NaN
  return asked > 0 ? Math.min(asked * 1000, backoff.longestMs) : Math.min(backoff.firstMs * 2 ** retry, backoff.longestMs)
}

/** The field's words for a hook that did not say yes; never more of the answer than people can read. */
const refusal = ({ hook }: HookCall, outcome: Outcome): string => {
  const tries = hook.retries + 1
  if ('error' in outcome) return `POST ${hook.url} giving up after ${tries} attempt(s): ${messageOf(outcome.error)}`
  const { status, body, headers } = outcome.answer
  if (isTransient(outcome.answer)) return `POST ${hook.url} giving up after ${tries} attempt(s): answered ${status}`
  if (status >= 300 && status < 400)
    return `answered ${status}, a redirect to ${String(headers['location'])}; expected 200, 201 or 202 from ${hook.url} itself`
  const words = body.trim().slice(0, 512)
  return words === '' ? `answered ${status} with an empty body; expected 200, 201 or 202` : words
}
