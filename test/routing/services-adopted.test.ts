import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/api/object.ts'
import { replacePorts, revertServices } from '../../src/routing/services.ts'
import { aCanary } from '../support/builders.ts'
import { apexIn, canaryWith, edited, flux, label, originalMark, servicesOf, specOf, standing, usersApex } from './generated-services.ts'
import { RoutingWorld } from './routing-world.ts'

describe('a Service that stood there before', () => {
  it('keeps its owner, metadata, type and everything else', () => {
    const world = standing(canaryWith(), [usersApex({ type: 'NodePort', sessionAffinity: 'ClientIP' }, { labels: { mine: 'yes' } })])
    expect(apexIn(world)).toMatchObject({ metadata: { labels: { mine: 'yes' } }, spec: { type: 'NodePort', sessionAffinity: 'ClientIP' } })
    expect(apexIn(world)?.metadata).not.toHaveProperty('ownerReferences')
  })

  it('gets our selector and port, and is marked for Flux to leave alone', () =>
    expect(apexIn(standing(canaryWith({ port: 80 }), [usersApex()]))).toMatchObject({
      metadata: { annotations: flux },
      spec: { selector: { app: 'podinfo-primary' }, ports: [{ name: 'http', port: 80, targetPort: 80 }] },
    }))

  it('is taken over even from an owner of another kind, who keeps it', () => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', uid: 'x', controller: true }]
    expect(apexIn(standing(canaryWith(), [usersApex({}, { ownerReferences })]))?.metadata.ownerReferences).toEqual(ownerReferences)
  })

  it('gets no labels and no metadata of the Canary', () =>
    expect(
      servicesOf(canaryWith({ apex: { labels: { a: 'b' } } }), { live: standing(canaryWith(), [usersApex()]) }).apex.metadata,
    ).not.toHaveProperty('labels'))

  it('keeps ports that are not ours', () => {
    const metrics = { name: 'metrics', port: 9797, protocol: 'TCP', targetPort: 9797 }
    const world = standing(canaryWith(), [usersApex({ ports: [metrics] })])
    expect(specOf(apexIn(world))['ports']).toEqual([expect.objectContaining({ name: 'http', port: 9898 }), metrics])
  })

  it('keeps its node ports by name', () => {
    const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 80, nodePort: 30080 }]
    const world = standing(canaryWith({ port: 80 }), [usersApex({ type: 'NodePort', ports })])
    expect(specOf(apexIn(world))['ports']).toEqual(ports)
  })

  it('is written once', () => {
    const world = standing(canaryWith(), [usersApex()])
    expect(world.apply(Object.values(servicesOf(canaryWith(), { live: world })))).toBe(0)
  })

  it('remembers what it selected, once', () => {
    const world = standing(canaryWith(), [usersApex()])
    const first = apexIn(world)?.metadata.annotations?.[originalMark]
    world.put(edited(apexIn(world), { selector: { app: 'drifted' } }))
    world.apply([servicesOf(canaryWith(), { live: world }).apex])
    expect(JSON.parse(first ?? '')).toEqual(specOf(usersApex()))
    expect(apexIn(world)?.metadata.annotations?.[originalMark]).toBe(first)
  })

  it('remembers nothing where it selects the primary already', () => {
    const world = standing(canaryWith(), [usersApex({ selector: { app: 'podinfo-primary' } })])
    expect(apexIn(world)?.metadata.annotations).toEqual(flux)
  })
})

describe('ports that server-side apply cannot take away', () => {
  const { apex } = servicesOf(canaryWith())
  const ours = { name: 'http', port: 9898, protocol: 'TCP', targetPort: 9898 }

  it('are none while the ports are ours', () => expect(replacePorts(apex, apex)).toBeUndefined())

  it('are none where there is no Service', () => expect(replacePorts(apex, undefined)).toBeUndefined())

  it('are replaced where somebody renumbered one', () =>
    expect(replacePorts(apex, edited(apex, { ports: [{ ...ours, port: 9899 }] }))).toEqual({ spec: { ports: [ours] } }))

  it('are replaced where an adopted Service has another number under our name', () => {
    const world = new RoutingWorld([usersApex()])
    const { apex } = servicesOf(canaryWith(), { live: world })
    expect(replacePorts(apex, apexIn(world))).toEqual({ spec: { ports: [ours] } })
  })

  it('leave an adopted Service its other ports', () => {
    const metrics = { name: 'metrics', port: 9797, protocol: 'TCP', targetPort: 9797 }
    const world = new RoutingWorld([usersApex({ ports: [metrics] })])
    expect(replacePorts(servicesOf(canaryWith(), { live: world }).apex, apexIn(world))).toBeUndefined()
  })
})

describe('reverting the Services', () => {
  const reverted = (world: RoutingWorld, canary = canaryWith()): readonly Manifest[] => revertServices({ canary, label, live: world })

  it('leaves what goes with the Canary', () => expect(reverted(standing(canaryWith()))).toEqual([]))

  it('has nothing to do where there is none', () => expect(reverted(new RoutingWorld())).toEqual([]))

  it('has nothing to do where users were never moved', () => expect(reverted(new RoutingWorld([usersApex()]))).toEqual([]))

  it('gives an adopted Service back as it was', () => {
    const world = standing(canaryWith({ port: 80 }), [usersApex()])
    world.apply(reverted(world))
    const { generation: _, ...metadata } = apexIn(world)?.metadata ?? {}
    expect({ ...apexIn(world), metadata: { annotations: {}, ...metadata } }).toEqual({
      ...usersApex(),
      metadata: { ...usersApex().metadata, annotations: {} },
    })
  })

  it('reverts once', () => {
    const world = standing(canaryWith(), [usersApex()])
    world.apply(reverted(world))
    expect(reverted(world)).toEqual([])
  })

  it('restores the selector that kubectl last applied, before all else', () => {
    const lastApplied = JSON.stringify({ spec: { selector: { app: 'newest' } } })
    const world = standing(canaryWith(), [
      usersApex({}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied } }),
    ])
    expect(specOf(reverted(world)[0])['selector']).toEqual({ app: 'newest' })
  })

  it('selects the target again where another controller of this kind took the Service over', () => {
    const world = new RoutingWorld([usersApex({ selector: { app: 'podinfo-primary' } })])
    expect(specOf(reverted(world)[0])).toEqual({ selector: { app: 'podinfo' }, ports: specOf(usersApex())['ports'] })
  })

  it('survives annotations that hold garbage', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{', [originalMark]: '[]' }
    const world = new RoutingWorld([usersApex({ selector: { app: 'podinfo-primary' } }, { annotations })])
    expect(specOf(reverted(world)[0])).toMatchObject({ selector: { app: 'podinfo' } })
  })

  it('leaves the Service of another Canary alone', () => {
    const other = aCanary({ metadata: { name: 'other' }, spec: { service: { port: 9898, name: 'podinfo' } } })
    expect(reverted(standing(other))).toEqual([])
  })
})
