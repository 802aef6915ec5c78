import { connect, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { KubeObject } from '../../../src/api/object.ts'
import { systemClock } from '../../../src/clock.ts'
import { createServiceProxy } from '../../../src/sandbox/node/service-proxy.ts'
import type { SocketPlace } from '../../../src/sandbox/node/tcp-forwarder.ts'
import { services } from '../../../src/sandbox/objects/kinds.ts'
import { createServiceBook } from '../../../src/sandbox/objects/service-book.ts'
import { serviceOfHost } from '../../../src/sandbox/objects/service-names.ts'
import { fakeKubeApi } from '../../support/fake-kube-api.ts'
import { testIo } from '../../support/io.ts'

it.each([
  ['podinfo', { namespace: 'test', name: 'podinfo' }],
  ['podinfo.shop', { namespace: 'shop', name: 'podinfo' }],
  ['podinfo.shop.svc', { namespace: 'shop', name: 'podinfo' }],
  ['podinfo.shop.svc.cluster.local', { namespace: 'shop', name: 'podinfo' }],
  ['Podinfo.shop.svc.cluster.local.', { namespace: 'shop', name: 'podinfo' }],
  ['www.example.com', undefined],
  ['', undefined],
  ['a_b', undefined],
])('the host %j means %j', (host, key) => expect(serviceOfHost(host, 'test')).toEqual(key))

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Says its name to whoever connects, and hangs up. */
const speaker = async (name: string): Promise<SocketPlace> => {
  const server = createServer(socket => socket.end(name))
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
}

const hear = (place: SocketPlace | undefined): Promise<string> =>
  new Promise(resolve => {
    if (!place) return resolve('nowhere')
    const socket = connect(place)
    let heard = ''
    socket.on('data', data => {
      heard += data
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
  })

const aService = (clusterIP = '127.0.0.1', port = 0) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: { clusterIP, ports: [{ name: 'web', port }] },
})

const aSlice = (name: string, place: SocketPlace, ready = true) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, namespace: 'test', labels: { 'kubernetes.io/service-name': 'podinfo' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [place.host], conditions: { ready } }],
  ports: [{ name: 'web', port: place.port }],
})

const open = (objects: readonly KubeObject[], elsewhere = true) => {
  const clock = systemClock()
  const stop = new AbortController()
  const api = fakeKubeApi({ clock, objects })
  const book = createServiceBook(api)
  const proxy = createServiceProxy({ book, clock, elsewhere })
  const io = testIo({ clock, signal: stop.signal })
  const running = Promise.all([book.run(io), proxy.run(io)])
  const end = async () => {
    stop.abort(new Error('done'))
    await running
  }
  onTestFinished(end)
  return { api, end, proxy }
}

const start = async (...objects: ReturnType<typeof aSlice>[]) => {
  const { api, end, proxy } = open([aService(), ...objects])
  await expect.poll(() => proxy.resolveService('podinfo', 0, 'test')).toBeDefined()
  return { api, end, place: () => proxy.resolveService('podinfo', 0, 'test'), proxy }
}

describe('the address of a Service', () => {
  it('leads to its endpoints in turn', async () => {
    const { place } = await start(aSlice('a', await speaker('one')), aSlice('b', await speaker('two')))
    const heard = [await hear(place()), await hear(place()), await hear(place()), await hear(place())]
    expect(heard.toSorted()).toEqual(['one', 'one', 'two', 'two'])
  })

  it('leads to ready endpoints only', async () => {
    const { place } = await start(aSlice('a', await speaker('one')), aSlice('b', await speaker('two'), false))
    expect([await hear(place()), await hear(place())]).toEqual(['one', 'one'])
  })

  it('leads past an endpoint that has just gone', async () => {
    const gone = await speaker('gone')
    await new Promise(resolve => servers.at(-1)?.close(resolve))
    const { place } = await start(aSlice('a', gone), aSlice('b', await speaker('two')))
    expect([await hear(place()), await hear(place())]).toEqual(['two', 'two'])
  })

  it('hangs up when there is no endpoint', async () => {
    const { place } = await start()
    expect(await hear(place())).toBe('')
  })

  it('is found by its name', async () => {
    const { place, proxy } = await start()
    expect(proxy.resolveService('podinfo.test.svc.cluster.local', 0)).toEqual(place())
    expect(proxy.resolveService('podinfo.other', 0)).toBeUndefined()
  })

  it('is tried again where it must be that very one', async () => {
    const { port } = await speaker('somebody else')
    const { proxy } = open([aService('127.0.0.1', port), aSlice('a', await speaker('one'))], false)
    const place = () => proxy.resolveService('podinfo', port, 'test')
    servers[0]?.close()
    await expect.poll(place, { timeout: 10_000 }).toEqual({ host: '127.0.0.1', port })
    expect(await hear(place())).toBe('one')
  })

  it('follows a port that gets another name', async () => {
    const { api, place } = await start({ ...aSlice('a', await speaker('one')), ports: [{ name: 'http', port: 1 }] })
    expect(await hear(place())).toBe('')
    const there = await speaker('two')
    api.put({ ...aSlice('a', there), ports: [{ name: 'http', port: there.port }] })
    api.put({ ...aService(), spec: { clusterIP: '127.0.0.1', ports: [{ name: 'http', port: 0 }] } })
    await expect.poll(() => hear(place()), { timeout: 10_000 }).toBe('two')
  })

  it('closes with its Service', async () => {
    const { api, place } = await start()
    api.drop(services, { namespace: 'test', name: 'podinfo' })
    await expect.poll(place).toBeUndefined()
  })

  it('closes when the proxy ends', async () => {
    const { end, place } = await start(aSlice('a', await speaker('one')))
    const before = place()
    await end()
    expect(await hear(before)).toBe('')
  })
})
