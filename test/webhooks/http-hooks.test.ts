import { describe, expect, it, onTestFinished } from 'vitest'
import { Webhook } from '../../src/api/webhook.ts'
import { createHttp, type HttpAnswer, type HttpCall, type SendHttp } from '../../src/http-call.ts'
import type { HookCall } from '../../src/webhooks/hook.ts'
import { createHookCaller } from '../../src/webhooks/http-hooks.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { loopbackServer } from '../support/loopback-server.ts'
import { settle } from '../support/virtual-clock.ts'
import { canaryOf, hookName, observedCalls } from './observed-calls.ts'

type Fields = Readonly<Record<string, unknown>>

const aHook = (change: Fields = {}): Webhook =>
  Webhook.parse({ name: 'gate', type: 'confirm-rollout', url: 'http://gate.test/check', ...change })
const aCall = (change: Fields = {}): HookCall => ({ canary: aCanary(), hook: aHook(change), phase: 'Progressing' })

type Reply = number | Partial<HttpAnswer> | Error

/** A way out that answers in turn; the last answer stays. */
const answering = (...replies: readonly Reply[]) => {
  const calls: HttpCall[] = []
  const send: SendHttp = async call => {
    const reply = replies[Math.min(calls.length, replies.length - 1)] ?? 200
    calls.push(call)
    if (reply instanceof Error) throw reply
    return { status: 200, headers: {}, body: '', ...(typeof reply === 'number' ? { status: reply } : reply) }
  }
  return { calls, caller: createHookCaller(send) }
}

/** Calls once and lets time pass until there is an answer; at most so many seconds. */
const called = async (replies: readonly Reply[], change: Fields = {}, seconds = 300) => {
  const { calls, caller } = answering(...replies)
  const io = testIo()
  const times: number[] = []
  const pending = caller.call(aCall(change), io)
  let over = false
  void pending.then(() => (over = true))
  for (let second = 0; second < seconds && !over; second += 1) {
    while (times.length < calls.length) times.push(io.clock.monotonicMs() / 1000)
    await io.clock.advance(1000)
  }
  while (times.length < calls.length) times.push(io.clock.monotonicMs() / 1000)
  return { result: await pending, calls, times, io }
}

describe('the payload of a webhook', () => {
  const calls = observedCalls.filter(call => hookName(call) !== 'event')

  it('was observed for every type but event and rollback', () =>
    expect(new Set(calls.map(hookName))).toEqual(new Set(['confirm', 'pre', 'load', 'increase', 'promote', 'post'])))

  it.each(calls.map((call, at) => [at, hookName(call), call] as const))(
    'is, to the letter, that of observed call %i to %s',
    async (_, name, call) => {
      const canary = canaryOf(call)
      const hook = canary.spec.analysis.webhooks.find(one => one.name === name)
      const { calls: sent, caller } = answering(200)
      await caller.call({ canary, hook: hook ?? aHook(), phase: call.body.phase }, testIo())
      expect(sent[0]).toMatchObject({ method: 'POST', body: JSON.stringify(call.body), headers: { 'content-type': call.contentType } })
    },
  )

  it('has no metadata where there is none', async () => {
    const { calls: sent } = await called([200])
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ name: 'podinfo', namespace: 'test', phase: 'Progressing', checksum: '758df7c9fc' })
  })

  it('keeps metadata with odd names', async () => {
    const metadata = JSON.parse('{"__proto__": "a", "10": "b", "2": "c"}') as Fields
    const { calls: sent } = await called([200], { metadata })
    expect(sent[0]?.body).toContain('"10":"b"')
  })
})

describe('a webhook says yes', () => {
  it.each([200, 201, 202])('with %i', async status => {
    const { result } = await called([status])
    expect(result).toEqual({ name: 'gate', type: 'confirm-rollout', muted: false, ok: true, message: '' })
  })
})

describe('a webhook says no', () => {
  it.each([203, 204, 206, 301, 302, 307, 400, 401, 403, 404, 429, 500, 501, 503])('with %i', async status =>
    expect((await called([status])).result.ok).toBe(false),
  )

  it('in its own words', async () => expect((await called([{ status: 403, body: ' nope\n really ' }])).result.message).toBe('nope really'))
  it('with its status where it has no words', async () =>
    expect((await called([{ status: 404 }])).result.message).toBe(
      'answered 404 with an empty body; expected 200, 201 or 202 from http://gate.test/check',
    ))
  it('in no more words than people read', async () =>
    expect((await called([{ status: 403, body: 'x'.repeat(10_000) }])).result.message).toHaveLength(513))
  it('without its words where it is in trouble', async () =>
    expect((await called([{ status: 500, body: 'boom' }])).result.message).toBe(
      'POST http://gate.test/check giving up after 1 attempt(s): answered 500',
    ))
  it('by a redirect, wherever it leads', async () =>
    expect((await called([{ status: 302, headers: { location: 'http://other.test/ok?token=abc' } }])).result.message).toBe(
      'answered 302, a redirect to http://other.test/ok; expected 200, 201 or 202 from http://gate.test/check itself',
    ))
  it('by not being there', async () =>
    expect((await called([new Error('connect ECONNREFUSED')])).result.message).toBe(
      'POST http://gate.test/check giving up after 1 attempt(s): connect ECONNREFUSED',
    ))

  it('without showing what its address keeps secret', async () => {
    const url = 'http://me:hunter2@gate.test/check?token=abc'
    const answers = [new Error(`cannot reach ${url}`), 500, 302, 404]
    const messages = await Promise.all(answers.map(async reply => (await called([reply], { url })).result.message))
    for (const message of messages) expect(message).not.toMatch(/hunter2|token=abc/)
  })
})

