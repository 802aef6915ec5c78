import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { ownedBy } from '../../src/api/ownership.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { nothingLive } from '../../src/core/live.ts'
import { checkServices, desiredServices, type ServiceSource } from '../../src/routing/services.ts'
import { aCanary } from '../support/builders.ts'
import { observed, observedObject } from '../support/observed.ts'
import {
  apexIn,
  canaryWith,
  edited,
  type Fields,
  flux,
  label,
  service,
  servicesOf,
  specOf,
  standing,
  usersApex,
} from './generated-services.ts'
import { RoutingWorld } from './routing-world.ts'

describe('the Services of the field', () => {
  const stored = observedObject('1-initialized-canaries', 'app')
  const { canary } = readCanary({ ...stored, metadata: { ...stored.metadata, uid: 'UID' } })
  const source = {
    canary,
    label: { key: 'app', value: 'app' },
    ports: [{ name: 'metrics', port: 9797, targetPort: 9797, protocol: 'TCP' as const }],
    apexSelects: 'primary' as const,
  }
  /** What the API server adds by itself. */
  const withoutServerFields = ({ status: _, ...live }: KubeObject) => {
    const {
      clusterIP: _1,
      clusterIPs: _2,
      internalTrafficPolicy: _3,
      ipFamilies: _4,
      ipFamilyPolicy: _5,
      sessionAffinity: _6,
      ...spec
    } = specOf(live)
    return { ...live, spec }
  }

  /** The label by which their EndpointSlices are found is the one thing that we add. */
  const withTrack = (service: KubeObject, track: 'canary' | 'primary'): KubeObject => ({
    ...service,
    metadata: { ...service.metadata, labels: { ...service.metadata.labels, 'serin.dev/track': track } },
  })
  const marked = (moment: string): readonly KubeObject[] => {
    const [apex, canary, primary] = observed(`${moment}-services`) as [KubeObject, KubeObject, KubeObject]
    return [apex, withTrack(canary, 'canary'), withTrack(primary, 'primary')]
  }

  it.each(['1-initialized', '2-at-20', '3-promoting', '4-succeeded', '5-failed'])('are what we write: %s', moment => {
    const { apex, canary, primary } = desiredServices({ ...source, live: nothingLive })
    expect([apex, canary, primary]).toEqual(marked(moment).map(withoutServerFields))
  })

  it('are taken over with no other change', () => {
    const live = new RoutingWorld(marked('2-at-20'))
    expect(live.apply(Object.values(desiredServices({ ...source, live })))).toBe(0)
  })
})

