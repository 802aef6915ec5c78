import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createInterests } from '../../src/controller/interests.ts'

const names = ['a', 'b', 'c']
const change = fc.record({
  kind: fc.constantFrom('add', 'keep', 'remove'),
  canary: fc.constantFrom(...names),
  ids: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
})
type Change = (typeof change extends fc.Arbitrary<infer C> ? C : never) & object

/** What each looks at after a change, worked out the slow way. */
const looksAfter = (before: readonly string[], { kind, ids }: Change): readonly string[] => {
  if (kind === 'remove') return []
  return kind === 'keep' ? ids : [...new Set([...before, ...ids])]
}

const carryOut = (interests: ReturnType<typeof createInterests>, { kind, canary, ids }: Change): void => {
  if (kind === 'remove') interests.remove(canary)
  if (kind !== 'remove') for (const id of ids) interests.add(canary, id)
  if (kind === 'keep') interests.keep(canary, new Set(ids))
}

it('wakes exactly those that look at an object, however many they are', () =>
  fc.assert(
    fc.property(fc.array(change), changes => {
      const interests = createInterests()
      const looks = new Map<string, readonly string[]>()
      for (const each of changes) {
        carryOut(interests, each)
        looks.set(each.canary, looksAfter(looks.get(each.canary) ?? [], each))
      }
      const wanted = names.map(id => names.filter(canary => looks.get(canary)?.includes(id)))
      expect(names.map(id => [...interests.of(id)].toSorted())).toEqual(wanted)
    }),
  ))
