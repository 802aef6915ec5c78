import type { RolloutState } from '../../src/api/phases.ts'
import type { Chance } from './chance.ts'
import type { Setup } from './setup.ts'
import type { SimWorld } from './world.ts'

/** When something happens: so long after a state is recorded, where it says so only once another one was recorded `first`. */
export interface Occasion {
  readonly state: RolloutState
  readonly delayMs: number
  readonly first?: RolloutState
}

/** Something that somebody does, or that goes wrong, at one moment of a run. */
export interface Incident {
  readonly atMs: number
  /** Waits from then on until this state is recorded, and for so long after that. */
  readonly after?: Occasion
  /** In plain words. */
  readonly text: string
  readonly disturbance?: Disturbance
  act(world: SimWorld): void
}

/** What goes wrong around Serin, apart from the faults of its own requests and watches; each has to happen now and then. */
export const disturbances = [
  'process killed',
  'process stopped',
  'network cut',
  'clock set',
  'lease deleted',
  'lease edited',
  'history compacted',
  'pods fall over',
  'no room for pods',
  'no room for any pods',
  'gateway away',
  'pods stay away',
] as const
type Disturbance = (typeof disturbances)[number]

/** Those that nobody but the team feels. */
export const ownDisturbances: readonly Disturbance[] = ['pods fall over', 'no room for pods', 'pods stay away']

export type Deed = Omit<Incident, 'atMs' | 'after'>
export type Maker = (chance: Chance, setup: Setup) => Deed

/** Several things at one moment. */
export const together = (...deeds: readonly [Deed, ...Deed[]]): Deed => ({
  ...Object.assign({}, ...deeds.toReversed()),
  text: deeds.map(({ text }) => text).join(', and '),
  act: world => {
    for (const { act } of deeds) act(world)
  },
})
