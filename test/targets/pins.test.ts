import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { deployment } from '../../src/targets/deployment.ts'
import { pinManifest, pinName, readPin, removablePins, revisionHashOf } from '../../src/targets/pins.ts'
import { aCanary } from '../support/builders.ts'
import { aTarget, inspected } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const pinned = deployment.pin(inspected(aTarget()), { 'configmap/a': 'x' })
const hash = revisionHashOf(pinned.templateHash, pinned.configs)
const manifest = (change: Fields = {}): KubeObject =>
  pinManifest({ canary: aCanary(), pinned, pin: { name: pinName(aCanary(), hash), hash }, ...change })

describe('the identity of a revision', () => {
  it('is a versioned hash', () => expect(hash).toMatch(/^s1-[0-9a-f]{20}$/))

  it('depends on the template', () => expect(revisionHashOf('s1-x', pinned.configs)).not.toBe(hash))

  it.each([
    ['a digest', { 'configmap/a': 'y' }],
    ['what is tracked', {}],
    ['the kind of configuration', { 'secret/a': 'x' }],
  ])('depends on %s', (_what, configs) => expect(revisionHashOf(pinned.templateHash, configs)).not.toBe(hash))

  it('does not depend on the order of configuration', () =>
    expect(revisionHashOf('t', { a: '1', b: '2' })).toBe(revisionHashOf('t', { b: '2', a: '1' })))
})

describe('a pin', () => {
  it('is a ControllerRevision that goes with its Canary', () =>
    expect(manifest()).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `podinfo-${hash}`,
        namespace: 'test',
        labels: { 'serin.dev/canary': 'podinfo' },
        ownerReferences: [{ kind: 'Canary', name: 'podinfo', controller: true }],
      },
      revision: 1,
    }))

  it('has no label by which a StatefulSet would adopt it', () =>
    expect(Object.keys(manifest().metadata.labels ?? {})).toEqual(['serin.dev/canary']))

  it('has the next number', () => {
    const foreign = { ...manifest(), metadata: { name: 'x', ownerReferences: [] }, revision: 99 }
    expect(manifest({ earlier: [manifest(), { ...manifest(), revision: 6 }, foreign] })['revision']).toBe(7)
  })

  it('has a name that the API server takes', () => {
    const canary = aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a'.repeat(245) } } })
    expect(pinName(canary, hash).length).toBeLessThanOrEqual(253)
  })

  it('has a label that the API server takes', () => {
    const canary = aCanary({ metadata: { name: 'a'.repeat(100) } })
    expect(manifest({ canary }).metadata.labels?.['serin.dev/canary']?.length).toBeLessThanOrEqual(63)
  })

  it('is read back as it was', () => expect(readPin(JSON.parse(JSON.stringify(manifest())))).toEqual(pinned))

  const withData = (data: unknown): KubeObject => ({ ...manifest(), data })

  it('is read back by older versions of ours', () => expect(readPin(withData({ ...pinned, addedLater: 1 }))).toEqual(pinned))

  it('may have no configuration', () => {
    const { configs: _c, settings: _s, ...bare } = pinned
    expect(readPin(withData(bare))).toEqual({ ...pinned, configs: {}, settings: {} })
  })

  it('may have a hash of another algorithm', () =>
    expect(readPin(withData({ ...pinned, templateHash: 's2-later' }))?.templateHash).toBe('s2-later'))

  it.each([
    ['nothing', undefined],
    ['a text', 'x'],
    ['the data of a StatefulSet', { spec: { template: {} } }],
    ['a hash that is no text', { ...pinned, templateHash: 1 }],
    ['digests that are no texts', { ...pinned, configs: { a: 1 } }],
    ['another template than its hash says', { ...pinned, templateHash: 's1-00000000000000000000' }],
  ])('is none with %s', (_what, data) => expect(readPin(withData(data))).toBeUndefined())
})

describe('pins that may go', () => {
  const at = (minute: number, name = `pin-${minute}`): KubeObject => ({
    ...manifest(),
    metadata: { ...manifest().metadata, name, creationTimestamp: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z` },
  })
  const status = { analysed: { name: 'pin-8', hash: 'a' }, promoted: { name: 'pin-2', hash: 'b' } }
  const all = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(minute => at(minute))
  const removable = (revisions: readonly KubeObject[], named: object = status) =>
    removablePins(aCanary({ status: named }), revisions).map(({ metadata }) => metadata.name)

  it('are those that no status names, but for two', () => expect(removable(all)).toEqual(['pin-5', 'pin-4', 'pin-3', 'pin-1']))

  it('are the same in whatever order they are listed', () => expect(removable(all.toReversed())).toEqual(removable(all)))

  it('are never younger than what the status names, because a newer status may name them', () =>
    expect(removable(all)).not.toContain('pin-9'))

  it('are none while the status names none', () => expect(removable(all, {})).toEqual([]))

  it('are none when the named ones are gone', () => expect(removable([at(1), at(3), at(4), at(5)])).toEqual([]))

  it('are only our own', () => {
    const foreign = all.map(one => ({
      ...one,
      metadata: {
        ...one.metadata,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'podinfo', uid: 'u', controller: true }],
      },
    }))
    expect(removable([at(8), ...foreign.filter(({ metadata }) => metadata.name !== 'pin-8')])).toEqual([])
  })
})
