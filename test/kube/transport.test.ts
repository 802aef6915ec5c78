import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createTransport, type HttpRequest, type Transport, type TransportOptions } from '../../src/kube/transport.ts'
import { testIo } from '../support/io.ts'
import { inTurn, json, loopbackServer } from '../support/loopback-server.ts'
import { loopbackCert } from '../support/loopback-tls.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

const clock = systemClock()

const open = (options: Partial<TransportOptions> & { server: string }): Transport => {
  const transport = createTransport({ clock, tls: { ca: loopbackCert }, ...options })
  onTestFinished(() => transport.close())
  return transport
}

const read: HttpRequest = { label: { verb: 'get', resource: 'pods' }, method: 'GET', path: '/api/v1/pods', deadlineMs: 5000 }
const write: HttpRequest = { ...read, label: { verb: 'patch', resource: 'pods' }, method: 'PATCH', body: '{}' }

/** Waits on the event loop until something on a real socket has happened. */
const until = async (fact: () => boolean): Promise<void> => {
  while (!fact()) await settle()
}

/** A signal that knows how many listen to it. */
const countedSignal = () => {
  const { signal } = new AbortController()
  let count = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--
    remove(...args)
  }
  return { signal, listeners: () => count }
}

describe('the transport', () => {
  it('sends a hundred requests over one connection', async () => {
    const server = await loopbackServer(json({}))
    const transport = open({ server: server.url })
    for (let n = 0; n < 100; n++) await transport.request(read, testIo({ clock }))
    expect([server.requests.length, server.connections]).toEqual([100, 1])
  })

  it('pays one TLS handshake for a hundred requests', async () => {
    const server = await loopbackServer(json({}), { tls: true })
    const connected: unknown[] = []
    const observer = { request() {}, connection: (facts: unknown) => void connected.push(facts) }
    const transport = open({ server: server.url, observer })
    for (let n = 0; n < 100; n++) await transport.request(read, testIo({ clock }))
    expect(connected).toEqual([{ pool: 'requests', tls: true }])
  })

  it('never opens more request connections than it may', async () => {
    const server = await loopbackServer(json({}))
    const transport = open({ server: server.url, connections: 4 })
    await Promise.all(Array.from({ length: 100 }, () => transport.request(read, testIo({ clock }))))
    expect(server.connections).toBe(4)
  })

  it('keeps requests going while watches hold sockets of their own', async () => {
    const server = await loopbackServer((response, request) => {
      if (request.path === '/api/v1/pods') json({})(response, request)
      else response.writeHead(200).flushHeaders()
    })
    const transport = open({ server: server.url, connections: 1 })
    const streams = await Promise.all([1, 2, 3].map(() => transport.stream({ ...read, path: '/watch' }, testIo({ clock }))))
    const answer = await transport.request(read, testIo({ clock }))
    for (const stream of streams) stream.close()
    expect(answer.status).toBe(200)
  })

  it('refuses a server whose certificate nobody vouches for', async () => {
    const server = await loopbackServer(json({}), { tls: true })
    const transport = open({ server: server.url, tls: {} })
    await expect(transport.request(read, testIo({ clock }))).rejects.toMatchObject({ code: 'Unreachable', sent: false })
  })

  it('tells its name, the credentials and the media type', async () => {
    const server = await loopbackServer(json({}))
    const transport = open({ server: server.url, userAgent: 'serin/1.2.3', authenticate: async () => ({ authorization: 'Bearer t' }) })
    await transport.request(read, testIo({ clock }))
    expect(server.requests[0]?.headers).toMatchObject({
      'user-agent': 'serin/1.2.3',
      authorization: 'Bearer t',
      accept: 'application/json',
    })
  })

  it('keeps the path of a server behind a prefix', async () => {
    const server = await loopbackServer(json({}))
    const transport = open({ server: `${server.url}/k8s/clusters/c-1/` })
    await transport.request(read, testIo({ clock }))
    expect(server.requests[0]?.path).toBe('/k8s/clusters/c-1/api/v1/pods')
  })

  it('asks once more with fresh credentials after a 401', async () => {
    const server = await loopbackServer(inTurn(json({}, 401), json({})))
    const authenticate = async ({ fresh }: { fresh: boolean }) => ({ authorization: fresh ? 'Bearer new' : 'Bearer old' })
    const answer = await open({ server: server.url, authenticate }).request(write, testIo({ clock }))
    expect([answer.status, ...server.requests.map(request => request.headers.authorization)]).toEqual([200, 'Bearer old', 'Bearer new'])
  })

  it('hands the second 401 to the caller', async () => {
    const server = await loopbackServer(json({}, 401))
    const answer = await open({ server: server.url }).request(read, testIo({ clock }))
    expect([answer.status, server.requests.length]).toEqual([401, 2])
  })

  it('refreshes credentials for streams too', async () => {
    const server = await loopbackServer(inTurn(json({}, 401), json({})))
    const stream = await open({ server: server.url }).stream(read, testIo({ clock }))
    stream.close()
    expect([stream.status, server.requests.length]).toEqual([200, 2])
  })

  it('can still call off a stream whose credentials were refreshed', async () => {
    const server = await loopbackServer(inTurn(json({}, 401), response => void response.writeHead(200).flushHeaders()))
    const caller = new AbortController()
    const stream = await open({ server: server.url }).stream(read, testIo({ clock, signal: caller.signal }))
    const reading = (async () => {
      for await (const _ of stream.chunks) expect.unreachable()
    })()
    caller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    stream.close()
  })

  it('says so when the credentials cannot be read', async () => {
    const server = await loopbackServer(json({}))
    const authenticate = () => Promise.reject(new Error('no such file'))
    await expect(open({ server: server.url, authenticate }).request(read, testIo({ clock }))).rejects.toMatchObject({
      code: 'Unauthorized',
      sent: false,
    })
  })

  it('gives up on credentials that never come', async () => {
    const virtual = new VirtualClock()
    const transport = open({ server: 'http://127.0.0.1:1', clock: virtual, authenticate: () => new Promise(() => {}) })
    const asked = expect(transport.request(read, testIo({ clock: virtual }))).rejects.toMatchObject({ code: 'Unreachable', sent: false })
    await virtual.advance(5000)
    await asked
  })

  it('gives up on an answer that does not come, and says that the request may have been carried out', async () => {
    const virtual = new VirtualClock()
    const server = await loopbackServer(() => {})
    const transport = open({ server: server.url, clock: virtual })
    const asked = expect(transport.request(write, testIo({ clock: virtual }))).rejects.toMatchObject({ code: 'Unreachable', sent: true })
    await until(() => server.requests.length === 1)
    await virtual.advance(5000)
    await asked
    expect(virtual.pending).toBe(0)
  })

  it('knows that a refused connection sent nothing', async () => {
    const server = await loopbackServer(json({}))
    await server.close()
    await expect(open({ server: server.url }).request(write, testIo({ clock }))).rejects.toMatchObject({ code: 'Unreachable', sent: false })
  })

  it('stops waiting for a socket when it is called off', async () => {
    const server = await loopbackServer(() => {})
    const transport = open({ server: server.url, connections: 1 })
    const first = transport.request(read, testIo({ clock })).catch(() => 'closed')
    await until(() => server.requests.length === 1)
    const caller = new AbortController()
    const second = transport.request(read, testIo({ clock, signal: caller.signal }))
    caller.abort(new Error('enough'))
    await expect(second).rejects.toMatchObject({ code: 'Unreachable', sent: false })
    await transport.close()
    expect(await first).toBe('closed')
  })

  it('never sends a request that was called off while it waited for a socket', async () => {
    let answerFirst = () => {}
    const server = await loopbackServer((response, request) => {
      answerFirst = () => json({})(response, request)
    })
    const transport = open({ server: server.url, connections: 1 })
    const first = transport.request(read, testIo({ clock }))
    await until(() => server.requests.length === 1)
    const caller = new AbortController()
    const second = transport.request(write, testIo({ clock, signal: caller.signal })).catch(() => 'called off')
    const third = transport.request(read, testIo({ clock }))
    await settle() // both stand in the queue
    caller.abort(new Error('enough'))
    await second
    answerFirst()
    await until(() => server.requests.length === 2)
    answerFirst()
    await Promise.all([first, third])
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET'])
  })

  it('gives a stream its deadline until the headers, then all the time it needs', async () => {
    const virtual = new VirtualClock()
    let tell = (_text: string) => {}
    const server = await loopbackServer(response => {
      response.writeHead(200).flushHeaders()
      tell = text => void response.end(text)
    })
    const stream = await open({ server: server.url, clock: virtual }).stream(read, testIo({ clock: virtual }))
    await virtual.advance(3_600_000)
    tell('late')
    const chunks: string[] = []
    for await (const chunk of stream.chunks) chunks.push(String(chunk))
    stream.close()
    expect(chunks).toEqual(['late'])
  })

  it('refuses an answer that is larger than it may be', async () => {
    const server = await loopbackServer(json({ text: 'x'.repeat(1000) }))
    await expect(open({ server: server.url, maxAnswerBytes: 100 }).request(read, testIo({ clock }))).rejects.toMatchObject({
      code: 'ServerError',
      message: 'get pods: expected an answer of at most 100 bytes, got more',
    })
  })

  it('reports a connection that is cut in the middle of an answer', async () => {
    const server = await loopbackServer(response => {
      response.writeHead(200, { 'content-length': '100' }).write('{')
      setImmediate(() => response.destroy())
    })
    await expect(open({ server: server.url }).request(read, testIo({ clock }))).rejects.toMatchObject({ code: 'Unreachable', sent: true })
  })

  it('asks the fence where the request leaves, after the wait for a socket', async () => {
    let answerFirst = () => {}
    const server = await loopbackServer((response, request) => {
      if (request.method === 'GET') answerFirst = () => json({})(response, request)
      else json({})(response, request)
    })
    const transport = open({ server: server.url, connections: 1 })
    let leading = true
    const first = transport.request(read, testIo({ clock }))
    const second = transport.request({ ...write, fence: () => leading }, testIo({ clock }))
    const outcome = expect(second).rejects.toMatchObject({ code: 'Fenced', sent: false })
    await until(() => server.requests.length === 1)
    leading = false
    answerFirst()
    await first
    await outcome
    expect(server.requests.map(request => request.method)).toEqual(['GET'])
  })

  it('keeps the connection when the fence holds a write back', async () => {
    const server = await loopbackServer(json({}))
    const transport = open({ server: server.url, connections: 1 })
    await transport.request(read, testIo({ clock }))
    await transport.request({ ...write, fence: () => false }, testIo({ clock })).catch(() => {})
    await transport.request(read, testIo({ clock }))
    expect([server.connections, server.requests.length]).toEqual([1, 2])
  })

  it('tells every attempt and its outcome', async () => {
    const server = await loopbackServer(json({}, 404))
    const seen: unknown[] = []
    const observer = { request: ({ durationMs: _, ...facts }: object & { durationMs: number }) => void seen.push(facts), connection() {} }
    const transport = open({ server: server.url, observer })
    await transport.request(read, testIo({ clock }))
    await transport.request({ ...write, fence: () => false }, testIo({ clock })).catch(() => {})
    expect(seen).toEqual([
      { verb: 'get', resource: 'pods', code: '404' },
      { verb: 'patch', resource: 'pods', code: 'Fenced' },
    ])
  })

  it('leaves no socket behind when closed', async () => {
    const server = await loopbackServer((response, request) => {
      if (request.path === '/watch') response.writeHead(200).flushHeaders()
      else json({})(response, request)
    })
    const transport = open({ server: server.url })
    await transport.request(read, testIo({ clock }))
    await transport.stream({ ...read, path: '/watch' }, testIo({ clock }))
    await transport.close()
    await until(() => server.openSockets.size === 0)
    expect(server.connections).toBe(2)
  })

  it('leaves no timer and no listener behind', async () => {
    const virtual = new VirtualClock()
    const server = await loopbackServer(json({}))
    const { signal, listeners } = countedSignal()
    const transport = open({ server: server.url, clock: virtual })
    const io = testIo({ clock: virtual, signal })
    await transport.request(read, io)
    const stream = await transport.stream(read, io)
    stream.close()
    expect([virtual.pending, listeners()]).toEqual([0, 0])
  })
})
