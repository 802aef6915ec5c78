import { describe, expect, it } from 'vitest'
import { readCanary } from '../../src/api/read-canary.ts'
import { splitAt } from '../../src/core/traffic.ts'
import { gatewayApi } from '../../src/routing/gateway-api.ts'
import { observedObject } from '../support/observed.ts'
import { describeRouter } from './contract.ts'
import {
  accept,
  backend,
  backends,
  canaryWith,
  everything,
  type Fields,
  gatewayRefs,
  options,
  routeOf,
  rulesOf,
  usersRoute,
  withRule,
} from './http-route.ts'
import { RoutingWorld } from './routing-world.ts'

describeRouter(gatewayApi, {
  service: { gatewayRefs },
  edits: [
    { timeout: '8s' },
    { backendTimeout: '3s' },
    { hosts: ['pay.example.com'] },
    { headers: { request: { set: { 'x-tier': 'gold' } } } },
    { match: [{ uri: { prefix: '/pay' } }] },
    { rewrite: { uri: '/v2' } },
    { corsPolicy: { allowOrigin: ['https://example.com'] } },
    { mirror: [{ backendRef: { name: 'shadow', port: 80 } }] },
    { port: 8080 },
  ],
  foreign: canary => [usersRoute(canary.spec.service.name || canary.spec.targetRef.name)],
  accept,
})

describe('the HTTPRoute of the field', () => {
  const stored = observedObject('1-initialized-canaries', 'app')
  const withUid = { ...stored, metadata: { ...stored.metadata, uid: 'UID' } }
  const canary = readCanary(withUid).canary

  it.each([
    ['1-initialized', 0],
    ['2-at-20', 20],
    ['3-promoting', 40],
    ['4-succeeded', 0],
    ['5-failed', 0],
  ])('is what we write: %s', (moment, weight) => {
    const { metadata, ...rest } = observedObject(`${moment}-httproutes`, 'app')
    const { generation: _, ...kept } = metadata
    expect(routeOf(canary, splitAt(weight))).toEqual({ ...rest, metadata: kept })
  })

  it.each([
    ['1-initialized', 0],
    ['2-at-20', 20],
    ['3-promoting', 40],
  ])('is read back: %s', (moment, weight) =>
    expect(gatewayApi.observe(canary, new RoutingWorld([observedObject(`${moment}-httproutes`, 'app')])).traffic).toEqual(splitAt(weight)),
  )

  it('is taken over without a change', () => {
    const world = new RoutingWorld([observedObject('2-at-20-httproutes', 'app')])
    expect(world.apply(gatewayApi.desired(canary, splitAt(20), { live: world, options }))).toBe(0)
  })
})

