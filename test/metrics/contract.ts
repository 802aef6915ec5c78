import { describe, expect, it, onTestFinished } from 'vitest'
import type { MetricProvider, MetricQuestion } from '../../src/metrics/metric-store.ts'
import { testIo } from '../support/io.ts'
import { type Answer, type LoopbackServer, loopbackServer } from '../support/loopback-server.ts'
import { aQuestion, inShort, wordsOf } from './questions.ts'

/** What a test of a store over HTTP lends to the contract. */
export interface StoreSample {
  readonly provider: MetricProvider
  /** An answer that holds the number 1.5, and one that holds nothing. */
  readonly value: Answer
  readonly nothing: Answer
  /** A Secret with which the store can be asked, and the words of it that must never be read anywhere. */
  readonly secret: NonNullable<MetricQuestion['secret']>
}

const plainly =
  (status: number, body: string): Answer =>
  response => {
    response.writeHead(status, { 'content-type': 'text/html' }).end(body)
  }

const never: Answer = () => {}
const slowly: Answer = response => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{')
}
const cutOff: Answer = response => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{')
  setImmediate(() => response.destroy())
}

/** What every metric store over HTTP has to do, whatever comes back. */
export const describeStore = ({ provider, value, nothing, secret }: StoreSample): void => {
  const opened = () => {
    const store = provider.open()
    onTestFinished(() => store.close())
    return store
  }
  const answered = async (answer: Answer) => {
    const server = await loopbackServer(answer)
    return opened().ask(aQuestion(server.url, { secret }), testIo())
  }

  describe(`the metric store ${provider.name}`, () => {
    it('gives the number', async () => expect(inShort(await answered(value))).toBe(1.5))
    it('says when there is no sample', async () => expect(inShort(await answered(nothing))).toBe('NoData'))

    it.each([401, 403, 404, 429, 500, 502, 503])('counts a status of %i as a store that cannot be asked', async status =>
      expect(inShort(await answered(plainly(status, 'no')))).toBe('StoreUnreachable'),
    )

    it('shows status and body of a refusal', async () =>
      expect(wordsOf(await answered(plainly(502, '<h1>no\n upstream</h1>')))).toMatch(/502.*<h1>no upstream<\/h1>/))

    it('is not taken in by a page that is no answer', async () =>
      expect(inShort(await answered(plainly(200, '<html>Sign in</html>')))).toBe('StoreUnreachable'))

    it('follows no redirect', async () => {
      const elsewhere = await loopbackServer(value)
      const answer = await answered(response => response.writeHead(302, { location: `${elsewhere.url}/` }).end())
      expect([inShort(answer), elsewhere.requests.length]).toEqual(['StoreUnreachable', 0])
    })

    it.each<readonly [string, Answer]>([
      ['never answers', never],
      ['never ends its answer', slowly],
    ])('gives up after 5 s when the store %s', async (_, answer) => {
      const server = await loopbackServer(answer)
      const io = testIo()
      const asked = opened().ask(aQuestion(server.url, { secret }), io)
      await expect.poll(() => server.requests.length).toBe(1)
      await io.clock.advance(5000)
      expect(wordsOf(await asked)).toBe('no answer within 5s')
    })

    it('leaves no timer behind', async () => {
      const server = await loopbackServer(value)
      const io = testIo()
      await opened().ask(aQuestion(server.url, { secret }), io)
      expect(io.clock.pending).toBe(0)
    })

    it('can be called off', async () => {
      const server = await loopbackServer(never)
      const stop = new AbortController()
      const asked = opened().ask(aQuestion(server.url, { secret }), testIo({ signal: stop.signal }))
      await expect.poll(() => server.requests.length).toBe(1)
      stop.abort()
      expect(inShort(await asked)).toBe('StoreUnreachable')
    })

    it('counts a connection that breaks in mid-answer as one that cannot be asked', async () =>
      expect(inShort(await answered(cutOff))).toBe('StoreUnreachable'))

    it('counts a refused connection as one that cannot be asked', async () => {
      const server = await loopbackServer(value)
      await server.close()
      const answer = await opened().ask(aQuestion(server.url, { secret }), testIo())
      expect([inShort(answer), wordsOf(answer)]).toEqual(['StoreUnreachable', expect.stringContaining('ECONNREFUSED')])
    })

    it('reads no more than a few megabytes', async () => {
      let sent = 0
      const answer = await answered(response => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const chunk = Buffer.alloc(1024 * 1024, ' ')
        const pour = (): void => {
          sent += 1
          if (sent < 1000 && !response.destroyed) response.write(chunk, pour)
        }
        pour()
      })
      expect([inShort(answer), sent < 100]).toEqual(['NoData', true])
    })

    it('keeps its connections between questions', async () => {
      const server = await loopbackServer(value)
      const store = opened()
      for (let turn = 0; turn < 5; turn += 1) await store.ask(aQuestion(server.url, { secret }), testIo())
      expect(server.connections).toBe(1)
    })

    it('trusts a certificate of nobody only when it is told to', async () => {
      const server = await loopbackServer(value, { tls: true })
      const ask = (insecureSkipVerify: boolean) => opened().ask(aQuestion(server.url, { secret, insecureSkipVerify }), testIo())
      const [strict, lenient] = [await ask(false), await ask(true)]
      expect([inShort(strict), wordsOf(strict), inShort(lenient)]).toEqual([
        'StoreUnreachable',
        expect.stringContaining('self-signed'),
        1.5,
      ])
    })

    it('repeats no credential, even when the store does', async () => {
      const echo: Answer = (response, { headers }) =>
        response.writeHead(500, { 'content-type': 'text/plain' }).end(JSON.stringify([headers, Object.values(secret)]))
      const words = wordsOf(await answered(echo))
      for (const value of Object.values(secret)) expect(words).not.toContain(value)
    })

    it('says what is wrong with an address', async () => {
      const answers = await Promise.all(
        ['', 'prometheus:9090', '/metrics', 'http://'].map(address => opened().ask(aQuestion(address), testIo())),
      )
      expect(answers.map(inShort)).toEqual(Array.from({ length: 4 }, () => 'MetricInvalid'))
    })
  })
}

/** The only request that a server got. */
export const onlyRequest = (server: LoopbackServer) => {
  const [request] = server.requests
  if (!request || server.requests.length !== 1) throw new Error(`expected one request, got ${server.requests.length}`)
  return request
}
