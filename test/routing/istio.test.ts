import { describe, expect, it } from 'vitest'
import { splitAt } from '../../src/core/traffic.ts'
import { istio } from '../../src/routing/istio.ts'
import { describeRouter } from './contract.ts'
import { RoutingWorld } from './routing-world.ts'
import { canaryWith, desiredBy, type Fields, httpOf, problemsOf, routeOf, routeTo, specOf, split, usersObjects } from './virtual-service.ts'

describeRouter(istio, {
  service: {},
  edits: [
    { timeout: '8s' },
    { retries: { attempts: 2, perTryTimeout: '2s', retryOn: '5xx,reset' } },
    { hosts: ['pay.example.com'] },
    { gateways: ['edge/public'] },
    { headers: { request: { add: { 'x-tier': 'gold' } } } },
    { match: [{ uri: { prefix: '/pay' } }] },
    { rewrite: { uri: '/v2' } },
    { corsPolicy: { allowOrigin: ['https://example.com'] } },
    { trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
    { gateways: ['edge/public'], portDiscovery: true },
  ],
  foreign: canary => usersObjects(canary.spec.service.name || canary.spec.targetRef.name),
})

describe('the objects of Istio', () => {
  it('are written backends first', () =>
    expect(desiredBy(canaryWith()).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'DestinationRule podinfo-canary',
      'DestinationRule podinfo-primary',
      'VirtualService podinfo',
    ]))

  it('send everything to the primary at first', () =>
    expect(specOf(canaryWith())).toEqual({ hosts: ['podinfo'], gateways: ['mesh'], http: [{ route: split(100, 0) }] }))

  it('carry the traffic policy for both tracks', () => {
    const trafficPolicy = { tls: { mode: 'ISTIO_MUTUAL' } }
    expect(
      desiredBy(canaryWith({ trafficPolicy }))
        .slice(0, 2)
        .map(({ spec }) => spec),
    ).toEqual([
      { host: 'podinfo-canary', trafficPolicy },
      { host: 'podinfo-primary', trafficPolicy },
    ])
  })

  it('keep subsets that somebody added to a DestinationRule', () => {
    const world = new RoutingWorld()
    world.apply(desiredBy(canaryWith(), splitAt(0), world))
    for (const rule of world.all().filter(({ kind }) => kind === 'DestinationRule')) {
      world.put({ ...rule, spec: { ...(rule['spec'] as Fields), subsets: [{ name: 'v1' }] } })
    }
    expect(world.apply(desiredBy(canaryWith(), splitAt(0), world))).toBe(0)
  })

  it('put no marks on DestinationRules', () => expect(desiredBy(canaryWith())[0]?.metadata).not.toHaveProperty('annotations'))
})

describe('the reach of a VirtualService', () => {
  it.each([
    [{ hosts: ['pay.example.com'] }, ['pay.example.com', 'podinfo']],
    [{ hosts: ['*'] }, ['*']],
    [{ hosts: ['podinfo', 'pay.example.com'] }, ['podinfo', 'pay.example.com']],
  ])('with %j is %j', (service, hosts) => expect(specOf(canaryWith(service))).toMatchObject({ hosts }))

  it('is the gateways that are named, and no more', () =>
    expect(specOf(canaryWith({ gateways: ['edge/public'] }))).toMatchObject({ gateways: ['edge/public'] }))

  it('gives up a gateway that was added by hand', () => {
    const route = routeOf(canaryWith())
    const world = new RoutingWorld([{ ...route, spec: { ...(route['spec'] as Fields), gateways: ['mesh', 'edge/added'] } }])
    world.apply(desiredBy(canaryWith(), splitAt(0), world))
    expect(world.all().find(({ kind }) => kind === 'VirtualService')?.['spec']).toMatchObject({ gateways: ['mesh'] })
  })

  it('is empty where another VirtualService delegates', () =>
    expect(specOf(canaryWith({ delegation: true }))).toMatchObject({ hosts: [], gateways: [] }))

  it.each([{ hosts: ['a.example.com'] }, { gateways: ['edge/public'] }])('cannot be %j and delegated', service =>
    expect(problemsOf(canaryWith({ delegation: true, ...service }))).toEqual(['spec.service.delegation']),
  )

  it.each([
    [{ portDiscovery: true, gateways: ['edge/public', 'mesh'] }, true],
    [{ portDiscovery: true, delegation: true }, true],
    [{ portDiscovery: true, gateways: ['mesh', 'edge/public'] }, false],
    [{ portDiscovery: true }, false],
    [{ gateways: ['edge/public'] }, false],
  ])('with %j names the port: %j', (service, named) => {
    const [{ route }] = httpOf(canaryWith(service)) as unknown as [{ route: readonly { destination: Fields }[] }]
    expect(route.map(({ destination }) => 'port' in destination)).toEqual([named, named])
  })
})

