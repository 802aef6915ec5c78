import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compileRoute } from '../../../src/sandbox/gateway/configuration.ts'
import { createEndpointBook } from '../../../src/sandbox/gateway/endpoint-book.ts'
import { serve } from '../../../src/sandbox/gateway/exchange.ts'
import { listenOn } from '../../../src/sandbox/gateway/listening.ts'
import { createGatewayMetrics } from '../../../src/sandbox/gateway/metrics.ts'
import { createRouteTable } from '../../../src/sandbox/gateway/route-table.ts'
import { recordingLogger } from '../../support/io.ts'
import { type Answer, json, type LoopbackServer, loopbackServer } from '../../support/loopback-server.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { aGateway, aRoute, aService } from './route-builders.ts'

type Rule = Readonly<Record<string, unknown>>

const toA: Rule = { backendRefs: [{ name: 'a', port: 80 }] }

/** Nobody listens there: the port was free a moment ago. */
const deadPort = async (): Promise<number> => {
  const server = createServer()
  const port = await listenOn(server, '127.0.0.1', 0)
  await new Promise(resolve => server.close(resolve))
  return port
}

const portOf = ({ url }: LoopbackServer): number => Number(new URL(url).port)

interface Plane {
  readonly clock: VirtualClock
  readonly metrics: ReturnType<typeof createGatewayMetrics>
  readonly port: number
  /** Changes who stands behind a Service. */
  endpoints(service: string, ...ports: number[]): void
  ask(path?: string, init?: RequestInit): Promise<Response>
}

/** A gateway with one route, whose Services lead to the given ports. */
const planeWith = async (rule: Rule, behind: Readonly<Record<string, readonly number[]>>, spec: Rule = {}): Promise<Plane> => {
  const places = new Map<string, readonly number[]>(Object.entries(behind))
  const book = createEndpointBook(service =>
    (places.get(service.replace('test/', '')) ?? []).map(port => ({ host: '127.0.0.1', port, pod: `pod-${port}` })),
  )
  const world = {
    serviceOf: ({ name }: { name: string }) => (places.has(name) ? aService(name) : undefined),
    namespaceLabels: () => ({}),
  }
  const { entries } = compileRoute(aRoute('app', { rules: [rule], ...spec }), aGateway(), world)
  const table = createRouteTable(entries)
  const clock = new VirtualClock()
  const metrics = createGatewayMetrics()
  const gear = { table: () => table, book, metrics, clock, log: recordingLogger(), isLeaving: () => false }
  const server = createServer((message, response) => void serve(message, response, gear))
  const port = await listenOn(server, '127.0.0.1', 0)
  onTestFinished(async () => {
    book.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    clock,
    metrics,
    port,
    endpoints: (service, ...ports) => {
      places.set(service, ports)
      book.refresh(`test/${service}`)
    },
    ask: (path = '/', init = {}) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init }),
  }
}

const hello: Answer = response => response.writeHead(200, { 'x-backend': 'yes', 'content-type': 'text/plain' }).end('hello')
const hangUp: Answer = response => response.socket?.destroy()
const never: Answer = () => {}

const start = async (rule: Rule = toA, answer: Answer = hello) => {
  const backend = await loopbackServer(answer)
  return { backend, plane: await planeWith(rule, { a: [portOf(backend)] }) }
}

const withFilters = (...filters: unknown[]): Rule => ({ ...toA, filters })

