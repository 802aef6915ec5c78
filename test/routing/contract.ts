import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { providers } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { sameShares, splitAt } from '../../src/core/traffic.ts'
import { RouteRefused } from '../../src/routing/abilities.ts'
import type { Router } from '../../src/routing/router.ts'
import { affinity, type Bench, benchFor, cookies, match, type RouterCase, specOf } from './contract-bench.ts'
import { describeStanding } from './contract-standing.ts'
import { RoutingWorld } from './routing-world.ts'

/** The suite that every router passes. What a layer cannot do it has to refuse. */
export const describeRouter = (router: Router, routerCase: RouterCase): void => {
  const bench = benchFor(router, routerCase)
  describeTraffic(bench)
  if (!routerCase.ground) describeStanding(bench) // what it routes is the target: nothing is made, owned or adopted
  describeLimits(bench)
  describeAcceptance(bench)
}

const describeTraffic = ({
  router,
  can,
  ground,
  foreign,
  canaryWith,
  desired,
  route,
  routed,
  anyTraffic,
  plainTraffic,
  withAffinity,
}: Bench): void => {
  describe(`${router.name} as a router`, () => {
    it('has a name that the API knows', () => expect(providers).toContain(router.name))

    it('finds nothing wrong with a Canary it can carry out', () => expect(router.check(canaryWith(), new RoutingWorld())).toEqual([]))

    it('reads back every traffic that it wrote', () =>
      fc.assert(
        fc.property(anyTraffic, traffic => {
          const seen = router.observe(withAffinity, routed(traffic, withAffinity)).traffic
          expect(seen && sameShares(seen, traffic)).toBe(true)
        }),
      ))

    it('writes nothing more when the world is as it wants it', () =>
      fc.assert(
        fc.property(anyTraffic, traffic => {
          const world = routed(traffic, withAffinity)
          expect(world.apply(desired(withAffinity, traffic, world))).toBe(0)
        }),
      ))

    it('gives the same answer to the same question', () =>
      fc.assert(
        fc.property(anyTraffic, traffic => {
          const world = routed(traffic, withAffinity)
          expect(JSON.stringify(desired(withAffinity, traffic, world))).toBe(JSON.stringify(desired(withAffinity, traffic, world)))
        }),
      ))

    it('moves from any traffic to any other', () =>
      fc.assert(
        fc.property(anyTraffic, anyTraffic, (before, after) => {
          const world = routed(before, withAffinity)
          route(withAffinity, after, world)
          const fresh = routed(after, withAffinity)
          expect(world.all().map(specOf)).toEqual(fresh.all().map(specOf))
        }),
      ))

    it('names every kind that it writes', () =>
      fc.assert(
        fc.property(anyTraffic, traffic => {
          const written = desired(withAffinity, traffic, new RoutingWorld()).map(({ apiVersion, kind }) => `${apiVersion}/${kind}`)
          expect(router.kinds.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`)).toEqual(expect.arrayContaining(written))
        }),
      ))

    it('knows of no traffic where there is no route', () =>
      expect(router.observe(canaryWith(), new RoutingWorld())).toMatchObject({ traffic: undefined }))

    it('does not call a route accepted that does not exist', () =>
      expect(router.observe(canaryWith(), new RoutingWorld()).accepted).not.toBe('yes'))

    it.each([
      { primary: 30, canary: 80, mirrored: false },
      { primary: 99.5, canary: 0.5, mirrored: false },
      { primary: 110, canary: -10, mirrored: false },
      { primary: Number.NaN, canary: 0, mirrored: false },
    ])('refuses shares of $primary to $canary', traffic =>
      expect(() => desired(canaryWith(), traffic, new RoutingWorld())).toThrow(RouteRefused),
    )

    it.runIf(can.mirror)('copies requests only while the canary takes no live ones', () =>
      expect(router.observe(canaryWith(), routed(splitAt(0, true))).traffic).toEqual({ primary: 100, canary: 0, mirrored: true }),
    )

    it.runIf(can.mirror)('stops copying with the next step', () => {
      const world = routed(splitAt(0, true))
      route(canaryWith(), splitAt(10), world)
      expect(router.observe(canaryWith(), world).traffic).toEqual(splitAt(10))
    })

    it('sends what stands elsewhere without a word of the spec', () =>
      fc.assert(
        fc.property(anyTraffic, plainTraffic, (before, after) => {
          const world = routed(before, withAffinity)
          const elsewhere = canaryWith({ service: { gatewayRefs: [], gateways: [], hosts: [] } })
          for (const { object, spec } of router.follow(elsewhere, after, world))
            world.put({ ...object, spec: { ...specOf(object), ...spec } })
          const seen = router.observe(withAffinity, world).traffic
          expect(router.standing(elsewhere, world).length === 0 || (seen && sameShares(seen, after))).toBe(true)
        }),
      ))

    it('changes nothing else of what stands', () =>
      fc.assert(
        fc.property(plainTraffic, plainTraffic, (before, after) => {
          const world = routed(before)
          const shares = router.observe(canaryWith(), world).traffic ?? before
          const there = router
            .follow(canaryWith(), after, world)
            .map(({ object, spec }) => ({ ...object, spec: { ...specOf(object), ...spec } }))
          const other = new RoutingWorld([
            ...world.all().filter(one => !there.some(({ kind, metadata }) => kind === one.kind && metadata.name === one.metadata.name)),
            ...there,
          ])
          const back = router.follow(canaryWith(), shares, other).map(({ object, spec }) => ({ ...specOf(object), ...spec }))
          expect(back).toEqual(router.follow(canaryWith(), shares, world).map(({ object }) => specOf(object)))
        }),
      ))

    it('survives whatever stands under the names it needs', () =>
      fc.assert(
        fc.property(fc.jsonValue(), fc.jsonValue(), (spec, status) => {
          const world = new RoutingWorld(
            routed(splitAt(0))
              .all()
              .map(object => ({ ...object, spec, status }) as KubeObject),
          )
          router.check(canaryWith(), world)
          router.observe(canaryWith(), world)
          router.revert(canaryWith(), world)
          router.follow(canaryWith(), splitAt(0), world)
          router.standing(canaryWith(), world)
          desired(canaryWith(), splitAt(0), world)
        }),
      ))

    it('survives annotations that hold anything', () =>
      fc.assert(
        fc.property(fc.string(), text => {
          const world = new RoutingWorld(foreign(canaryWith()).map(object => withAnnotations(object, text)))
          route(canaryWith(), splitAt(0), world)
          expect(() => router.revert(canaryWith(), world)).not.toThrow()
        }),
      ))

    it.each(['app-primary', 'app-canary', 'constructor', '__proto__', '0'])('routes a Canary called %s', name => {
      const canary = canaryWith({ service: { name }, metadata: { name } })
      expect(router.observe(canary, routed(splitAt(can.weigh ? 30 : 0), canary)).traffic).toEqual(splitAt(can.weigh ? 30 : 0))
    })

    it.runIf(!ground)('is not confused by the Services of a Canary whose name begins like its own', () => {
      const [app, other] = ['app', 'app-canary'].map(name => canaryWith({ service: { name }, metadata: { name } }))
      if (!app || !other) throw new Error('two canaries were made')
      expect(router.observe(other, routed(splitAt(0), app)).traffic).toBeUndefined()
    })
  })
}

const describeLimits = ({ router, can, canaryWith, desired }: Bench): void => {
  describe(`${router.name} and its limits`, () => {
    const asks = [
      { able: can.match || !can.weigh, ask: 'match', analysis: { iterations: 5, match } },
      { able: can.mirrorIterations, ask: 'mirror', analysis: { iterations: 5, mirror: true } },
      { able: can.mirror, ask: 'mirror', analysis: { stepWeight: 10, mirror: true } },
      { able: can.affinity, ask: 'sessionAffinity', analysis: { stepWeight: 10, sessionAffinity: affinity } },
    ]
    it.each(asks.filter(({ able }) => !able))('refuses a Canary with $analysis', ({ ask, analysis }) =>
      expect(router.check(canaryWith({ analysis }), new RoutingWorld())).toEqual([
        { path: `spec.analysis.${ask}`, message: expect.stringContaining(router.name) },
      ]),
    )
    it.each(asks.filter(({ able }) => able))('takes a Canary with $analysis', ({ analysis }) =>
      expect(router.check(canaryWith({ analysis }), new RoutingWorld())).toEqual([]),
    )

    it.runIf(!can.weigh)('never splits live requests', () =>
      expect(() => desired(canaryWith(), splitAt(30), new RoutingWorld())).toThrow(/cannot split/),
    )
    it.runIf(!can.mirror && !can.mirrorIterations)('never claims to copy requests', () =>
      expect(() => desired(canaryWith(), splitAt(0, true), new RoutingWorld())).toThrow(/cannot mirror/),
    )
    it.runIf(!can.match)('never sends everybody where only some were meant', () =>
      expect(() => desired(canaryWith(), { ...splitAt(100), match }, new RoutingWorld())).toThrow(/cannot select/),
    )
    it.runIf(!can.affinity)('never forgets cookies in silence', () =>
      expect(() => desired(canaryWith(), { ...splitAt(0), cookies }, new RoutingWorld())).toThrow(/cannot keep users/),
    )

    it.runIf(can.match)('refuses a segment that everybody is in', () =>
      expect(router.check(canaryWith({ analysis: { iterations: 5, match: [...match, {}] } }), new RoutingWorld())).toEqual([
        { path: 'spec.analysis.match[1]', message: expect.stringContaining('every request would take part') },
      ]),
    )

    it.runIf(can.match)('never routes a segment that everybody is in', () =>
      expect(() => desired(canaryWith(), { ...splitAt(100), match: [{}] }, new RoutingWorld())).toThrow(/by no condition/),
    )

    it.runIf(can.match && can.affinity)('refuses match together with session affinity', () =>
      expect(router.check(canaryWith({ analysis: { iterations: 5, match, sessionAffinity: affinity } }), new RoutingWorld())).toEqual([
        { path: 'spec.analysis.sessionAffinity', message: expect.stringContaining('remove one') },
      ]),
    )
  })
}

const describeAcceptance = ({ router, can, accept, canaryWith, route, routed }: Bench): void => {
  describe.runIf(can.reportsAccepted)(`${router.name} and its controller`, () => {
    const accepted = (): RoutingWorld => {
      const world = routed(splitAt(30))
      for (const object of world.all()) world.put(accept?.(object) ?? object)
      return world
    }

    it('waits for a controller that has not reported', () => expect(router.observe(canaryWith(), routed(splitAt(30))).accepted).toBe('no'))

    it('is accepted once its controller took it', () =>
      expect(router.observe(canaryWith(), accepted())).toEqual({ traffic: splitAt(30), accepted: 'yes' }))

    it('waits for the controller after each step', () => {
      const world = accepted()
      route(canaryWith(), splitAt(40), world)
      const generation = Math.max(...world.all().map(({ metadata }) => metadata.generation ?? 0))
      expect(router.observe(canaryWith(), world)).toMatchObject({
        accepted: 'no',
        message: expect.stringContaining(`has not taken generation ${generation} yet`),
      })
    })
  })

  it.runIf(!can.reportsAccepted)(`${router.name} says that it does not know whether a route was taken`, () =>
    expect(router.observe(canaryWith(), routed(splitAt(0))).accepted).toBe('unknown'),
  )
}

const withAnnotations = (object: KubeObject, text: string): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { 'flagger.kubernetes.io/original-configuration': text, 'kubectl.kubernetes.io/last-applied-configuration': text },
  },
})
