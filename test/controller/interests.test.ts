import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createInterests } from '../../src/controller/interests.ts'

const name = fc.constantFrom('a', 'b', 'c')
const change = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), canary: name, ids: fc.uniqueArray(name, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('keep' as const), canary: name, ids: fc.uniqueArray(name, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('remove' as const), canary: name, ids: fc.constant<string[]>([]) }),
)

it('wakes exactly those that look at an object, however many they are', () =>
  fc.assert(
    fc.property(fc.array(change), changes => {
      const interests = createInterests()
      const looks = new Map<string, ReadonlySet<string>>()
      for (const { kind, canary, ids } of changes) {
        const before = looks.get(canary) ?? new Set<string>()
        for (const id of ids) interests.add(canary, id)
        if (kind === 'keep') interests.keep(canary, new Set(ids))
        if (kind === 'remove') interests.remove(canary)
        looks.set(canary, kind === 'add' ? new Set([...before, ...ids]) : new Set(ids))
      }
      for (const id of ['a', 'b', 'c']) {
        const wanted = [...looks].filter(([, ids]) => ids.has(id)).map(([canary]) => canary)
        expect([...interests.of(id)].toSorted()).toEqual(wanted.toSorted())
      }
    }),
  ))
