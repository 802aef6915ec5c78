import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { revisionHashOf } from '../../src/targets/pins.ts'
import type { Target, Workload } from '../../src/targets/workload.ts'
import { flags, liveOf } from './world.ts'

/** A workload to try: a Canary, its target, and what the API server makes of a field patch. */
export interface WorkloadWorld {
  readonly canary: Canary
  /** Where it has pods: refers to the ConfigMap `settings` (tracked in these tests) and the Secret `licence` (not tracked). */
  readonly target: KubeObject
  readonly patched: (object: KubeObject, body: Readonly<Record<string, unknown>>) => KubeObject
  /** Whether pods of this workload would see the ConfigMap of this name. */
  readonly mounts: (workload: KubeObject, name: string) => boolean
}

/** What every kind of workload promises, whatever it is. */
export const describeWorkload = (workload: Workload, fresh: () => WorkloadWorld): void => {
  const look = (world: WorkloadWorld, object: KubeObject = world.target): Target => {
    const found = workload.inspect(world.canary, liveOf(object), flags)
    if ('unusable' in found) throw new Error(found.unusable.message)
    return found.target
  }
  const primaryOf = (world: WorkloadWorld, digest = 'aaaa', live?: KubeObject): KubeObject => {
    const target = look(world)
    const pin = workload.pin(target, { 'configmap/settings': digest })
    if (!workload.primary) throw new Error(`the primary of a ${workload.name} is no object of its own`)
    return workload.primary({ canary: world.canary, target, pin, live, replicas: 1, options: flags })
  }

  const hasPods = workload.can.select
  const hasPrimary = workload.primary !== undefined
  const parks = workload.park(look(fresh())) !== undefined

  describe(`every workload, here ${workload.name}`, () => {
    it('says that the target is missing when it does not exist', () =>
      expect(workload.inspect(fresh().canary, liveOf(), flags)).toMatchObject({ unusable: { reason: 'TargetMissing' } }))

    it('takes the template that it pinned itself', () =>
      expect(workload.accepts(JSON.parse(JSON.stringify(workload.pin(look(fresh()), {}).template)))).toBe(true))

    it.each([{}, 'x', null, { spec: {} }])('takes no template %j', template => expect(workload.accepts(template)).toBe(false))

    it.runIf(hasPods)('finds the configuration that the template refers to', () =>
      expect(look(fresh()).configs.map(({ key }) => key)).toEqual(['configmap/settings', 'secret/licence']),
    )

    it.runIf(hasPrimary)('names the primary after the target', () => {
      const world = fresh()
      expect(primaryOf(world).metadata).toMatchObject({ name: `${world.target.metadata.name}-primary`, namespace: 'test' })
    })

    it.runIf(hasPrimary)('lets the primary go with its Canary', () =>
      expect(primaryOf(fresh()).metadata.ownerReferences).toMatchObject([
        { kind: 'Canary', name: 'podinfo', uid: 'canary-uid', controller: true },
      ]),
    )

    it.runIf(hasPods)('gives the primary its copy of tracked configuration', () =>
      expect(fresh().mounts(primaryOf(fresh()), 'settings-primary')).toBe(true),
    )

    it.runIf(hasPods)('lets the primary share configuration that is not tracked', () =>
      expect(fresh().mounts(primaryOf(fresh()), 'licence')).toBe(true),
    )

    it.runIf(hasPrimary)('makes the same primary again from the same pin', () => expect(primaryOf(fresh())).toEqual(primaryOf(fresh())))

    it.runIf(hasPrimary)('makes the same primary again where it stands', () => {
      const primary = primaryOf(fresh())
      expect(primaryOf(fresh(), 'aaaa', primary)).toEqual(primary)
    })

    it.runIf(hasPods)('makes another primary when only the configuration changed', () =>
      expect(primaryOf(fresh(), 'bbbb')['spec']).not.toEqual(primaryOf(fresh(), 'aaaa')['spec']),
    )

    it.runIf(hasPrimary)('reads back which revision a primary runs', () => {
      const world = fresh()
      expect(workload.revisionOf(primaryOf(world))).toBe(revisionHashOf(look(world).templateHash, { 'configmap/settings': 'aaaa' }))
    })

    it.runIf(hasPrimary)('knows no revision of a workload it did not write', () =>
      expect(workload.revisionOf(fresh().target)).toBeUndefined(),
    )

    it.runIf(parks)('parks a target once', () => {
      const { target, patched, ...world } = fresh()
      const patch = workload.park(look({ target, patched, ...world }))
      const parked = patched(target, patch?.body ?? {})
      expect([patch?.object, workload.park(look({ target, patched, ...world }, parked))]).toEqual([target, undefined])
    })

    it.runIf(parks)('gives a parked target pods again', () => {
      const world = fresh()
      const parked = world.patched(world.target, workload.park(look(world))?.body ?? {})
      const running = world.patched(parked, workload.unpark(look(world, parked), 2)?.body ?? {})
      expect(workload.unpark(look(world, running), 2)).toBeUndefined()
    })

    it.runIf(parks)('does not take parking for a new revision', () => {
      const world = fresh()
      const parked = world.patched(world.target, workload.park(look(world))?.body ?? {})
      expect(look(world, parked).templateHash).toBe(look(world).templateHash)
    })
  })
}
