import { aimOf, incidentsOf } from './aims.ts'
import { createChance } from './chance.ts'
import type { Incident } from './deed.ts'
import { type Ending, settles } from './endings.ts'
import { drawIncidents } from './incidents.ts'
import type { Outcome } from './outcome.ts'
import { drawSetup, fitting, type Setup, setupText } from './setup.ts'
import { createWorld, type SimWorld } from './world.ts'

const endings: readonly Ending[] = ['a good release', 'a good release', 'a good release', 'nothing more', 'deletion']

/** What a seed stands for. */
export interface Story {
  readonly seed: number
  readonly setup: Setup
  readonly incidents: readonly Incident[]
  readonly ending: Ending
}

/** @param keep places of the incidents that happen; all of them when absent */
export const storyOf = (seed: number, keep?: readonly number[]): Story => {
  const chance = createChance(seed)
  const aim = aimOf(seed)
  const setup = fitting({ ...drawSetup(chance.apart('setup')), ...aim?.setup })
  const others = drawIncidents(chance.apart('incidents'), setup)
  const incidents = aim
    ? [...incidentsOf(seed, aim, { chance: chance.apart('aimed'), setup }), ...others.slice(0, chance.whole(0, 2))]
    : others
  return {
    seed,
    setup,
    incidents: keep ? incidents.filter((_, index) => keep.includes(index)) : incidents,
    ending: chance.apart('ending').pick(endings),
  }
}

const lookMs = 2000

/** Arms one incident; the answer disarms it. */
const arm = (world: SimWorld, { text, disturbance, after, act }: Incident): (() => void) => {
  const happen = (): void => {
    world.trace.say(`* ${text}`)
    if (disturbance) world.faults.add(disturbance)
    act(world)
  }
  if (after) return world.once(after.state, after.delayMs, happen)
  happen()
  return () => {}
}

const play = async (world: SimWorld, { incidents }: Story): Promise<void> => {
  const armed: (() => void)[] = []
  for (const incident of incidents) world.clock.schedule(incident.atMs, () => void armed.push(arm(world, incident)))
  const lastMs = Math.max(0, ...incidents.map(({ atMs }) => atMs))
  const endMs = lastMs + (incidents.some(({ after }) => after) ? 120_000 : 20_000)
  while (world.clock.monotonicMs() < endMs && world.watcher.violations.length === 0) await world.clock.advance(lookMs)
  for (const disarm of armed) disarm()
}

/** Where the program throws dice of its own (back-off, jitter), the seed decides these as well. */
const withDice = async <T>(dice: () => number, work: () => Promise<T>): Promise<T> => {
  const { random } = Math
  Math.random = dice
  try {
    return await work()
  } finally {
    Math.random = random
  }
}

/** Plays a story to its end, or up to the first rule that is broken. */
export const tell = (story: Story): Promise<Outcome> =>
  withDice(createChance(story.seed).apart('dice').next, async () => {
    const { seed, setup } = story
    const world = createWorld(setup, seed)
    const { watcher, trace, faults, states } = world
    trace.say(`* ${setupText(setup)}`)
    await play(world, story)
    if (watcher.violations.length === 0) for (const text of await settles(world, story.ending)) watcher.report(text)
    return { seed, violations: watcher.violations, trace: trace.lines, faults, states }
  })
