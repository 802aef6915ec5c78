import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { authorizationIn, createHttp, excerptOf, type HttpCall, type Proxies, shownUrl } from '../src/http-call.ts'
import { testIo } from './support/io.ts'
import { type Answer, loopbackServer } from './support/loopback-server.ts'

const setUp = (proxies?: Proxies) => {
  const http = createHttp(proxies)
  onTestFinished(() => http.close())
  const io = testIo()
  return {
    io,
    http,
    call: (url: string, change: Partial<HttpCall> = {}) => http.send({ method: 'POST', url, timeoutMs: 5000, ...change }, io),
  }
}

const ok: Answer = response => response.writeHead(200, { 'x-seen': 'yes' }).end('fine')

describe('a call', () => {
  it('carries method, headers and body, and brings back all of the answer', async () => {
    const server = await loopbackServer(ok)
    const answer = await setUp().call(`${server.url}/a?b=c`, { headers: { 'x-mine': '1' }, body: '{}' })
    expect(answer).toMatchObject({ status: 200, headers: { 'x-seen': 'yes' }, body: 'fine' })
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/a', headers: { 'x-mine': '1' }, body: '{}' })
  })

  it.each([204, 301, 404, 500])('takes a status of %i for an answer', async status => {
    const server = await loopbackServer(response => response.writeHead(status, { location: '/again' }).end())
    expect((await setUp().call(server.url)).status).toBe(status)
    expect(server.requests).toHaveLength(1)
  })

  it('carries the user of its address', async () => {
    const server = await loopbackServer(ok)
    await setUp().call(server.url.replace('//', '//me:p%40ss@'))
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  })

  it('prefers an authorization of its own', async () => {
    const server = await loopbackServer(ok)
    await setUp().call(server.url.replace('//', '//me:x@'), { headers: { authorization: 'Bearer abc' } })
    expect(server.requests[0]?.headers.authorization).toBe('Bearer abc')
  })

  it('reads no more of a body than it may', async () => {
    const server = await loopbackServer(response => response.writeHead(200).end('x'.repeat(2 * 1024 * 1024)))
    const { call } = setUp()
    expect((await call(server.url)).body).toHaveLength(64 * 1024)
    expect((await call(server.url, { maxBytes: 10 })).body).toBe('x'.repeat(10))
  })

  it('drops the connection of a body that never ends', async () => {
    const server = await loopbackServer(response => {
      const pour = () => !response.destroyed && response.write('x'.repeat(64 * 1024), pour)
      pour()
    })
    await setUp().call(server.url)
    await expect.poll(() => server.openSockets.size).toBe(0)
  })

  it('keeps connections between calls', async () => {
    const server = await loopbackServer(ok)
    const { call } = setUp()
    for (let turn = 0; turn < 20; turn += 1) await call(server.url)
    expect(server.connections).toBeLessThanOrEqual(2)
  })

  it.each<readonly [string, Answer]>([
    ['before the first byte', () => {}],
    ['in the middle of the body', response => response.writeHead(200).write('x')],
  ])('that hangs %s is given up when its time is over', async (_, answer) => {
    const server = await loopbackServer(answer)
    const { call, io } = setUp()
    const pending = call(server.url, { timeoutMs: 2500 })
    const outcome = expect(pending).rejects.toThrow('no answer within 2.5s')
    await expect.poll(() => server.requests.length).toBe(1)
    await io.clock.advance(2500)
    await outcome
  })

  it('leaves no timer behind', async () => {
    const server = await loopbackServer(ok)
    const { call, io } = setUp()
    await call(server.url)
    expect(io.clock.pending).toBe(0)
  })

  it('can be called off', async () => {
    const server = await loopbackServer(() => {})
    const stop = new AbortController()
    const http = createHttp()
    onTestFinished(() => http.close())
    const pending = http.send({ method: 'GET', url: server.url, timeoutMs: 5000 }, testIo({ signal: stop.signal }))
    const outcome = expect(pending).rejects.toThrow('enough')
    await expect.poll(() => server.requests.length).toBe(1)
    stop.abort(new Error('enough'))
    await outcome
  })

  it('rejects where nobody listens', async () => {
    const server = await loopbackServer(ok)
    await server.close()
    await expect(setUp().call(server.url)).rejects.toThrow('ECONNREFUSED')
  })

  it('rejects, and does not throw, for a proxy that is none', async () =>
    expect(setUp().call('http://127.0.0.1:1', { proxy: 'not a url' })).rejects.toThrow())

  it('trusts a certificate of nobody only when it is told to', async () => {
    const server = await loopbackServer(ok, { tls: true })
    const { call } = setUp()
    await expect(call(server.url)).rejects.toThrow('self-signed certificate')
    expect((await call(server.url, { verifyTls: false })).status).toBe(200)
    await expect(call(server.url)).rejects.toThrow('self-signed certificate')
  })
})

