import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import { deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { oncePerObject, untilReadsChange } from '../../src/controller/memo.ts'
import { isSatisfied } from '../../src/controller/satisfied.ts'
import type { Live } from '../../src/core/live.ts'
import { aCanary } from '../support/builders.ts'

const key = { namespace: 'test', name: 'podinfo' }
const deployment = (replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: key,
  spec: { replicas },
})

/** A world of one Deployment that counts how often it was looked at. */
const world = (found: KubeObject | undefined) => {
  const state = { found, looks: 0 }
  const live: Live = {
    get: () => {
      state.looks += 1
      return state.found
    },
  }
  return { state, live }
}

describe('a function that is called once per object', () => {
  it('is not called again for the same one, even when it gave nothing', () => {
    let calls = 0
    const read = oncePerObject(() => {
      calls += 1
      return undefined
    })
    const object = deployment(1)
    read(object)
    read(object)
    read(deployment(1))
    expect(calls).toBe(2)
  })
})

describe('a function that is called again when what it reads changes', () => {
  const counted = () => {
    const seen: unknown[] = []
    const inspect = untilReadsChange((_: Canary, live: Live) => {
      seen.push(live.get(deploymentKind, key)?.['spec'])
      return seen.length
    })
    return { seen, inspect }
  }

  it('is not called while it would read the same', () => {
    const { live } = world(deployment(1))
    const { inspect } = counted()
    const owner = aCanary()
    expect([inspect(owner, live), inspect(owner, live)]).toEqual([1, 1])
  })

  it('looks all the same, so that whoever counts looks misses none', () => {
    const { state, live } = world(deployment(1))
    const { inspect } = counted()
    const owner = aCanary()
    inspect(owner, live)
    inspect(owner, live)
    expect(state.looks).toBe(2)
  })

  it.each([[deployment(2)], [deployment(1)], [undefined]])('is called when it would find %j', next => {
    const { state, live } = world(deployment(1))
    const { inspect, seen } = counted()
    const owner = aCanary()
    inspect(owner, live)
    state.found = next
    inspect(owner, live)
    expect(seen).toEqual([{ replicas: 1 }, next?.['spec']])
  })

  it('is called for another Canary', () => {
    const { live } = world(deployment(1))
    const { inspect } = counted()
    expect([inspect(aCanary(), live), inspect(aCanary(), live)]).toEqual([1, 2])
  })
})

describe('a function that is called again when the Canary changes', () => {
  const { live } = world(undefined)
  const counted = (read: (canary: Canary) => unknown) => {
    const seen: unknown[] = []
    const remembered = untilReadsChange((canary: Canary, _: Live, ...asked: readonly number[]) => seen.push(read(canary), ...asked))
    return { seen, ask: (canary: Canary, ...asked: readonly number[]) => remembered(canary, live, ...asked) }
  }
  const canary = aCanary({ status: { phase: 'Progressing' }, metadata: { uid: 'one', resourceVersion: '1' } })
  const later = (status: Canary['status']): Canary => ({ ...canary, status, metadata: { ...canary.metadata, resourceVersion: '2' } })

  it('outlives the status that it does not look at', () => {
    const { seen, ask } = counted(({ spec }) => spec.targetRef.name)
    ask(canary)
    ask(later({ phase: 'Promoting' }))
    expect(seen).toEqual(['podinfo'])
  })

  it('does not outlive the status that it looks at', () => {
    const { seen, ask } = counted(({ status }) => status.phase)
    ask(canary)
    ask(later(canary.status))
    ask(later({ phase: 'Promoting' }))
    expect(seen).toEqual(['Progressing', 'Promoting'])
  })

  it('does not outlive the status that another one looks at on its behalf', () => {
    const inner = counted(({ status }) => status.phase)
    const { seen, ask } = counted(one => inner.ask(one) && inner.seen.at(-1))
    inner.ask(canary) // it remembers, and looks all the same
    ask(canary)
    ask(later({ phase: 'Promoting' }))
    expect(seen).toEqual(['Progressing', 'Promoting'])
  })

  it.each([[{ uid: 'two' }], [{ name: 'other' }], [{ namespace: 'other' }], [{ labels: { a: 'b' } }]])(
    'sees that it is of %j',
    metadata => {
      const { seen, ask } = counted(one => one.metadata)
      ask(canary)
      ask({ ...canary, metadata: { ...canary.metadata, ...metadata } })
      expect(seen).toMatchObject([{ uid: 'one' }, metadata])
    },
  )

  it('never sees a version, which it would outlive', () => {
    const { seen, ask } = counted(one => one.metadata.resourceVersion)
    ask(canary)
    expect(seen).toEqual([undefined])
  })

  it('hears of another question', () => {
    const { seen, ask } = counted(() => 'asked')
    ask(canary, 1)
    ask(canary, 1)
    ask(canary, 2)
    expect(seen).toEqual(['asked', 1, 'asked', 2])
  })
})

describe('whether an object says what it should', () => {
  it('follows the manifest', () => {
    const live = deployment(2)
    expect([deployment(2), deployment(3), deployment(2)].map(manifest => isSatisfied(live, manifest))).toEqual([true, false, true])
  })

  it('follows the object', () => expect([2, 3].map(replicas => isSatisfied(deployment(replicas), deployment(2)))).toEqual([true, false]))
  it('is no for an object that is not there', () => expect(isSatisfied(undefined, deployment(2))).toBe(false))
})
