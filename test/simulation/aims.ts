import type { RolloutState } from '../../src/api/phases.ts'
import type { Chance } from './chance.ts'
import { deafen, fill, shake, sicken, witherOf } from './cluster-deeds.ts'
import { type Deed, type Incident, type Maker, together } from './deed.ts'
import { compact, cut, kill, pause, persistent, weather, weatherOf } from './machine-deeds.ts'
import { gates, type HookName, type Setup } from './setup.ts'
import {
  askBack,
  askFor,
  closeGate,
  dropOwned,
  dropPins,
  dropPinsAnd,
  dropTarget,
  edit,
  editOf,
  inherit,
  release,
  releaseOf,
  remake,
  replan,
  scale,
} from './user-deeds.ts'

/*
 * Some states are rare, and what may go wrong in them is rarer. A story with an aim leads to one state, and lets something happen there.
 */

interface Aim {
  readonly state: RolloutState
  /** What leads there, in the order in which it happens. */
  readonly lead: readonly (Deed & Pick<Incident, 'after'>)[]
  /** What the team has to be like. */
  readonly setup?: Partial<Setup>
}

const returned = releaseOf('v1')
const lost = dropPinsAnd('the primary')
const unmake: Deed = { text: 'somebody deletes the Canary', act: world => world.drop() }
const gated = { isGated: true, skipsAnalysis: false } as const
const byGateway = { provider: 'gatewayapi:v1', skipsAnalysis: false } as const
const good = releaseOf('v2')
const held = (gate: HookName): readonly Deed[] => [closeGate(gate, 100_000), good]

const aims: readonly Aim[] = [
  { state: 'Initializing.creating', lead: [] },
  { state: 'Initializing.switching', lead: [] },
  { state: 'Initialized.parking', lead: [] },
  { state: 'Initialized', lead: [], setup: { isGated: true } },
  { state: 'Waiting', lead: held('confirm-rollout'), setup: gated },
  { state: 'Progressing.scaling', lead: [good] },
  { state: 'Progressing.starting', lead: [good] },
  { state: 'Progressing.analysing', lead: [good] },
  { state: 'Progressing.switching', lead: [good], setup: { ...byGateway, strategy: 'blue/green' } },
  { state: 'WaitingPromotion', lead: held('confirm-promotion'), setup: gated },
  { state: 'WaitingPromotion', lead: held('confirm-promotion'), setup: { ...gated, provider: 'gatewayapi:v1', strategy: 'blue/green' } },
  { state: 'Promoting.copying', lead: [good] },
  { state: 'Promoting.sizing', lead: [good] },
  { state: 'Promoting.shifting', lead: [good], setup: { ...byGateway, strategy: 'weights that return in steps' } },
  { state: 'Promoting.settling', lead: [good] },
  { state: 'Finalising.draining', lead: [good] },
  { state: 'Finalising.parking', lead: [good] },
  { state: 'Finalising.draining', lead: [good, { ...returned, after: { state: 'Progressing.analysing', delayMs: 2000 } }] },
  { state: 'Finalising.parking', lead: [good, { ...returned, after: { state: 'Progressing.analysing', delayMs: 2000 } }] },
  { state: 'Succeeded', lead: [good], setup: { isGated: true } },
  { state: 'Failed.returning', lead: [releaseOf('v3')] },
  { state: 'Failed.returning', lead: [releaseOf('v7')] },
  { state: 'Failed.parking', lead: [releaseOf('v3')], setup: { isGated: true } },
  { state: 'Failed', lead: [releaseOf('v3')], setup: { isGated: true } },
  { state: 'Failed.restoring', lead: [good, { ...askFor(60_000), after: { state: 'Promoting.sizing', delayMs: 200 } }], setup: gated },
  { state: 'Terminating.reverting', lead: [good, { ...unmake, after: { state: 'Progressing.analysing', delayMs: 500 } }] },
  {
    state: 'Terminating.draining',
    lead: [{ ...unmake, after: { state: 'Initialized', delayMs: 500 } }],
    setup: { ...byGateway, isSettled: true },
  },
]

