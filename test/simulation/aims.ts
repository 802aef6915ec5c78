import type { RolloutState } from '../../src/api/phases.ts'
import type { Chance } from './chance.ts'
import { deafen, fill, shake, sicken, wither } from './cluster-deeds.ts'
import type { Deed, Incident, Maker } from './deed.ts'
import { compact, cut, kill, pause, weather, weatherOf } from './machine-deeds.ts'
import type { HookName, Setup } from './setup.ts'
import {
  askBack,
  askFor,
  closeGate,
  dropOwned,
  dropPins,
  dropTarget,
  edit,
  editOf,
  inherit,
  release,
  releaseOf,
  remake,
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
  (chance, setup) => {
    const [one, other] = [first(chance, setup), second(chance, setup)]
    return {
      ...other,
      ...one,
      text: `${one.text}, and ${other.text}`,
      act: world => {
        one.act(world)
        other.act(world)
      },
    }
  }

const silence: Maker = chance =>
  weatherOf(chance.pick(['store says NaN', 'store says nothing', 'store down', 'store says two series'] as const), chance)
const back: Maker = () => releaseOf('v1')
const shut: Maker = chance => closeGate(chance.pick(['confirm-rollout', 'confirm-promotion', 'confirm-traffic-increase'] as const), 60_000)
const hurry: Maker = chance => editOf('the progress deadline is 20s', chance)
const skip: Maker = chance => editOf('the analysis is skipped', chance)

/** What may happen there. */
const twists: readonly Maker[] = [
  back,
  release,
  release,
  dropPins,
  dropOwned,
  dropTarget,
  remake,
  () => unmake,
  edit,
  edit,
  skip,
  inherit,
  askBack,
  scale,
  shut,
  sicken,
  silence,
  shake,
  wither,
  wither,
  fill,
  deafen,
  both(wither, deafen),
  both(hurry, wither),
  both(hurry, deafen),
  both(deafen, release),
  both(shut, release),
  kill,
  pause,
  cut,
  compact,
  weather,
  weather,
]

/** The aim of a story, where it has one. */
export const drawAim = (chance: Chance): Aim | undefined => (chance.happens(0.6) ? chance.pick(aims) : undefined)

const beginMs = 9000

export const incidentsOf = ({ state, lead }: Aim, chance: Chance, setup: Setup): readonly Incident[] => {
  const leading = lead.map((deed, index) => ({ atMs: beginMs + index * 50, ...deed }))
  const armedMs = lead.length > 0 ? beginMs : 0
  const count = chance.pick([1, 1, 2, 3])
  const met = Array.from({ length: count }, () => ({
    atMs: armedMs + 60,
    after: { state, delayMs: chance.pick([0, 1, 30, 400, 4000, 11_000]) },
    ...chance.pick(twists)(chance, setup),
  }))
  return [...leading, ...met]
}