describe('the generated Services', () => {
  it('select the primary for users and by its own name, the target by the name of the canary', () => {
    const { apex, primary, canary } = servicesOf(canaryWith())
    expect([apex, primary, canary].map(({ metadata, spec }) => [metadata.name, (spec as Fields)['selector']])).toEqual([
      ['podinfo', { app: 'podinfo-primary' }],
      ['podinfo-primary', { app: 'podinfo-primary' }],
      ['podinfo-canary', { app: 'podinfo' }],
    ])
  })

  it('can let users reach the target', () =>
    expect(specOf(servicesOf(canaryWith(), { apexSelects: 'target' }).apex)['selector']).toEqual({ app: 'podinfo' }))

  it('select by the label of the target, whose value may not be its name', () =>
    expect(specOf(servicesOf(canaryWith(), { label: { key: 'name', value: 'x' } }).primary)['selector']).toEqual({ name: 'x-primary' }))

  it('go with the Canary', () => {
    const canary = canaryWith()
    for (const { metadata } of Object.values(servicesOf(canary))) expect(metadata.ownerReferences).toEqual([ownedBy(canary)])
  })

  it.each([
    [{}, { name: 'http', port: 9898, targetPort: 9898 }],
    [
      { port: 80, targetPort: 8080 },
      { name: 'http', port: 80, targetPort: 8080 },
    ],
    [
      { targetPort: 'web', portName: 'grpc' },
      { name: 'grpc', port: 9898, targetPort: 'web' },
    ],
    [{ targetPort: '0' }, { name: 'http', port: 9898, targetPort: 9898 }],
    [{ appProtocol: 'http' }, { name: 'http', port: 9898, targetPort: 9898, appProtocol: 'http' }],
  ])('have the main port of %j', (change, port) => {
    for (const manifest of Object.values(servicesOf(canaryWith(change))))
      expect(specOf(manifest)['ports']).toEqual([{ protocol: 'TCP', ...port }])
  })

  it('are headless where the Canary says so', () => {
    for (const manifest of Object.values(servicesOf(canaryWith({ headless: true }))))
      expect(specOf(manifest)).toMatchObject({ clusterIP: 'None' })
  })

  it.each([
    [true, '10.0.0.1', undefined],
    [false, 'None', 'None'],
  ])('stay as the API server made them: headless %j on %s', (headless, clusterIP, wanted) => {
    const world = standing(canaryWith())
    world.put(edited(apexIn(world), { clusterIP }))
    expect(specOf(servicesOf(canaryWith({ headless }), { live: world }).apex)['clusterIP']).toBe(wanted)
  })

  it('prefer the endpoints that the Canary prefers', () => {
    for (const manifest of Object.values(servicesOf(canaryWith({ trafficDistribution: 'PreferClose' })))) {
      expect(specOf(manifest)).toMatchObject({ trafficDistribution: 'PreferClose' })
    }
  })

  it('follow a change of the traffic distribution', () => {
    const world = standing(canaryWith())
    for (const manifest of Object.values(servicesOf(canaryWith({ trafficDistribution: 'PreferClose' }), { live: world }))) {
      expect(specOf(manifest)).toMatchObject({ trafficDistribution: 'PreferClose' })
    }
  })

  it('keep the type that somebody gave them', () => {
    const world = standing(canaryWith())
    world.put(edited(apexIn(world), { type: 'LoadBalancer' }))
    expect(specOf(servicesOf(canaryWith(), { live: world }).apex)).toMatchObject({ type: 'LoadBalancer' })
  })

  it('carry the metadata of their own section, the selector label and the marks for Flux', () => {
    const { canary, primary } = servicesOf(canaryWith({ canary: { labels: { test: 'yes', app: 'mine' }, annotations: { note: 'x' } } }))
    expect(canary.metadata).toMatchObject({ labels: { test: 'yes', app: 'podinfo-canary' }, annotations: { note: 'x', ...flux } })
    expect(primary.metadata).toMatchObject({ labels: { app: 'podinfo-primary' }, annotations: flux })
  })

  it('follow a change of that metadata', () => {
    const world = standing(canaryWith({ apex: { labels: { team: 'a', old: 'x' }, annotations: { note: '1' } } }))
    world.apply([servicesOf(canaryWith({ apex: { labels: { team: 'b' }, annotations: { note: '2' } } }), { live: world }).apex])
    expect(apexIn(world)?.metadata).toMatchObject({ labels: { team: 'b', app: 'podinfo' }, annotations: { note: '2', ...flux } })
    expect(apexIn(world)?.metadata.labels).not.toHaveProperty('old')
  })

  it.each(['labels', 'annotations'] as const)('leave %s that others own as they are, and put ours right', map => {
    const canary = canaryWith({ apex: { [map]: { managed: 'ours', shared: 'ours' } }, unmanagedMetadata: { [map]: ['theirs', 'shared'] } })
    const world = standing(canary)
    const apex = apexIn(world)
    world.put(edited(apex, {}, { [map]: { ...apex?.metadata[map], theirs: 'kept', shared: 'kept', managed: 'changed' } }))
    world.apply([servicesOf(canary, { live: world }).apex])
    expect(apexIn(world)?.metadata[map]).toMatchObject({ theirs: 'kept', shared: 'kept', managed: 'ours' })
  })

  it('keep an owner reference across a Canary made anew', () => {
    const world = standing(canaryWith())
    const anew = aCanary({ metadata: { uid: 'another' }, spec: { service: { port: 9898 } } })
    expect(servicesOf(anew, { live: world }).apex.metadata.ownerReferences).toEqual([ownedBy(anew)])
  })

  it('want nothing more once they stand', () => {
    const canary = canaryWith({ apex: { labels: { a: 'b' } }, headless: true, trafficDistribution: 'PreferClose' })
    const world = standing(canary)
    expect(world.apply(Object.values(servicesOf(canary, { live: world })))).toBe(0)
  })
})

