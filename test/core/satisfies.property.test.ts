import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { satisfies } from '../../src/core/satisfies.ts'
import { observedObject } from '../support/observed.ts'

type Path = readonly (string | number)[]

/** Every scalar of a value, by path. */
const leavesOf = (value: unknown, path: Path = []): readonly Path[] => {
  if (typeof value !== 'object' || value === null) return [path]
  const children = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value)
  return children.flatMap(([key, child]) => leavesOf(child, [...path, key]))
}

const changedAt = (value: unknown, [key, ...rest]: Path, change: (leaf: unknown) => unknown): unknown => {
  if (key === undefined) return change(value)
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? changedAt(item, rest, change) : item))
  return { ...(value as object), [key]: changedAt((value as Record<string, unknown>)[key], rest, change) }
}

/** Maps in which a server adds defaults and others add their own: every one outside of selectors. */
const withAdditions = (value: unknown, place = ''): unknown => {
  if (Array.isArray(value)) return value.map(item => withAdditions(item))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, field]) => [key, key.endsWith('elector') ? field : withAdditions(field, key)])
  return { ...Object.fromEntries(entries), [`added-to-${place}`]: 'x' }
}

const withoutStatus = ({ status: _, ...object }: KubeObject): KubeObject => object as KubeObject

const manifests = [
  withoutStatus(observedObject('4-succeeded-deployments', 'app-primary')),
  withoutStatus(observedObject('4-succeeded-hpa', 'app-primary')),
]
const aManifest = fc.constantFrom(...manifests)
const aManifestAndLeaf = aManifest.chain(manifest => fc.tuple(fc.constant(manifest), fc.constantFrom(...leavesOf(manifest))))

const otherValue = (leaf: unknown): unknown => {
  if (typeof leaf === 'number') return leaf + 1
  return typeof leaf === 'boolean' ? !leaf : `${String(leaf)}x`
}

describe('a manifest', () => {
  it('is satisfied by itself', () => fc.assert(fc.property(aManifest, manifest => satisfies(structuredClone(manifest), manifest))))

  it('is satisfied by itself with what a server and others add', () =>
    fc.assert(fc.property(aManifest, manifest => satisfies(withAdditions(manifest) as KubeObject, manifest))))

  it('is not satisfied once any one field is changed', () =>
    fc.assert(
      fc.property(aManifestAndLeaf, ([manifest, leaf]) => !satisfies(changedAt(manifest, leaf, otherValue) as KubeObject, manifest)),
      { numRuns: 300 },
    ))

  it('is not satisfied once any one field is gone', () =>
    fc.assert(
      fc.property(aManifestAndLeaf, ([manifest, leaf]) => !satisfies(changedAt(manifest, leaf, () => undefined) as KubeObject, manifest)),
      { numRuns: 300 },
    ))
})