describe('the rules of an HTTPRoute', () => {
  it('send everything to the primary at first', () =>
    expect(rulesOf(canaryWith())).toEqual([{ matches: [everything], backendRefs: backends(100, 0) }]))

  it('carry both timeouts', () =>
    expect(rulesOf(canaryWith({ timeout: '10s', backendTimeout: '5s' }))[0]?.['timeouts']).toEqual({
      request: '10s',
      backendRequest: '5s',
    }))

  it('have no timeouts where none are set', () => expect(rulesOf(canaryWith())[0]).not.toHaveProperty('timeouts'))

  it('send the segment to the canary, everybody else to the primary', () => {
    const canary = canaryWith(
      { match: [{ uri: { prefix: '/pay' } }] },
      { iterations: 6, match: [{ headers: { 'x-ring': { exact: 'inner' } } }] },
    )
    const path = { type: 'PathPrefix', value: '/pay' }
    expect(rulesOf(canary, { ...splitAt(100), match: canary.spec.analysis.match })).toEqual([
      { matches: [{ path, headers: [{ type: 'Exact', name: 'x-ring', value: 'inner' }] }], backendRefs: backends(0, 100) },
      { matches: [{ path }], backendRefs: [backend('podinfo-primary', 100)] },
    ])
  })

  it('let any element of the segment take part', () => {
    const match = [{ headers: { a: { exact: '1' } } }, { queryParams: { b: { regex: '2.*' } } }]
    const canary = canaryWith({}, { iterations: 6, match })
    expect(rulesOf(canary, { ...splitAt(100), match })[0]?.['matches']).toEqual([
      { ...everything, headers: [{ type: 'Exact', name: 'a', value: '1' }] },
      { ...everything, queryParams: [{ type: 'RegularExpression', name: 'b', value: '2.*' }] },
    ])
  })

  it('carry what others added to the weighted rule', () => {
    const world = new RoutingWorld([withRule({ name: 'main', retry: { attempts: 3 } })])
    expect(rulesOf(canaryWith(), splitAt(30), world)).toEqual([
      { name: 'main', retry: { attempts: 3 }, matches: [everything], backendRefs: backends(70, 30) },
    ])
  })

  it('name one rule only once', () => {
    const world = new RoutingWorld([withRule({ name: 'main', retry: { attempts: 3 } })])
    const match = [{ headers: { a: { exact: '1' } } }]
    const rules = rulesOf(canaryWith({}, { iterations: 1, match }), { ...splitAt(100), match }, world)
    expect(rules.map(({ name }) => name)).toEqual(['main', undefined])
  })

  it('do without a rule that somebody added', () => {
    const [route] = [routeOf(canaryWith())]
    const spec = route['spec'] as { rules: readonly Fields[] }
    const world = new RoutingWorld([{ ...route, spec: { ...spec, rules: [{ backendRefs: [{ name: 'else' }] }, ...spec.rules] } }])
    expect(rulesOf(canaryWith(), splitAt(0), world)).toHaveLength(1)
  })

  it('keep parents of a mesh as they are', () => {
    const parent = { group: 'core', kind: 'Service', name: 'podinfo', namespace: 'test', port: 9898 }
    expect(routeOf(canaryWith({ gatewayRefs: [parent] }))['spec']).toMatchObject({ parentRefs: [parent] })
  })
})

describe('what a live HTTPRoute says', () => {
  const observed = (backendRefs: readonly Fields[]) =>
    gatewayApi.observe(canaryWith(), new RoutingWorld([{ ...routeOf(canaryWith()), spec: { rules: [{ backendRefs }] } }])).traffic

  it.each([
    [7, 3, splitAt(30)],
    [999, 1, splitAt(1)],
    [1, 999, splitAt(99)],
    [0, 5, splitAt(100)],
  ])('%i to %i is a share', (primary, canary, traffic) => expect(observed(backends(primary, canary))).toEqual(traffic))

  it('counts an absent weight as 1', () => expect(observed([{ name: 'podinfo-primary' }, { name: 'podinfo-canary' }])).toEqual(splitAt(50)))

  it('is nothing where neither track gets requests', () => expect(observed(backends(0, 0))).toBeUndefined())

  it('is nothing where a track is missing', () => expect(observed([backend('podinfo-primary', 100)])).toBeUndefined())
})

describe('an adopted HTTPRoute', () => {
  const canary = canaryWith()
  const adopted = (route = usersRoute('podinfo')) => {
    const world = new RoutingWorld([route])
    world.apply([routeOf(canary, splitAt(0), world)])
    return world
  }
  const originalOf = (world: RoutingWorld) => world.all()[0]?.metadata.annotations?.['flagger.kubernetes.io/original-configuration']

  it('remembers its spec', () => expect(JSON.parse(originalOf(adopted()) ?? '')).toEqual(usersRoute('podinfo')['spec']))

  it('keeps the first spec it remembered', () => {
    const world = adopted()
    const first = originalOf(world)
    for (const route of world.all()) world.put({ ...route, spec: { rules: [] } })
    world.apply([routeOf(canary, splitAt(20), world)])
    expect(originalOf(world)).toBe(first)
  })

  it('does not remember what another controller of this kind made of it', () => {
    const { ownerReferences: _, ...metadata } = routeOf(canary).metadata
    expect(originalOf(adopted({ ...routeOf(canary), metadata }))).toBeUndefined()
  })

  it('goes back to what its user last applied with kubectl, if that is known', () => {
    const spec = { rules: [{ backendRefs: [{ name: 'newest', port: 80 }] }] }
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ ...usersRoute('podinfo'), spec }) }
    const world = adopted({ ...usersRoute('podinfo'), metadata: { name: 'podinfo', namespace: 'test', annotations } })
    expect(gatewayApi.revert(canary, world)[0]?.['spec']).toEqual(spec)
  })
})
