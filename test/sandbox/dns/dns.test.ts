import { Resolver } from 'node:dns/promises'
import { connect } from 'node:net'
import { decode, encode, streamDecode, streamEncode } from 'dns-packet'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/io.ts'
import { answerTo, meaningOf } from '../../../src/sandbox/dns/answer.ts'
import { startDns } from '../../../src/sandbox/dns/start.ts'
import { splitMessages } from '../../../src/sandbox/dns/stream.ts'
import { readService } from '../../../src/sandbox/objects/network.ts'
import { fakeKubeApi } from '../../support/fake-kube-api.ts'

const aService = (name: string, spec: Readonly<Record<string, unknown>>) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { ports: [{ port: 80 }], ...spec },
})

const slice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'bare-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'bare' } },
  addressType: 'IPv4',
  endpoints: [
    { addresses: ['10.244.0.9'], conditions: { ready: true } },
    { addresses: ['10.244.0.8'], conditions: { ready: true } },
    { addresses: ['10.244.0.7'], conditions: { ready: false } },
  ],
  ports: [{ port: 80 }],
}

const objects = [
  aService('web', { clusterIP: '10.96.0.7' }),
  aService('bare', { clusterIP: 'None' }),
  aService('far', { type: 'ExternalName', externalName: 'shop.example.com' }),
]

const book = {
  hasSynced: () => true,
  service: ({ namespace, name }: { namespace: string; name: string }) => {
    const found = objects.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
    return found && readService(found)
  },
  hosts: () => ['10.244.0.8', '10.244.0.9'],
}
const find = (name: string) => meaningOf(book, name)
const query = (name: string, type: 'A' | 'AAAA' = 'A') => ({ type: 'query' as const, id: 7, questions: [{ name, type }] })
const rcode = (flags = 0) => flags & 15

describe('a name inside the cluster', () => {
  it.each(['web.shop', 'web.shop.svc', 'web.shop.svc.cluster.local', 'WEB.shop.svc.cluster.local'])(
    '%s is the address of the Service',
    name => expect(find(name)).toEqual({ kind: 'addresses', ips: ['10.96.0.7'] }),
  )

  it.each(['web', 'web.other.svc.cluster.local', 'web.shop.test.svc.cluster.local', 'www.example.com', ''])('%j is unknown', name =>
    expect(find(name)).toEqual({ kind: 'unknown' }),
  )

  it('without an address of its own means the ready endpoints', () =>
    expect(find('bare.shop')).toEqual({ kind: 'addresses', ips: ['10.244.0.8', '10.244.0.9'] }))

  it('may stand for another one', () => expect(find('far.shop')).toEqual({ kind: 'alias', name: 'shop.example.com' }))
})

describe('an answer', () => {
  it('carries the question and its number', () =>
    expect(answerTo(query('web.shop'), find)).toMatchObject({ id: 7, questions: [{ name: 'web.shop' }], answers: [{ data: '10.96.0.7' }] }))

  it('of another kind of address is empty, and no error', () => {
    const { answers, flags } = answerTo(query('web.shop', 'AAAA'), find)
    expect([answers, rcode(flags)]).toEqual([[], 0])
  })

  it('says that a name does not exist', () => expect(rcode(answerTo(query('none.shop'), find).flags)).toBe(3))

  it('admits that the Services have not been read yet', () =>
    expect(rcode(answerTo(query('web.shop'), () => meaningOf({ ...book, hasSynced: () => false }, 'web.shop')).flags)).toBe(2))

  it('refuses what is no query', () => expect(rcode(answerTo({ ...query('web.shop'), opcode: 'UPDATE' }, find).flags)).toBe(4))

  it('survives the wire', () => {
    const { answers } = decode(encode(answerTo(query('far.shop'), find)))
    expect(answers).toMatchObject([{ type: 'CNAME', data: 'shop.example.com' }])
  })
})

it('finds whole messages in a stream, however it was cut', () => {
  const bytes = Buffer.concat([streamEncode(query('a.b')), streamEncode(query('c.d'))])
  const { messages, rest } = splitMessages(bytes.subarray(0, bytes.length - 1))
  expect([messages.length, rest.length]).toEqual([1, bytes.length / 2 - 1])
})

const serve = async (more: readonly (typeof slice)[] = []) => {
  const api = fakeKubeApi({ clock: systemClock(), objects: [...objects, ...more] })
  const dns = await startDns({ api, clock: systemClock(), log: silentLogger, host: '127.0.0.1', port: 0 })
  onTestFinished(() => dns.stop())
  const resolver = new Resolver({ timeout: 2000, tries: 5 })
  resolver.setServers([`127.0.0.1:${dns.port}`])
  return { dns, resolver }
}

describe('the DNS server', () => {
  it('answers a resolver', async () => {
    const { resolver } = await serve([slice])
    await expect.poll(() => resolver.resolve4('bare.shop.svc.cluster.local').catch(() => [])).toEqual(['10.244.0.8', '10.244.0.9'])
  })

  it('tells a resolver that there is no such name', async () => {
    const { resolver } = await serve()
    await expect(resolver.resolve4('none.shop.svc.cluster.local')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it('takes a resolver to TCP when a datagram is too small', async () => {
    const many = Array.from({ length: 60 }, (_, at) => ({ addresses: [`10.244.1.${at}`], conditions: { ready: true } }))
    const { resolver } = await serve([{ ...slice, endpoints: many }])
    await expect.poll(async () => (await resolver.resolve4('bare.shop').catch(() => [])).length).toBe(60)
  })

  it('answers what follows bytes that make no sense', async () => {
    const { dns, resolver } = await serve()
    await expect.poll(() => resolver.resolve4('web.shop').catch(() => [])).toEqual(['10.96.0.7'])
    const socket = connect(dns.port, '127.0.0.1')
    socket.end(Buffer.concat([Buffer.from([0, 3, 1, 2, 3]), streamEncode(query('web.shop'))]))
    const answer = await new Promise<Buffer>(resolve => socket.once('data', resolve))
    expect(streamDecode(answer)?.answers).toMatchObject([{ data: '10.96.0.7' }])
  })
})
