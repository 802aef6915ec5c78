import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { createCanaryReader } from '../../src/controller/read-memo.ts'
import { canaryManifest } from '../support/manifests.ts'

const reader = () =>
  createCanaryReader({
    meshProvider: 'istio',
    minIntervalMs: 10_000,
    noCrossNamespaceRefs: false,
    drainMs: 0,
    settleMs: 0,
    selectorLabels: ['app'],
    includeLabelPrefix: [],
  })

const first = canaryManifest()
const withStatus = (status: object, resourceVersion: string): KubeObject => ({
  ...first,
  metadata: { ...first.metadata, resourceVersion },
  status,
})

describe('a reader of Canaries', () => {
  it('gives the same reading for the same object', () => {
    const { read } = reader()
    expect(read(first)).toBe(read(first))
  })

  it('gives the same reading for an object that says the same, as our own writes come twice', () => {
    const { read } = reader()
    expect(read(withStatus({ phase: 'Failed' }, '2'))).toBe(read(withStatus({ phase: 'Failed' }, '2')))
  })

  it('reads a new status as if it read all anew', () => {
    const { read } = reader()
    read(first)
    const next = withStatus({ phase: 'Failed', canaryWeight: 'garbage', iterations: 2 }, '2')
    expect(read(next)).toEqual(readCanary(next))
  })

  it('keeps the spec that did not change', () => {
    const { read } = reader()
    expect(read(withStatus({ phase: 'Failed' }, '2')).canary.spec).toBe(read(first).canary.spec)
  })

  it('reads a new spec anew', () => {
    const { read } = reader()
    read(first)
    const next = canaryManifest({ spec: { suspend: true } })
    expect(read(next)).toEqual(readCanary(next))
  })

  it('tells Canaries of one spec in two namespaces apart', () => {
    const { read } = reader()
    read(first)
    const other = { ...first, metadata: { ...first.metadata, namespace: 'elsewhere' } }
    expect(read(other)).toEqual(readCanary(other))
  })

  it('remembers nothing of a Canary that rests', () => {
    const { read, forget } = reader()
    const before = read(first)
    forget(`${first.metadata.namespace}/${first.metadata.name}`)
    expect(read(first)).not.toBe(before)
  })
})
