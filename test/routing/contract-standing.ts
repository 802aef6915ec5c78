import { describe, expect, it } from 'vitest'
import { type Canary, serviceNames } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { splitAt } from '../../src/core/traffic.ts'
import { type Bench, specOf } from './contract-bench.ts'
import { RoutingWorld } from './routing-world.ts'

/** The part of the suite about objects: whose they are, what stays, what comes back. */
export const describeStanding = ({ router, can, edits, foreign, canaryWith, route, routed }: Bench): void => {
  const apexOf = (world: RoutingWorld) => world.all().find(({ metadata }) => metadata.name === serviceNames(canaryWith()).apex)

  describe.runIf(can.weigh)(`${router.name} and what stands in the cluster`, () => {
    it.each(edits.map(edit => [JSON.stringify(edit), edit] as const))(
      'keeps the recorded weights when the spec changes to %s',
      (_, edit) => {
        const world = routed(splitAt(30))
        const before = world.all().map(specOf)
        const edited = canaryWith({ service: edit })
        route(edited, splitAt(30), world)
        expect(world.all().map(specOf)).not.toEqual(before)
        expect(router.observe(edited, world).traffic).toEqual(splitAt(30))
      },
    )

    it.each(edits.map(edit => [JSON.stringify(edit), edit] as const))('takes back what the spec no longer says: %s', (_, edit) => {
      const world = routed(splitAt(30), canaryWith({ service: edit }))
      route(canaryWith(), splitAt(30), world)
      expect(world.all().map(specOf)).toEqual(routed(splitAt(30)).all().map(specOf))
    })

    it('makes a deleted route anew with the recorded weights', () => {
      const world = routed(splitAt(30))
      for (const object of world.all()) world.delete(object)
      route(canaryWith(), splitAt(30), world)
      expect(router.observe(canaryWith(), world).traffic).toEqual(splitAt(30))
    })

    it('lets a foreign label and a foreign annotation be', () => {
      const world = routed(splitAt(30))
      for (const object of world.all()) world.put(withForeignMetadata(object))
      expect(route(canaryWith(), splitAt(30), world)).toBe(0)
    })

    it('lets an unknown field of a spec be', () => {
      const world = routed(splitAt(30))
      for (const object of world.all()) world.put({ ...object, spec: { ...specOf(object), somethingNew: { kept: true } } })
      route(canaryWith(), splitAt(40), world)
      for (const object of world.all()) expect(specOf(object)).toMatchObject({ somethingNew: { kept: true } })
    })

    it('makes objects that go with the Canary', () => {
      const owners = routed(splitAt(0))
        .all()
        .map(({ metadata }) => metadata.ownerReferences)
      expect(owners.length).toBeGreaterThan(0)
      for (const owner of owners) expect(owner).toEqual([ownerOf(canaryWith())])
    })

    it('names all that it made, and nothing twice', () => {
      const world = routed(splitAt(30))
      const named = router.standing(canaryWith(), world).map(({ object }) => object)
      expect(new Set(named)).toEqual(new Set(world.all()))
      expect(named.length).toBe(world.all().length)
    })

    it('names nothing where nothing stands', () => expect(router.standing(canaryWith(), new RoutingWorld())).toEqual([]))

    it('has nothing to revert where it made everything itself', () => expect(router.revert(canaryWith(), routed(splitAt(0)))).toEqual([]))

    it('has nothing to revert where there is nothing', () => expect(router.revert(canaryWith(), new RoutingWorld())).toEqual([]))

    it('takes over what was there without owning it', () => {
      const world = new RoutingWorld(foreign(canaryWith()))
      route(canaryWith(), splitAt(0), world)
      expect(
        world
          .all()
          .filter(({ metadata }) => metadata.ownerReferences)
          .map(({ metadata }) => metadata.name),
      ).not.toContain(serviceNames(canaryWith()).apex)
      expect(router.observe(canaryWith(), world).traffic).toEqual(splitAt(0))
    })

    it('keeps the labels and annotations of what it took over', () => {
      const before = foreign(canaryWith()).map(withForeignMetadata)
      const world = new RoutingWorld(before)
      route(canaryWith(), splitAt(0), world)
      for (const { metadata } of before) {
        const after = world.all().find(object => object.metadata.name === metadata.name)
        expect(after?.metadata).toMatchObject({ labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} })
      }
    })

    it('puts back the spec of what it took over, after any number of steps', () => {
      const before = foreign(canaryWith())
      const world = new RoutingWorld(before)
      for (const share of [0, 30, 60, 0]) route(canaryWith(), splitAt(share), world)
      world.apply(router.revert(canaryWith(), world))
      for (const object of before) {
        const after = world.all().find(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name)
        expect(after && specOf(after)).toEqual(specOf(object))
      }
    })

    it('reverts once', () => {
      const world = new RoutingWorld(foreign(canaryWith()))
      route(canaryWith(), splitAt(30), world)
      world.apply(router.revert(canaryWith(), world))
      expect(router.revert(canaryWith(), world)).toEqual([])
    })

    it('takes its marks away when it reverts', () => {
      const before = foreign(canaryWith())
      const world = new RoutingWorld(before)
      route(canaryWith(), splitAt(30), world)
      world.apply(router.revert(canaryWith(), world))
      for (const object of before) {
        const after = world.all().find(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name)
        expect(after?.metadata.annotations ?? {}).toEqual(object.metadata.annotations ?? {})
      }
    })

    it('names no Service of a track once it reverted a route of unknown origin', () => {
      const world = new RoutingWorld()
      for (const object of routed(splitAt(30)).all()) world.put(withoutOwners(object))
      world.apply(router.revert(canaryWith(), world))
      const apex = world.all().filter(({ metadata }) => metadata.name === serviceNames(canaryWith()).apex)
      expect(apex.length).toBeGreaterThan(0)
      expect(JSON.stringify(apex.map(specOf))).not.toMatch(/podinfo-(primary|canary)/)
    })

    it('refuses to touch what another Canary controls', () => {
      const other = canaryWith({ metadata: { name: 'other', uid: 'other-uid' } })
      const world = new RoutingWorld(
        routed(splitAt(0))
          .all()
          .map(object => ({ ...object, metadata: { ...object.metadata, ownerReferences: [ownerOf(other)] } })),
      )
      const problems = router.check(canaryWith(), world)
      expect(problems.length).toBeGreaterThan(0)
      for (const problem of problems)
        expect(problem).toMatchObject({ reason: 'ForeignObject', message: expect.stringContaining('Canary other') })
    })

    it('marks the route for Flux to leave alone', () =>
      expect(apexOf(routed(splitAt(0)))?.metadata.annotations).toEqual({
        'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
        'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
      }))

    it('puts no label on the route where the Canary names none', () =>
      expect(apexOf(routed(splitAt(0)))?.metadata).not.toHaveProperty('labels'))

    it('puts the metadata of the apex on the route, with the selector label', () => {
      const canary = canaryWith({ service: { apex: { labels: { team: 'pay' }, annotations: { note: 'x' } } } })
      expect(apexOf(routed(splitAt(0), canary))?.metadata).toMatchObject({
        labels: { team: 'pay', app: 'podinfo' },
        annotations: { note: 'x' },
      })
    })
  })
}

const ownerOf = ({ metadata }: Canary) => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

const withForeignMetadata = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { ...object.metadata.labels, 'team.example.com/owner': 'edge' },
    annotations: { ...object.metadata.annotations, 'team.example.com/note': 'ours' },
  },
})

const withoutOwners = ({ metadata: { ownerReferences: _, ...metadata }, ...object }: KubeObject): KubeObject =>
  ({ ...object, metadata }) as KubeObject