describe('a request', () => {
  it('reaches the backend as it was sent', async () => {
    const { backend, plane } = await start()
    const answer = await plane.ask('/x/y?q=1', { method: 'POST', body: 'payload', headers: { 'x-mine': '1' } })
    expect([answer.status, await answer.text(), answer.headers.get('x-backend')]).toEqual([200, 'hello', 'yes'])
    expect(backend.requests[0]).toMatchObject({ method: 'POST', path: '/x/y', body: 'payload', headers: { 'x-mine': '1' } })
    expect(backend.requests[0]?.query.get('q')).toBe('1')
  })

  it('says where it came from', async () => {
    const { backend, plane } = await start()
    await plane.ask('/', { headers: { 'x-forwarded-for': '10.0.0.1' } })
    expect(backend.requests[0]?.headers).toMatchObject({
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-request-id': expect.stringMatching(/.{36}/),
    })
  })

  it('uses connections again', async () => {
    const { backend, plane } = await start()
    for (let turn = 0; turn < 5; turn++) await (await plane.ask()).text()
    expect(backend.connections).toBe(1)
  })

  it('of unknown length streams through', async () => {
    const { backend, plane } = await start()
    const body = new ReadableStream({
      start: controller => {
        for (const part of ['one ', 'two']) controller.enqueue(new TextEncoder().encode(part))
        controller.close()
      },
    })
    await plane.ask('/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(backend.requests[0]?.body).toBe('one two')
  })

  it('that is larger than we keep streams through', async () => {
    const { backend, plane } = await start()
    await plane.ask('/', { method: 'POST', body: 'x'.repeat(3_000_000) })
    expect(backend.requests[0]?.body).toHaveLength(3_000_000)
  })

  it('without a route gets 404', async () => {
    const { plane } = await start({ ...toA, matches: [{ path: { type: 'Exact', value: '/only' } }] })
    expect((await plane.ask('/else')).status).toBe(404)
  })

  it('gets 503 when no endpoint is ready', async () => expect((await (await planeWith(toA, { a: [] })).ask()).status).toBe(503))

  it('gets 500 when the backend does not exist', async () => expect((await (await planeWith(toA, {})).ask()).status).toBe(500))

  it('gets 500 when the rule has no backend', async () => expect((await (await planeWith({ backendRefs: [] }, {})).ask()).status).toBe(500))
})

describe('weights', () => {
  it('are obeyed to the request', async () => {
    const [a, b] = [await loopbackServer(hello), await loopbackServer(hello)]
    const backendRefs = [
      { name: 'a', port: 80, weight: 80 },
      { name: 'b', port: 80, weight: 20 },
    ]
    const plane = await planeWith({ backendRefs }, { a: [portOf(a)], b: [portOf(b)] })
    for (let turn = 0; turn < 50; turn++) await (await plane.ask()).text()
    expect([a.requests.length, b.requests.length]).toEqual([40, 10])
    expect(plane.metrics.served().map(({ service, requests }) => [service, requests])).toEqual([
      ['test/a', 40],
      ['test/b', 10],
    ])
  })

  it('give an invalid backend its share of 500s', async () => {
    const a = await loopbackServer(hello)
    const backendRefs = [
      { name: 'a', port: 80 },
      { name: 'gone', port: 80 },
    ]
    const plane = await planeWith({ backendRefs }, { a: [portOf(a)] })
    expect([(await plane.ask()).status, (await plane.ask()).status].toSorted()).toEqual([200, 500])
  })
})

describe('filters', () => {
  it('change request headers', async () => {
    const modifier = { set: [{ name: 'x-set', value: 'new' }], remove: ['x-gone'] }
    const { backend, plane } = await start(withFilters({ type: 'RequestHeaderModifier', requestHeaderModifier: modifier }))
    await plane.ask('/', { headers: { 'x-set': 'old', 'x-gone': '1' } })
    expect(backend.requests[0]?.headers).toMatchObject({ 'x-set': 'new' })
    expect(backend.requests[0]?.headers['x-gone']).toBeUndefined()
  })

  it('change response headers', async () => {
    const modifier = { add: [{ name: 'x-added', value: '1' }], remove: ['x-backend'] }
    const { plane } = await start(withFilters({ type: 'ResponseHeaderModifier', responseHeaderModifier: modifier }))
    const { headers } = await plane.ask()
    expect([headers.get('x-added'), headers.get('x-backend')]).toEqual(['1', null])
  })

  it('of a backend concern its requests only', async () => {
    const cookie = { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'Set-Cookie', value: 'track=canary' }] } }
    const [a, b] = [await loopbackServer(hello), await loopbackServer(hello)]
    const backendRefs = [
      { name: 'a', port: 80 },
      { name: 'b', port: 80, filters: [cookie] },
    ]
    const plane = await planeWith({ backendRefs }, { a: [portOf(a)], b: [portOf(b)] })
    const cookies = [(await plane.ask()).headers.get('set-cookie'), (await plane.ask()).headers.get('set-cookie')]
    expect(cookies.toSorted()).toEqual([null, 'track=canary'].toSorted())
  })

  it('rewrite host and path', async () => {
    const urlRewrite = { hostname: 'inner.test', path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/v2' } }
    const { backend, plane } = await start({
      ...withFilters({ type: 'URLRewrite', urlRewrite }),
      matches: [{ path: { type: 'PathPrefix', value: '/api' } }],
    })
    await plane.ask('/api/users?q=1')
    expect(backend.requests[0]).toMatchObject({ path: '/v2/users', headers: { host: 'inner.test' } })
  })

  it('redirect without asking a backend', async () => {
    const { backend, plane } = await start(withFilters({ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }))
    const answer = await plane.ask('/a?b=c')
    expect([answer.status, answer.headers.get('location')]).toEqual([301, 'https://127.0.0.1/a?b=c'])
    expect(backend.requests).toHaveLength(0)
  })

  const mirrored = async (mirror: Rule, copyAnswer: Answer = hello) => {
    const [a, copy] = [await loopbackServer(hello), await loopbackServer(copyAnswer)]
    const requestMirror = { backendRef: { name: 'copy', port: 80 }, ...mirror }
    const plane = await planeWith(withFilters({ type: 'RequestMirror', requestMirror }), { a: [portOf(a)], copy: [portOf(copy)] })
    return { copy, plane }
  }

  it('mirror a request with its body', async () => {
    const { copy, plane } = await mirrored({})
    await plane.ask('/x', { method: 'POST', body: 'payload' })
    await expect.poll(() => copy.requests[0]).toMatchObject({ method: 'POST', path: '/x', body: 'payload' })
  })

  it('mirror a share of the requests', async () => {
    const { copy, plane } = await mirrored({ percent: 25 })
    for (let turn = 0; turn < 20; turn++) await (await plane.ask()).text()
    await expect.poll(() => copy.requests.length).toBe(5)
  })

  it('mirror without anybody waiting for the copy', async () => {
    const { plane } = await mirrored({}, never)
    expect((await plane.ask()).status).toBe(200)
  })
})

