import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HookAnswer } from '../../src/core/evidence.ts'
import { createHttp } from '../../src/http-call.ts'
import { createHookCaller } from '../../src/webhooks/http-hooks.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { type Answer, loopbackServer } from '../support/loopback-server.ts'
import { createOutsideWorld } from '../support/outside-world.ts'
import { team } from '../support/stage.ts'
import { settle } from '../support/virtual-clock.ts'
import { atWeight, isTold, rolledBack, standing } from './on-stage.ts'

type Fields = Readonly<Record<string, unknown>>

const hookOf = (change: Fields) => {
  const webhook = { name: 'check', type: 'rollout', url: 'http://tests.test/run', timeout: '2s', ...change }
  const [hook] = aCanary({ analysis: { webhooks: [webhook] } }).spec.analysis.webhooks
  if (!hook) throw new Error('no hook')
  return hook
}

/** Calls a hook over real connections; `change` may name another address than the server's. */
const call = (url: string, change: Fields = {}) => {
  const http = createHttp()
  onTestFinished(() => http.close())
  const io = testIo()
  const hook = hookOf({ url: `${url}/hook`, ...change })
  return { io, result: createHookCaller(http.send).call({ canary: aCanary(), hook, phase: 'Progressing' }, io) }
}

const ask = async (answer: Answer, { tls = false, ...change }: Fields & { readonly tls?: boolean } = {}) => {
  const server = await loopbackServer(answer, { tls })
  return { server, ...call(server.url, change) }
}

const status =
  (code: number, body = ''): Answer =>
  response =>
    void response.writeHead(code).end(body)

/** What a receiver may do, and its part in the message that people read. */
const refusals: readonly (readonly [string, Answer, RegExp])[] = [
  ...[203, 204, 206, 400, 401, 403, 404, 410, 418].map(code => [`answers ${code}`, status(code), /answered|expected/] as const),
  ...[429, 500, 502, 503, 504].map(code => [`answers ${code}`, status(code), new RegExp(`giving up.*answered ${code}`)] as const),
  ['answers 403 in its own words', status(403, ' nope\n really '), /^nope really$/],
  ['answers 403 with two megabytes', status(403, `no: ${'x'.repeat(2 * 1024 * 1024)}`), /^no: x{508}…$/],
  ['breaks the connection', response => void response.destroy(), /giving up after 1 attempt/],
  ['resets the connection', response => void response.socket?.resetAndDestroy(), /giving up after 1 attempt/],
  ['says to go on, and then nothing', response => response.writeContinue(), /giving up after 1 attempt/],
  ['redirects to itself', (response, { path }) => void response.writeHead(307, { location: path }).end(), /a redirect/],
]

describe.each(refusals)('a webhook that %s', (_, answer, words) => {
  it('says no, once asked, in words that say what came', async () => {
    const { server, result } = await ask(answer)
    expect(await result).toMatchObject({ ok: false, message: expect.stringMatching(words) })
    expect(server.requests).toHaveLength(1)
  })
})

/** Receivers that take their time for ever. */
const endless: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'never answers': () => {},
  'never ends its headers': response => void response.socket?.write('HTTP/1.1 200 OK\r\nx-one: 1\r\n'),
  'never ends its yes': response => void response.writeHead(200).write('O'),
}

describe.each(Object.entries(endless))('a webhook that %s', (_, answer) => {
  it('is given up when its time is over', async () => {
    const { server, result, io } = await ask(answer)
    await expect.poll(() => server.requests.length).toBe(1)
    await settle()
    await io.clock.advance(2000)
    expect(await result).toMatchObject({ ok: false, message: expect.stringMatching(/no answer within 2s$/) })
  })
})

describe('a webhook that never stops talking', () => {
  it.each([
    [200, true],
    [403, false],
  ])('has said %i, and is cut off', async (code, ok) => {
    let sent = 0
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const { result } = await ask(response => {
      response.writeHead(code)
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length
      }
      response.on('drain', more)
      more()
    })
    expect((await result).ok).toBe(ok)
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })
})

describe('a webhook that redirects to a yes', () => {
  it.each([301, 302, 303, 307, 308])('with %i on another host has not said it', async code => {
    const elsewhere = await loopbackServer(status(200))
    const { result } = await ask(response => void response.writeHead(code, { location: elsewhere.url }).end())
    expect([(await result).ok, elsewhere.requests.length]).toEqual([false, 0])
  })
})

describe('a webhook that cannot be reached', () => {
  const wordsOf = async ({ result }: { readonly result: Promise<HookAnswer> }) => {
    const { ok, message } = await result
    return ok ? 'yes' : message
  }

  it('because its certificate is vouched for by nobody is refused at once', async () => {
    const { server, result } = await ask(status(200), { tls: true, retries: 3 })
    expect((await result).message).toMatch(/giving up after 1 attempt\(s\): self-signed certificate/)
    expect(server.requests).toHaveLength(0)
  })

  it('because its certificate is vouched for by nobody is asked where TLS is not verified', async () =>
    expect((await (await ask(status(200), { tls: true, disableTLS: true })).result).ok).toBe(true))

  it('because there is no such name says so', async () =>
    expect(await wordsOf(call('http://nobody.invalid'))).toMatch(/giving up after 1 attempt\(s\): getaddrinfo/))

  it('because nobody listens says so', async () => {
    const server = createServer()
    const port = await new Promise<number>(resolve => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    await new Promise(resolve => server.close(resolve))
    expect(await wordsOf(call(`http://127.0.0.1:${port}`))).toMatch(/ECONNREFUSED/)
  })

  it('because it speaks no HTTP says so', async () => {
    const server = createServer(socket => socket.end('220 mail.test ESMTP\r\n'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    expect(await wordsOf(call(`http://127.0.0.1:${(server.address() as { port: number }).port}`))).toMatch(/giving up/)
  })
})

describe('a webhook that says yes', () => {
  it.each([200, 201, 202])('with %i is one that was asked at its very address, once', async code => {
    const { server, result } = await ask(status(code, 'OK'))
    expect((await result).ok).toBe(true)
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /hook'])
  })
})

describe('a load test that, in mid-run,', () => {
  it.each([
    ['hangs', 'hang', 'giving up after 1 attempt(s): no answer within 2s'],
    ['answers 500', { status: 500, body: 'boom' }, 'giving up after 1 attempt(s): answered 500'],
    ['answers 403 with two megabytes', { status: 403, body: `denied ${'x'.repeat(2 * 1024 * 1024)}` }, 'check failed denied xxx'],
    ['is gone', 'dead', 'getaddrinfo ENOTFOUND tests.test'],
  ] as const)('%s is named in condition, event and log, and the release is rolled back', async (_, reply, words) => {
    const world = createOutsideWorld()
    const stage = await atWeight(20, { tools: world.tools, objects: team({ analysis: { webhooks: [hookOf({})] } }) })
    world.state.hook = reply
    await stage.until(() => isTold(stage, words))
    await stage.untilRest('Failed')
    expect([stage.status.failure?.reason, standing(stage)]).toEqual(['HookFailed', rolledBack])
  })
})
