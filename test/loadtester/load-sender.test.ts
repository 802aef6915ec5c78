import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HttpSenderOptions, httpSender, type LoadSender } from '../../src/loadtester/load-sender.ts'

const never = new AbortController().signal

describe('the HTTP sender', () => {
  let server: Server
  let url: string
  let sender: LoadSender
  let connections: number
  let handle: (request: IncomingMessage, response: ServerResponse) => void

  beforeEach(async () => {
    connections = 0
    handle = (_request, response) => response.end('hello')
    server = createServer((request, response) => handle(request, response))
    server.on('connection', () => {
      connections += 1
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?q=1`
  })

  afterEach(async () => {
    await sender.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  const open = (options: Partial<HttpSenderOptions> = {}): void => {
    sender = httpSender({ concurrency: 1, ...options })
  }

  it('tells status, size and headers of an answer', async () => {
    open()
    handle = (_request, response) => response.writeHead(503, { 'x-version': 'v2' }).end('12345678')
    expect(await sender.send({ url }, never)).toMatchObject({ status: 503, bytes: 8, headers: { 'x-version': 'v2' } })
  })

  it('sends method, path, headers, host and body', async () => {
    open()
    handle = (request, response) => {
      const { method, url: target, headers } = request
      response.setHeader('seen', `${method} ${target} ${headers.host} ${headers['x-who']} ${headers['content-length']}`)
      request.resume().on('end', () => response.end())
    }
    const answer = await sender.send({ url, method: 'POST', headers: { host: 'app.example.com', 'x-who': 'me' }, body: 'abc' }, never)
    expect(answer.headers['seen']).toBe('POST /path?q=1 app.example.com me 3')
  })

  it.each([
    [true, 1],
    [false, 3],
  ])('with keep-alive %j uses %i connections for three requests', async (keepAlive, expected) => {
    open({ keepAlive })
    for (let n = 0; n < 3; n += 1) await sender.send({ url }, never)
    expect(connections).toBe(expected)
  })

  it.each([
    [true, 200],
    [false, 302],
  ])('with redirects followed %j ends with status %i', async (followRedirects, status) => {
    open({ followRedirects })
    handle = (request, response) => {
      if (request.url === '/there') response.end('there')
      else response.writeHead(302, { location: '/there' }).end()
    }
    expect((await sender.send({ url }, never)).status).toBe(status)
  })

  it('rejects when there is nobody to answer', async () => {
    open()
    await expect(sender.send({ url: 'http://127.0.0.1:1/' }, never)).rejects.toThrow('ECONNREFUSED')
  })

  it('rejects when its signal aborts before the answer', async () => {
    open()
    const giveUp = new AbortController()
    handle = () => giveUp.abort(new Error('no answer within 1s'))
    await expect(sender.send({ url }, giveUp.signal)).rejects.toThrow('no answer within 1s')
  })
})