describe('the HTTP entries of a VirtualService', () => {
  it('repeat what the Canary says of the route', () => {
    const service = {
      timeout: '8s',
      retries: { attempts: 2, perTryTimeout: '2s', retryOn: '5xx' },
      headers: { request: { add: { a: '1' }, remove: ['b'] }, response: { remove: ['c'] } },
      corsPolicy: { allowOrigins: [{ regex: '.*' }], allowMethods: ['GET', 'POST'] },
      match: [{ uri: { prefix: '/pay' }, gateways: ['mesh'] }],
    }
    expect(httpOf(canaryWith(service))).toEqual([{ ...service, route: split(100, 0) }])
  })

  it('rewrite path and host, but know no kinds of rewrite', () =>
    expect(httpOf(canaryWith({ rewrite: { uri: '/v2', authority: 'a', type: 'ReplacePrefixMatch' } }))[0]?.['rewrite']).toEqual({
      uri: '/v2',
      authority: 'a',
    }))

  it.each([
    [0, undefined],
    [10, { value: 10 }],
    [50, { value: 50 }],
  ])('mirror %i percent', (mirrorWeight, mirrorPercentage) => {
    const [entry] = httpOf(canaryWith({}, { iterations: 5, mirror: true, mirrorWeight }), splitAt(0, true))
    expect(entry).toMatchObject({ mirror: { host: 'podinfo-canary' }, route: split(100, 0) })
    expect(entry?.['mirrorPercentage']).toEqual(mirrorPercentage)
  })

  it('carry what others added to the weighted entry', () => {
    const route = routeOf(canaryWith())
    const http = [{ name: 'main', fault: { abort: {} }, route: split(100, 0) }]
    const world = new RoutingWorld([{ ...route, spec: { ...(route['spec'] as Fields), http, exportTo: ['.'] } }])
    world.apply(desiredBy(canaryWith(), splitAt(30), world))
    expect(world.all().find(({ kind }) => kind === 'VirtualService')?.['spec']).toMatchObject({
      exportTo: ['.'],
      http: [{ name: 'main', fault: { abort: {} }, route: split(70, 30) }],
    })
  })
})

describe('A/B testing with Istio', () => {
  const inner = { headers: { 'x-ring': { exact: 'inner' } } }
  const traffic = (match: readonly Fields[]) => ({ ...splitAt(100), match })

  it('sends the segment to the canary, everybody else to the primary', () =>
    expect(httpOf(canaryWith({}, { iterations: 6, match: [inner] }), traffic([inner]))).toEqual([
      { match: [inner], route: split(0, 100) },
      { route: [routeTo('podinfo-primary', 100)] },
    ]))

  it('puts each element of the segment into each match of the route', () => {
    const match = [{ headers: { a: { exact: '1' }, b: { exact: '2' } } }, inner]
    const canary = canaryWith({ match: [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }] }, { iterations: 6, match })
    const [segment, rest] = httpOf(canary, traffic(match))
    expect(segment?.['match']).toEqual([
      { uri: { prefix: '/a' }, ...match[0] },
      { uri: { prefix: '/b' }, ...match[0] },
      { uri: { prefix: '/a' }, ...inner },
      { uri: { prefix: '/b' }, ...inner },
    ])
    expect(rest?.['match']).toEqual([{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }])
  })

  it('puts the headers of the segment in the place of those of the route', () => {
    const canary = canaryWith({ match: [{ headers: { 'x-a': { exact: '1' } } }] }, { iterations: 6, match: [inner] })
    expect(httpOf(canary, traffic([inner]))[0]?.['match']).toEqual([inner])
  })

  it('never drops a condition on a query parameter', () => {
    const match = [{ queryParams: { beta: { exact: '1' } } }]
    const canary = canaryWith({ match: [{ uri: { prefix: '/a' } }] }, { iterations: 6, match })
    expect(httpOf(canary, traffic(match))[0]?.['match']).toEqual([{ uri: { prefix: '/a' }, ...match[0] }])
  })

  it('passes labels of callers on', () => {
    const match = [{ sourceLabels: { app: 'web' } }]
    const canary = canaryWith({ match: [{ uri: { prefix: '/a' }, sourceLabels: { app: 'all' } }] }, { iterations: 6, match })
    expect(httpOf(canary, traffic(match))[0]?.['match']).toEqual([{ uri: { prefix: '/a' }, sourceLabels: { app: 'web' } }])
  })

  it('says an end as a regular expression, which Istio can compare', () => {
    const match = [{ headers: { host: { suffix: '.example.com' } } }]
    expect(httpOf(canaryWith({}, { iterations: 6, match }), traffic(match))[0]?.['match']).toEqual([
      { headers: { host: { regex: '.*\\.example\\.com' } } },
    ])
  })

  it('never mirrors', () =>
    expect(
      JSON.stringify(httpOf(canaryWith({}, { iterations: 6, match: [inner] }), { ...splitAt(0, true), match: [inner] })),
    ).not.toContain('mirror'))
})

