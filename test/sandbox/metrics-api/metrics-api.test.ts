import { describe, expect, it } from 'vitest'
import type { KubeApi } from '../../../src/kube/kube-api.ts'
import { documentFor, type Known } from '../../../src/sandbox/metrics-api/documents.ts'
import { deregister, register } from '../../../src/sandbox/metrics-api/registration.ts'
import { ratesBetween, type Sighting } from '../../../src/sandbox/metrics-api/usage-book.ts'
import { type FakeKubeApi, fakeKubeApi } from '../../support/fake-kube-api.ts'
import { testIo } from '../../support/io.ts'

const sighting = (pod: string, cpuSeconds: number, more: Partial<Sighting> = {}): Sighting => ({
  namespace: 'shop',
  pod,
  labels: { app: pod },
  container: 'main',
  processGroup: 7,
  cpuSeconds,
  memoryBytes: 64 * 1024 * 1024,
  ...more,
})
const at = (seconds: number, ...sightings: readonly Sighting[]) => ({
  atMs: Date.parse('2026-01-01T00:00:00Z') + seconds * 1000,
  sightings,
})

describe('what pods use', () => {
  it('is the processor time between two looks', () => {
    const { pods, windowMs } = ratesBetween(at(0, sighting('web', 10)), at(5, sighting('web', 12.5)))
    expect([windowMs, pods]).toMatchObject([5000, [{ namespace: 'shop', name: 'web', containers: [{ name: 'main', cpu: 0.5 }] }]])
  })

  it('is unknown for a pod that has just come', () => {
    expect(ratesBetween(at(0), at(5, sighting('web', 3))).pods).toEqual([])
  })

  it('is unknown after a restart, which counts from zero', () => {
    expect(ratesBetween(at(0, sighting('web', 10)), at(5, sighting('web', 1, { processGroup: 8 }))).pods).toEqual([])
  })

  it('is unknown while one of its containers is', () => {
    const { pods } = ratesBetween(at(0, sighting('web', 10)), at(5, sighting('web', 11), sighting('web', 1, { container: 'sidecar' })))
    expect(pods).toEqual([])
  })
})

const rates = ratesBetween(
  at(0, sighting('web', 0), sighting('api', 0), sighting('api', 0, { namespace: 'other' })),
  at(5, sighting('web', 1.25), sighting('api', 0.5), sighting('api', 0, { namespace: 'other' })),
)
const known: Known = { nodeName: 'node-1', rates }
const ask = (path: string, labelSelector?: string, of = known) =>
  documentFor({ path: `/apis/metrics.k8s.io/v1beta1${path}`, labelSelector }, of) as { items: { metadata: { name: string } }[] }

describe('the resource metrics API', () => {
  it('says which resources it has', () => expect(ask('')).toMatchObject({ resources: [{ name: 'nodes' }, { name: 'pods' }] }))

  it('writes amounts as Kubernetes reads them', () =>
    expect(ask('/namespaces/shop/pods/web')).toMatchObject({
      kind: 'PodMetrics',
      metadata: { name: 'web', namespace: 'shop' },
      timestamp: '2026-01-01T00:00:05Z',
      window: '5.000s',
      containers: [{ name: 'main', usage: { cpu: '250000000n', memory: '65536Ki' } }],
    }))

  it.each([
    ['/pods', undefined, ['web', 'api', 'api']],
    ['/namespaces/shop/pods', undefined, ['web', 'api']],
    ['/namespaces/shop/pods', 'app=web', ['web']],
    ['/namespaces/shop/pods', 'app in (api, none)', ['api']],
    ['/nodes', undefined, ['node-1']],
  ])('lists %s selected by %s', (path, selector, names) =>
    expect(ask(path, selector).items.map(({ metadata }) => metadata.name)).toEqual(names),
  )

  it('sums up the node', () => expect(ask('/nodes/node-1')).toMatchObject({ usage: { cpu: '350000000n', memory: '196608Ki' } }))

  it('has nothing to list before the second look', () =>
    expect(ask('/pods', undefined, { nodeName: 'node-1', rates: undefined }).items).toEqual([]))

  it.each(['/namespaces/shop/pods/none', '/nodes/none', '/services'])('answers 404 for %s', path =>
    expect(() => ask(path)).toThrow(/not found|could not find/),
  )
})

describe('the registration', () => {
  const place = { host: '10.244.0.1', port: 4443 }
  const anApiService = { namespace: '', name: 'v1beta1.metrics.k8s.io' }
  const registered = (api: FakeKubeApi) =>
    api.stored({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', plural: 'apiservices', namespaced: false }, anApiService)

  it('leads the API server to the Service', async () => {
    const io = testIo()
    const api = fakeKubeApi({ clock: io.clock })
    await register(api, place, io)
    expect(registered(api)).toMatchObject({ spec: { service: { namespace: 'kube-system', name: 'metrics-server', port: 443 } } })
  })

  it('is tried again while the server refuses it', async () => {
    const io = testIo()
    const api = fakeKubeApi({ clock: io.clock })
    let refused = 0
    const apply: KubeApi['apply'] = async (...args) => {
      if (refused++ < 2) throw new Error('namespaces "kube-system" not found')
      return api.apply(...args)
    }
    const registering = register({ ...api, apply }, place, io)
    await io.clock.advance(2000)
    await registering
    expect(registered(api)).toBeDefined()
  })

  it('is taken back', async () => {
    const io = testIo()
    const api = fakeKubeApi({ clock: io.clock })
    await register(api, place, io)
    await deregister(api, place, io)
    expect(registered(api)).toBeUndefined()
  })
})
