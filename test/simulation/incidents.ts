import { type RolloutState, states } from '../../src/api/phases.ts'
import type { Chance } from './chance.ts'
import { deafen, fill, load, shake, sicken, wither } from './cluster-deeds.ts'
import type { Incident, Maker } from './deed.ts'
import { compact, cut, jump, kill, lease, pause, weather } from './machine-deeds.ts'
import type { Setup } from './setup.ts'
import {
  applyFromGit,
  askBack,
  configure,
  dropOwned,
  dropPins,
  dropTarget,
  edit,
  gate,
  inherit,
  release,
  remake,
  scale,
  weigh,
} from './user-deeds.ts'

/** Who does what, and how often of a hundred. */
const makers: readonly (readonly [number, Maker, ((setup: Setup) => boolean)?])[] = [
  [22, release],
  [4, applyFromGit],
  [9, edit],
  [4, dropOwned],
  [1, dropPins],
  [1, dropTarget],
  [1, remake],
  [3, scale],
  [2, weigh, ({ provider }) => provider === 'gatewayapi:v1'],
  [3, configure, ({ hasConfig, hasSecret }) => hasConfig || hasSecret],
  [5, gate, ({ isGated }) => isGated],
  [3, askBack, ({ isGated }) => isGated],
  [3, sicken],
  [2, wither],
  [4, shake],
  [2, fill],
  [2, deafen, ({ provider }) => provider === 'gatewayapi:v1'],
  [2, load, ({ scaler }) => scaler !== undefined],
  [3, kill],
  [3, pause],
  [2, cut],
  [1, inherit],
  [1, jump],
  [3, lease, setup => setup.lease !== undefined],
  [1, compact],
  [30, weather],
]

const makerOf = (chance: Chance, setup: Setup): Maker => {
  const usable = makers.filter(([, , fits]) => fits === undefined || fits(setup))
  const sum = usable.reduce((total, [weight]) => total + weight, 0)
  let left = chance.next() * sum
  for (const [weight, maker] of usable) {
    left -= weight
    if (left < 0) return maker
  }
  return release
}

const pauses = [
  [1, 300],
  [300, 3000],
  [3000, 12_000],
  [5000, 25_000],
  [10_000, 60_000],
] as const

/** States that are soon over are met by nothing that only looks at the clock. */
const steps: readonly RolloutState[] = states.filter(state => !['Initialized', 'Succeeded', 'Failed'].includes(state))

const drawMoment = (chance: Chance): Pick<Incident, 'after'> =>
  chance.happens(0.45) ? { after: { state: chance.pick(steps), delayMs: chance.pick([1, 30, 400, 4000, 12_000]) } } : {}

/** What happens in one run, in order. */
export const drawIncidents = (chance: Chance, setup: Setup): readonly Incident[] => {
  let atMs = chance.happens(0.2) ? 0 : chance.whole(4000, 9000)
  const count = chance.whole(2, 14)
  return Array.from({ length: count }, (_, index) => {
    const begins = index === 0 && chance.happens(0.7)
    const make = begins ? release : makerOf(chance, setup)
    const [least, most] = chance.pick(pauses)
    atMs += chance.whole(least, most)
    return { atMs, ...(begins ? {} : drawMoment(chance)), ...make(chance, setup) }
  })
}

/** When it happens, in words. */
export const momentText = ({ atMs, after }: Incident): string => {
  const from = `${(atMs / 1000).toFixed(1)}s`
  if (!after) return `at ${from}`
  const first = after.first ? `${after.first} and then ` : ''
  return `from ${from}, ${after.delayMs / 1000}s after ${first}${after.state} is recorded,`
}
