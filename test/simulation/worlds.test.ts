import { describe, expect, it } from 'vitest'
import { faultNames } from './fault-book.ts'
import { storyOf } from './run-seed.ts'
import { gates, layersOf, type Setup, strategiesOf, strategyNames } from './setup.ts'
import type { TargetName } from './tracks.ts'

/*
 * What worlds are made of, without playing any: a mix of seeds in which something never comes about would hold no rule against it.
 */

const stories = Array.from({ length: 10_000 }, (_, index) => storyOf(index + 1))
/** As many as every gate plays. */
const setups: readonly Setup[] = stories.slice(0, 2000).map(({ setup }) => setup)

const has = (wanted: Partial<Setup>): boolean =>
  setups.some(setup => Object.entries(wanted).every(([field, value]) => setup[field as keyof Setup] === value))

const pairs = <A extends string, B>(lists: Readonly<Record<A, readonly B[]>>): readonly (readonly [A, B])[] =>
  (Object.keys(lists) as A[]).flatMap(name => lists[name].map(one => [name, one] as const))

describe('two thousand worlds', () => {
  it.each(pairs(strategiesOf))('have teams of %s that release by %s', (provider, strategy) =>
    expect(has({ provider, strategy })).toBe(true),
  )

  it.each(pairs<TargetName, Setup['provider']>(layersOf))('have a %s behind %s', (target, provider) =>
    expect(has({ target, provider })).toBe(true),
  )

  it.each([
    { scaler: 'HorizontalPodAutoscaler' },
    { scaler: 'ScaledObject' },
    { isGated: true },
    { skipsAnalysis: true },
    { hasConfig: true },
    { hasSecret: true },
    { hasOwnStore: true },
    { isSettled: true },
    { company: 'a rival' },
    { company: 'a neighbour' },
  ] as const)('have teams with %j', wanted => expect(has(wanted)).toBe(true))

  it.each(['the Canary is suspended', 'somebody asks for a rollback', ...gates.map(name => `the gate ${name} is closed`)])(
    'have people by whom %s',
    words => expect(stories.slice(0, 2000).some(({ incidents }) => incidents.some(({ text }) => text.includes(words)))).toBe(true),
  )
})

describe('ten thousand worlds', () => {
  it.each(strategyNames)('have every kind of fault befall a team that wants %s', strategy => {
    const texts = stories.filter(({ setup }) => setup.strategy === strategy).flatMap(({ incidents }) => incidents.map(({ text }) => text))
    expect(faultNames.filter(name => !texts.some(text => text.startsWith(`${name}:`) || text.startsWith(`${name},`)))).toEqual([])
  })
})