/** Two things at once: what is held up goes wrong meanwhile. */
const both =
  (first: Maker, second: Maker): Maker =>
  (chance, setup) =>
    together(first(chance, setup), second(chance, setup))

const silence: Maker = chance =>
  weatherOf(chance.pick(['store says NaN', 'store says nothing', 'store down', 'store says two series'] as const), chance)
const loseAll: Maker = () => lost
const drought: Maker = () => persistent({ fault: 'store down' })
const refusal: Maker = () => persistent({ fault: 'forbidden', kind: 'Deployment' })
const back: Maker = () => returned
const shut: Maker = chance => closeGate(chance.pick(gates), 60_000)
const shutStart: Maker = () => closeGate('confirm-rollout', 60_000)
const witherPrimary: Maker = () => witherOf('podinfo-primary', 200_000)
const witherCanary: Maker = () => witherOf('podinfo', 200_000)
const edited =
  (words: string): Maker =>
  chance =>
    editOf(words, chance)
const hurry = edited('the progress deadline is 20s')

/** What may happen there. */
const twists: readonly Maker[] = [
  back,
  release,
  both(loseAll, release),
  dropPins,
  dropOwned,
  dropTarget,
  remake,
  () => unmake,
  edit,
  replan,
  edited('the steps go on to 80'),
  edited('the iterations are 5'),
  edited('the analysis is skipped'),
  inherit,
  both(back, inherit),
  askBack,
  scale,
  shut,
  both(shutStart, release),
  sicken,
  silence,
  drought,
  both(hurry, drought),
  shake,
  witherCanary,
  both(hurry, witherPrimary),
  both(both(hurry, deafen), witherPrimary),
  fill,
  deafen,
  both(hurry, deafen),
  both(deafen, release),
  refusal,
  both(hurry, refusal),
  kill,
  pause,
  cut,
  compact,
  weather,
]

/** Of five seeds three have an aim, and one leads to a corner. Seeds in a row go through all states, and through all that may happen there. */
const aimed = 3
const ofSeeds = 5

const numberOf = (seed: number): number | undefined =>
  seed % ofSeeds < aimed ? Math.floor(seed / ofSeeds) * aimed + (seed % ofSeeds) : undefined

/** These need somebody to ask. */
const asked: readonly Maker[] = [askBack, shut]

/** The aim of a story, where it has one. */
export const aimOf = (seed: number): Aim | undefined => {
  const number = numberOf(seed)
  const aim = number === undefined ? undefined : aims[number % aims.length]
  return aim && asked.includes(twistOf(seed)) ? { ...aim, setup: { ...aim.setup, isGated: true } } : aim
}

const twistOf = (seed: number): Maker => {
  const number = numberOf(seed) ?? 0
  return twists[Math.floor(number / aims.length) % twists.length] ?? release
}

const beginMs = 9000

/** Over before anybody could look. */
const soonOver: readonly RolloutState[] = ['Initializing.switching', 'Progressing.starting', 'Promoting.copying', 'Failed.returning']
const delays = [0, 1, 30, 400, 4000, 11_000] as const

export const incidentsOf = (seed: number, { state, lead }: Aim, { chance, setup }: Draw): readonly Incident[] => {
  const leading = lead.map((deed, index) => ({ atMs: beginMs + index * 50, ...deed }))
  const armedMs = lead.length > 0 ? beginMs : 0
  const more = Array.from({ length: chance.pick([0, 0, 1, 2]) }, () => chance.pick(twists))
  const met = [twistOf(seed), ...more].map(make => ({
    atMs: armedMs + 60,
    after: { state, delayMs: soonOver.includes(state) ? chance.pick([0, 1]) : chance.pick(delays) },
    ...make(chance, setup),
  }))
  return [...leading, ...met]
}

interface Draw {
  readonly chance: Chance
  readonly setup: Setup
}