describe('a time-out', () => {
  it.each([{ request: '2s' }, { backendRequest: '2s' }])('of %j ends in 504', async timeouts => {
    const { backend, plane } = await start({ ...toA, timeouts }, never)
    const answer = plane.ask()
    await expect.poll(() => backend.requests.length).toBe(1)
    await plane.clock.advance(2000)
    expect((await answer).status).toBe(504)
  })

  it('leaves no timer when the answer came in time', async () => {
    const { plane } = await start({ ...toA, timeouts: { request: '2s', backendRequest: '1s' } })
    await (await plane.ask()).text()
    await expect.poll(() => plane.clock.pending).toBe(0)
  })
})

describe('an endpoint', () => {
  it('that refuses connections costs nobody a request', async () => {
    const a = await loopbackServer(hello)
    const plane = await planeWith(toA, { a: [await deadPort(), await deadPort(), portOf(a)] })
    for (let turn = 0; turn < 3; turn++) expect((await plane.ask('/', { method: 'POST', body: 'x' })).status).toBe(200)
  })

  it('that breaks the connection before it answers costs no idempotent request', async () => {
    const [a, broken] = [await loopbackServer(hello), await loopbackServer(hangUp)]
    const plane = await planeWith(toA, { a: [portOf(broken), portOf(a)] })
    expect([(await plane.ask()).status, (await plane.ask()).status]).toEqual([200, 200])
  })

  it('that breaks the connection under a POST is not given it twice', async () => {
    const [a, broken] = [await loopbackServer(hello), await loopbackServer(hangUp)]
    const plane = await planeWith(toA, { a: [portOf(broken), portOf(a)] })
    const codes = [(await plane.ask('/', { method: 'POST' })).status, (await plane.ask('/', { method: 'POST' })).status]
    expect(codes.toSorted()).toEqual([200, 502])
  })

  it('that has left gets nothing more', async () => {
    const [a, left] = [await loopbackServer(hello), await loopbackServer(hello)]
    const plane = await planeWith(toA, { a: [portOf(a), portOf(left)] })
    for (let turn = 0; turn < 4; turn++) await (await plane.ask()).text()
    plane.endpoints('a', portOf(a))
    const before = left.requests.length
    for (let turn = 0; turn < 4; turn++) await (await plane.ask()).text()
    expect(left.requests.length).toBe(before)
  })

  it('that has left loses its idle connections', async () => {
    const { backend, plane } = await start()
    await (await plane.ask()).text()
    await expect.poll(() => backend.openSockets.size).toBe(1)
    plane.endpoints('a')
    await expect.poll(() => backend.openSockets.size).toBe(0)
  })

  it('that has left still answers what it was asked', async () => {
    const gate = Promise.withResolvers<void>()
    const { backend, plane } = await start(toA, response => void gate.promise.then(() => response.end('late')))
    const answer = plane.ask()
    await expect.poll(() => backend.requests.length).toBe(1)
    plane.endpoints('a')
    gate.resolve()
    expect(await (await answer).text()).toBe('late')
  })
})

describe('an answer', () => {
  it('that breaks off does not look complete', async () => {
    const { plane } = await start(toA, response => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.socket?.destroy())
    })
    await expect(plane.ask().then(answer => answer.text())).rejects.toThrow()
  })

  it('that nobody waits for any more counts as 499', async () => {
    const { backend, plane } = await start(toA, never)
    const request = httpRequest({ port: plane.port, host: '127.0.0.1' })
    request.on('error', () => {})
    request.end()
    await expect.poll(() => backend.requests.length).toBe(1)
    request.destroy()
    await expect
      .poll(() => plane.metrics.text())
      .toContain('gateway_requests_total{route="test/app",backend_service="test/a",code="499"} 1')
    await expect.poll(() => backend.openSockets.size).toBe(0)
  })

  it('keeps several headers of one name', async () => {
    const { plane } = await start(toA, response => response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end())
    expect((await plane.ask()).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('to HEAD has no body', async () => {
    const { plane } = await start()
    const answer = await new Promise<IncomingMessage>(resolve =>
      httpRequest({ port: plane.port, host: '127.0.0.1', method: 'HEAD', agent: false }, resolve).end(),
    )
    expect(answer.statusCode).toBe(200)
    answer.resume()
  })
})

it('counts what it did under the names that dashboards know', async () => {
  const { plane } = await start(toA, json({}, 503))
  await (await plane.ask()).text()
  const text = await plane.metrics.text()
  expect(text).toContain('gateway_requests_total{route="test/app",backend_service="test/a",code="503"} 1')
  expect(text).toContain('envoy_cluster_upstream_rq{envoy_cluster_name="test_a_80",envoy_response_code="503"} 1')
  expect(text).toContain('envoy_cluster_upstream_rq_time_bucket{le="5",envoy_cluster_name="test_a_80"} 1')
  expect(plane.metrics.served()).toEqual([{ route: 'test/app', service: 'test/a', requests: 1, failed: 1 }])
})