describe('session affinity with Istio', () => {
  const sessionAffinity = { cookieName: 'chk', primaryCookieName: 'chk-stable', maxAge: 900 }
  const service = { match: [{ uri: { prefix: '/pay' } }], headers: { response: { add: { 'x-a': '1' } } } }
  const canary = canaryWith(service, { stepWeight: 10, interval: '30s', sessionAffinity })
  const cookies = { canary: 'chk=Qw', primary: 'chk-stable=As' }
  const sticky = (cookie: string) => [{ uri: { prefix: '/pay' }, headers: { Cookie: { regex: `^(.*; ?)?${cookie}(;.*)?$` } } }]
  const sets = (cookie: string) => ({ headers: { response: { add: { 'Set-Cookie': cookie } } } })

  it('keeps users on the track they drew, the canary first', () =>
    expect(httpOf(canary, { ...splitAt(30), cookies })).toEqual([
      { match: sticky('chk=Qw'), headers: service.headers, route: split(0, 100) },
      { match: sticky('chk-stable=As'), headers: service.headers, route: split(100, 0) },
      {
        match: service.match,
        headers: service.headers,
        route: [
          { ...routeTo('podinfo-primary', 70), ...sets('chk-stable=As; Max-Age=30') },
          { ...routeTo('podinfo-canary', 30), ...sets('chk=Qw; Max-Age=900') },
        ],
      },
    ]))

  it('makes only the browsers forget that have the cookie', () =>
    expect(httpOf(canary, { ...splitAt(0), cookies: { canary: '', previous: 'chk=Qw' } })).toEqual([
      {
        match: sticky('chk=Qw'),
        headers: { response: { add: { 'x-a': '1', 'Set-Cookie': 'chk=Qw; Max-Age=-1' } } },
        route: split(100, 0),
      },
      { match: service.match, headers: service.headers, route: split(100, 0) },
    ]))

  it('writes one entry where there is nothing to forget', () =>
    expect(httpOf(canary, { ...splitAt(0), cookies: { canary: '' } })).toHaveLength(1))

  it('finds a cookie by itself where the route takes every request', () => {
    const open = canaryWith({}, { stepWeight: 10, sessionAffinity })
    expect(httpOf(open, { ...splitAt(30), cookies })[0]?.['match']).toEqual([{ headers: { Cookie: { regex: '^(.*; ?)?chk=Qw(;.*)?$' } } }])
  })
})

