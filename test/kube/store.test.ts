import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { createStore, UnknownIndex } from '../../src/kube/store.ts'
import { aDeployment } from '../support/kinds.ts'

const key = { namespace: 'test', name: 'podinfo' }
const version = (resourceVersion: string, uid = 'u1') => aDeployment({ resourceVersion, uid })
const names = (objects: readonly KubeObject[]) => objects.map(({ metadata }) => metadata.name)
const byColour = { colour: ({ metadata }: KubeObject) => Object.values(metadata.labels ?? {}) }

describe('the store', () => {
  it('tells of an addition, a change with what was before, and a deletion', () => {
    const store = createStore()
    const [first, second] = [version('1'), version('2')]
    expect([store.put(first), store.put(second), store.remove(key)].flat()).toEqual([
      { type: 'added', object: first },
      { type: 'updated', object: second, before: first },
      { type: 'deleted', object: second },
    ])
  })

  it('says nothing about the version it has', () => {
    const store = createStore()
    store.put(version('1'))
    expect(store.put(version('1'))).toEqual([])
  })

  it('turns a new uid under an old name into a deletion and an addition', () => {
    const store = createStore()
    store.put(version('1', 'old'))
    expect(store.put(version('2', 'new')).map(({ type, object }) => [type, object.metadata.uid])).toEqual([
      ['deleted', 'old'],
      ['added', 'new'],
    ])
  })

  it('says nothing about removing what is not there', () => expect(createStore().remove(key)).toEqual([]))

  it('lists all, or one namespace', () => {
    const store = createStore()
    store.put(aDeployment({ name: 'a', namespace: 'x' }))
    store.put(aDeployment({ name: 'b', namespace: 'y' }))
    expect([names(store.list()), names(store.list('y')), names(store.list('z'))]).toEqual([['a', 'b'], ['b'], []])
  })

  it('freezes objects all the way down', () => {
    const store = createStore()
    store.put(aDeployment({ labels: { a: 'b' } }))
    expect(Object.isFrozen(store.get(key)?.metadata.labels)).toBe(true)
  })

  it('keeps the parts of an object that a new version leaves as they were', () => {
    const store = createStore()
    store.put(aDeployment({ resourceVersion: '1' }, { spec: { template: { image: 'a' } } }))
    const before = store.get(key)
    store.put(aDeployment({ resourceVersion: '2' }, { spec: { template: { image: 'a' } }, status: { replicas: 1 } }))
    expect([store.get(key)?.['spec'] === before?.['spec'], store.get(key)?.metadata.resourceVersion]).toEqual([true, '2'])
  })

  it('finds objects by what an index function gave, also after changes', () => {
    const store = createStore(byColour)
    store.put(aDeployment({ resourceVersion: '1', labels: { a: 'red', b: 'blue' } }))
    store.put(aDeployment({ resourceVersion: '2', labels: { a: 'green' } }))
    expect(['red', 'blue', 'green'].map(value => store.byIndex('colour', value).length)).toEqual([0, 0, 1])
  })

  it('takes removed objects out of the indexes', () => {
    const store = createStore(byColour)
    store.put(aDeployment({ labels: { a: 'red' } }))
    store.remove(key)
    expect(store.byIndex('colour', 'red')).toEqual([])
  })

  it('finds an object once, even when its index function names a value twice', () => {
    const store = createStore(byColour)
    store.put(aDeployment({ labels: { a: 'red', b: 'red' } }))
    expect(store.byIndex('colour', 'red').length).toBe(1)
  })

  it('fills an index that is added later', () => {
    const store = createStore()
    store.put(aDeployment({ labels: { a: 'red' } }))
    store.addIndex('colour', byColour.colour)
    expect(store.byIndex('colour', 'red').length).toBe(1)
  })

  it('refuses an index that nobody declared', () => {
    expect(() => createStore(byColour).byIndex('shape', 'round')).toThrow(UnknownIndex)
  })

  it('is as it was when an index function throws', () => {
    const store = createStore({
      image: object => {
        if (!object['spec']) throw new Error('garbled')
        return ['x']
      },
    })
    store.put(version('1'))
    expect(() => store.put(aDeployment({ uid: 'u1', resourceVersion: '2' }, { spec: undefined }))).toThrow('garbled')
    expect([store.get(key)?.metadata.resourceVersion, store.byIndex('image', 'x').length, store.size]).toEqual(['1', 1, 1])
  })

  it('takes names that JavaScript knows as well', () => {
    const store = createStore(byColour)
    store.put(aDeployment({ namespace: '__proto__', name: 'constructor', labels: { a: '__proto__' } }))
    expect(names(store.byIndex('colour', '__proto__'))).toEqual(['constructor'])
  })
})