/** A proxy that only knows CONNECT: digs the tunnel, or answers with what it is given. */
const tunnelProxy = async (refusal?: string) => {
  const targets: string[] = []
  const server = createServer()
  server.on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
    targets.push(url)
    if (refusal) {
      socket.end(refusal)
      return
    }
    const { hostname, port } = new URL(`tcp://${url}`)
    const onward = connect(Number(port), hostname, () => socket.write('HTTP/1.1 200 Connection Established\r\n\r\n'))
    onward.pipe(socket).pipe(onward)
    for (const end of [onward, socket]) end.on('error', () => {})
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, targets }
}

describe('a proxy', () => {
  const aProxy = () => loopbackServer(response => response.writeHead(200).end('through the proxy'))

  it('is used where the call names one', async () => {
    const proxy = await aProxy()
    expect((await setUp().call('http://chat.example/hook', { proxy: proxy.url })).body).toBe('through the proxy')
  })

  it('digs a tunnel to receivers that speak TLS', async () => {
    const [tunnel, server] = [await tunnelProxy(), await loopbackServer(ok, { tls: true })]
    const answer = await setUp().call(server.url, { proxy: tunnel.url, verifyTls: false })
    expect([answer.body, tunnel.targets]).toEqual(['fine', [new URL(server.url).host]])
  })

  it('that refuses is a call that failed', async () => {
    const tunnel = await tunnelProxy('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    await expect(setUp().call('https://chat.example/hook', { proxy: tunnel.url })).rejects.toThrow('407')
  })

  it('is used where the environment names one', async () => {
    const proxy = await aProxy()
    const { call } = setUp({ HTTP_PROXY: proxy.url })
    expect((await call('http://chat.example/hook')).body).toBe('through the proxy')
  })

  it('is passed by where the environment says so', async () => {
    const [proxy, server] = [await aProxy(), await loopbackServer(ok)]
    expect((await setUp({ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' }).call(server.url)).body).toBe('fine')
  })
})

describe('what a message shows', () => {
  it.each([
    ['https://a.example/b/c', 'https://a.example/b/c'],
    ['https://me:x@a.example/b?token=1#d', 'https://a.example/b'],
    ['http://me:a/b@c', 'http://me:a/b@c'],
  ])('of the address %s is %s', (url, shown) => expect(shownUrl(url)).toBe(shown))

  it('of a body is one line', () => expect(excerptOf(' a\n\tb\0c  ')).toBe('a b c'))
  it('of a long body is its beginning', () => expect(excerptOf('x'.repeat(300))).toBe(`${'x'.repeat(200)}…`))
})

describe('the user in an address', () => {
  it.each([
    ['http://a.example', undefined],
    ['http://me@a.example', 'me:'],
    ['http://me:p%40ss@a.example', 'me:p@ss'],
    ['http://me:100%25@a.example', 'me:100%'],
  ])('%s is %s', (url, user) =>
    expect(authorizationIn(url)).toBe(user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`),
  )
})