describe('discovered ports', () => {
  const tcp = (name: string, port: number) => ({ name, port, targetPort: port, protocol: 'TCP' as const })
  const portsOf = (change: Fields, ports: ServiceSource['ports']) =>
    (specOf(servicesOf(canaryWith(change), { ports }).canary)['ports'] as readonly Fields[]).map(
      ({ name, port, protocol }) => `${name} ${port}/${protocol}`,
    )

  it('come after the main one', () =>
    expect(portsOf({}, [tcp('http-metrics', 8080), tcp('tcp-podinfo-2', 8888)])).toEqual([
      'http 9898/TCP',
      'http-metrics 8080/TCP',
      'tcp-podinfo-2 8888/TCP',
    ]))

  it('are left out where their number is taken', () =>
    expect(portsOf({ port: 8080, targetPort: 'http' }, [tcp('http-metrics', 8080), tcp('tcp-podinfo-2', 8888)])).toEqual([
      'http 8080/TCP',
      'tcp-podinfo-2 8888/TCP',
    ]))

  it('are left out the second time', () => expect(portsOf({}, [tcp('a', 1), tcp('b', 1)])).toEqual(['http 9898/TCP', 'a 1/TCP']))

  it('get their number where their name is taken', () =>
    expect(portsOf({}, [tcp('http', 8080), tcp('http', 8081)])).toEqual(['http 9898/TCP', 'http-8080 8080/TCP', 'http-8081 8081/TCP']))

  it('may share a number under another protocol', () =>
    expect(portsOf({ port: 53 }, [{ name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' }])).toEqual(['http 53/TCP', 'dns 53/UDP']))

  it('never have a name that is too long', () =>
    expect(portsOf({}, [tcp('x'.repeat(64), 8080)])).toEqual(['http 9898/TCP', 'tcp-8080 8080/TCP']))
})

describe('checking the Services', () => {
  const problemsOf = (canary: Canary, live: readonly KubeObject[] = [], ofTarget = label) =>
    checkServices({ canary, label: ofTarget, live: new RoutingWorld(live) })

  it('finds nothing wrong with what we made', () => expect(problemsOf(canaryWith(), standing(canaryWith()).all())).toEqual([]))

  it('finds nothing wrong with an apex that a user made', () => expect(problemsOf(canaryWith(), [usersApex()])).toEqual([]))

  it.each(['x'.repeat(56), 'Upper', 'dotted.name', '-dash'])('names what is wrong with the name %s', name =>
    expect(problemsOf(canaryWith({ name }))).toEqual([
      { path: 'spec.service.name', message: expect.stringContaining(JSON.stringify(name)) },
    ]),
  )

  it('takes the longest name that fits', () => expect(problemsOf(canaryWith({ name: 'x'.repeat(55) }))).toEqual([]))

  it('names a label that leaves no room for the primary', () =>
    expect(problemsOf(canaryWith(), [], { key: 'app', value: 'x'.repeat(56) })).toEqual([
      { path: 'spec.targetRef', message: expect.stringContaining('selector label app') },
    ]))

  it.each(['podinfo-primary', 'podinfo-canary'])('leaves a foreign Service %s alone', name =>
    expect(problemsOf(canaryWith(), [service(name, { selector: { app: 'homemade' } })])).toEqual([
      {
        path: 'spec.service.name',
        reason: 'ForeignObject',
        message: expect.stringContaining(`Service test/${name} exists and selects other pods`),
      },
    ]),
  )

  it.each([
    ['Knative', 'Service'],
    ['flagger.app/v1beta1', 'Canary'],
  ])('leaves a Service of the %s %s alone', (apiVersion, kind) => {
    const ownerReferences = [{ apiVersion, kind, name: 'other', uid: 'x', controller: true }]
    expect(problemsOf(canaryWith(), [service('podinfo-canary', { selector: { app: 'podinfo' } }, { ownerReferences })])).toEqual([
      expect.objectContaining({ reason: 'ForeignObject', message: expect.stringContaining(`is controlled by ${kind} other`) }),
    ])
  })

  it('takes over a Service of a track that nobody owns and that selects our pods', () =>
    expect(problemsOf(canaryWith(), [service('podinfo-canary', { selector: { app: 'podinfo' } })])).toEqual([]))

  it('leaves the apex of another Canary alone', () => {
    const other = aCanary({ metadata: { name: 'other' }, spec: { service: { port: 9898, name: 'podinfo' } } })
    expect(problemsOf(canaryWith(), standing(other).all())).toEqual(
      expect.arrayContaining([expect.objectContaining({ reason: 'ForeignObject', message: expect.stringContaining('Canary other') })]),
    )
  })
})