describe('TCP with Istio', () => {
  const service = { port: 5432, appProtocol: 'TCP', gateways: ['edge/db'], portDiscovery: true }
  const canary = canaryWith({ ...service, match: [{ port: 8080, uri: { prefix: '/' } }, { uri: { prefix: '/a' } }] })
  const to = (host: string, weight: number) => ({ destination: { host, port: { number: 5432 } }, weight })

  it('writes TCP routes only', () =>
    expect(specOf(canaryWith(service), splitAt(30))).toEqual({
      hosts: ['podinfo'],
      gateways: ['edge/db'],
      tcp: [{ route: [to('podinfo-primary', 70), to('podinfo-canary', 30)] }],
    }))

  it('knows ports and no other condition', () => expect(specOf(canary)).toMatchObject({ tcp: [{ match: [{ port: 8080 }, {}] }] }))

  it('reads its shares back', () => {
    const world = new RoutingWorld()
    world.apply(desiredBy(canary, splitAt(40), world))
    expect(istio.observe(canary, world).traffic).toEqual(splitAt(40))
  })

  it.each([
    ['spec.analysis.match', { iterations: 3, match: [{ headers: { a: { exact: '1' } } }] }],
    ['spec.analysis.mirror', { iterations: 3, mirror: true }],
    ['spec.analysis.sessionAffinity', { stepWeight: 10, sessionAffinity: { cookieName: 'chk' } }],
  ])('refuses %s, which needs requests', (path, analysis) => expect(problemsOf(canaryWith(service, analysis))).toEqual([path]))

  it('never mirrors connections', () =>
    expect(() => specOf(canaryWith(service), splitAt(0, true))).toThrow(/appProtocol tcp.*cannot mirror/))
})

describe('what a live VirtualService says', () => {
  const seen = (http: readonly Fields[]) =>
    istio.observe(canaryWith(), new RoutingWorld([{ ...routeOf(canaryWith()), spec: { http } }])).traffic

  it.each([
    ['nothing where both weights are 0', [{ route: split(0, 0) }], undefined],
    [
      'nothing of hosts it cannot recognise',
      [{ route: [routeTo('podinfo-primary.test.svc', 70), routeTo('podinfo-canary.test.svc', 30)] }],
      undefined,
    ],
    ['its shares, whatever they sum to', [{ route: split(7, 3) }], splitAt(30)],
    ['its last entry that names both tracks', [{ route: split(0, 100) }, { route: split(70, 30) }], splitAt(30)],
    ['that requests are copied', [{ route: split(100, 0), mirror: { host: 'podinfo-canary' } }], splitAt(0, true)],
    ['that nobody copies to the canary', [{ route: split(100, 0), mirror: { host: 'shadow' } }], splitAt(0)],
  ])('is %s', (_, http, traffic) => expect(seen(http)).toEqual(traffic))

  it('can be a route for TCP only', () => {
    const tcp = { ...routeOf(canaryWith()), spec: { tcp: [{ route: split(100, 0) }] } }
    expect(istio.observe(canaryWith(), new RoutingWorld([tcp])).traffic).toBeUndefined()
  })
})

describe('an adopted VirtualService', () => {
  const canary = canaryWith()
  const annotated = (annotations: Readonly<Record<string, string>>) => {
    const route = routeOf(canary, splitAt(30))
    return new RoutingWorld([{ ...route, metadata: { name: 'podinfo', namespace: 'test', annotations } }])
  }
  const original = { hosts: ['old'], http: [{ route: [routeTo('old', 100)] }] }
  const newest = { hosts: ['newest'] }
  const originalMark = 'flagger.kubernetes.io/original-configuration'
  const lastAppliedMark = 'kubectl.kubernetes.io/last-applied-configuration'
  const revertedOf = (world: RoutingWorld) => istio.revert(canary, world).map(({ spec }) => spec)

  it('goes back to what it was, as another controller of this kind remembered it', () =>
    expect(revertedOf(annotated({ [originalMark]: JSON.stringify(original) }))).toEqual([original]))

  it('goes back to what its user last applied, before all else', () =>
    expect(
      revertedOf(annotated({ [originalMark]: JSON.stringify(original), [lastAppliedMark]: JSON.stringify({ spec: newest }) })),
    ).toEqual([newest]))

  it('goes to the apex where what is remembered is garbage', () =>
    expect(revertedOf(annotated({ [originalMark]: '{' }))).toMatchObject([{ http: [{ route: [routeTo('podinfo', 100)] }] }]))

  it('stays as it is where it names no track of ours', () => {
    const world = new RoutingWorld(usersObjects('podinfo'))
    expect(revertedOf(world)).toEqual([])
  })
})