describe('whether asking again can help', () => {
  it.each<readonly [Reply, boolean]>([
    [403, false],
    [302, false],
    [501, false],
    [429, true],
    [500, true],
    [503, true],
    [new Error('connect ECONNREFUSED'), true],
    [new Error('self-signed certificate'), false],
  ])('after %s: %s', async (reply, transient) => expect((await called([reply])).result.transient).toBe(transient))
})

describe('the retries of a webhook', () => {
  it('end with the first yes', async () => {
    const { result, times } = await called([500, 202], { retries: 1 })
    expect([result.ok, times]).toEqual([true, [0, 1]])
  })

  it('come with pauses that double, up to 30 s', async () =>
    expect((await called([500], { retries: 7 })).times).toEqual([0, 1, 3, 7, 15, 31, 61, 91]))

  it('are as many as the manifest says', async () => {
    const { result, calls } = await called([new Error('reset')], { retries: 2 })
    expect([calls.length, result.message]).toEqual([3, 'POST http://gate.test/check giving up after 3 attempt(s): reset'])
  })

  it.each<Reply>([403, 400, 501, 204, 302, new Error('certificate has expired')])('do not happen after %s', async reply =>
    expect((await called([reply], { retries: 3 })).calls).toHaveLength(1),
  )

  it('tell how often it was really asked', async () =>
    expect((await called([new Error('self-signed certificate')], { retries: 3 })).result.message).toContain('after 1 attempt(s)'))

  it.each<readonly [number, string, readonly number[]]>([
    [429, '5', [0, 5]],
    [503, '7', [0, 7]],
    [503, '3600', [0, 30]],
    [503, 'Thu, 01 Jan 2026 00:00:09 GMT', [0, 9]],
    [503, 'Wed, 31 Dec 2025 00:00:00 GMT', [0, 1]],
    [503, 'soon', [0, 1]],
    [503, '0', [0, 1]],
    [500, '9', [0, 1]],
  ])('after %i with Retry-After %s come at %j seconds', async (status, pause, times) =>
    expect((await called([{ status, headers: { 'retry-after': pause } }, 200], { retries: 1 })).times).toEqual(times),
  )

  it('end when the asking is called off', async () => {
    const { calls, caller } = answering(500)
    const stop = new AbortController()
    const pending = caller.call(aCall({ retries: 5 }), testIo({ signal: stop.signal }))
    await settle()
    stop.abort()
    expect([(await pending).ok, calls.length]).toEqual([false, 1])
  })

  it('leave no timer behind', async () => expect((await called([500, 200], { retries: 3 })).io.clock.pending).toBe(0))
})

describe('the request of a webhook', () => {
  it.each([
    ['', 10_000],
    ['5', 10_000],
    ['2s', 2000],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['0s', 10_000],
  ])('with the time-out %j may take %i ms', async (timeout, timeoutMs) =>
    expect((await called([200], { timeout })).calls[0]?.timeoutMs).toBe(timeoutMs),
  )

  it('verifies certificates unless told otherwise', async () => {
    const of = async (change: Fields) => (await called([200], change)).calls[0]?.verifyTls
    expect([await of({}), await of({ disableTLS: true })]).toEqual([true, false])
  })

  it('says who asks', async () => expect((await called([200])).calls[0]?.headers).toMatchObject({ 'user-agent': 'serin' }))

  it('has the key of its delivery where it is one', async () => {
    const { calls, caller } = answering(200)
    await caller.call({ ...aCall(), idempotencyKey: 'uid-7-0' }, testIo())
    await caller.call(aCall(), testIo())
    expect(calls.map(({ headers }) => headers?.['idempotency-key'])).toEqual(['uid-7-0', undefined])
  })

  it('without a type is that of a rollout hook', async () => expect((await called([200], { type: '' })).result.type).toBe('rollout'))
  it('says whether its gate is muted', async () => expect((await called([403], { muteAlert: true })).result.muted).toBe(true))
})

describe('a webhook over real connections', () => {
  it('is a POST of JSON to its very address', async () => {
    const server = await loopbackServer(response => response.writeHead(200).end('OK'))
    const http = createHttp()
    onTestFinished(() => http.close())
    const { ok } = await createHookCaller(http.send).call(aCall({ url: `${server.url}/hook?a=b` }), testIo())
    expect(ok).toBe(true)
    const [request] = server.requests
    expect([request?.method, request?.path, request?.query.get('a'), request?.headers['content-type']]).toEqual([
      'POST',
      '/hook',
      'b',
      'application/json',
    ])
  })
})
