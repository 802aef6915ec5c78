import { aimOf, incidentsOf } from './aims.ts'
import { type Chance, createChance } from './chance.ts'
import { cornerStory } from './corners.ts'
import { type Incident, type Occasion, ownDisturbances } from './deed.ts'
import { withDice } from './dice.ts'
import { type Ending, settles } from './endings.ts'
import { faultNames } from './fault-book.ts'
import { drawIncidents } from './incidents.ts'
import { surely } from './machine-deeds.ts'
import type { Outcome } from './outcome.ts'
import { drawSetup, fitting, type Setup, setupText } from './setup.ts'
import { troublesOf } from './troubles.ts'
import { createWorld, type SimWorld } from './world.ts'

const endings: readonly Ending[] = ['a good release', 'a good release', 'a good release', 'nothing more', 'deletion']

/** What a seed stands for. */
export interface Story {
  readonly seed: number
  readonly setup: Setup
  readonly incidents: readonly Incident[]
  readonly ending: Ending
}

/** A story that dice make up, with an aim or without. */
const drawnStory = (seed: number, chance: Chance, drawn: Setup): Pick<Story, 'setup' | 'incidents'> => {
  const aim = aimOf(seed)
  const setup = fitting({ ...drawn, ...aim?.setup })
  const others = drawIncidents(chance.apart('incidents'), setup)
  const aimed = aim ? incidentsOf(seed, aim, { chance: chance.apart('aimed'), setup }) : []
  return { setup, incidents: aim ? [...aimed, ...others.slice(0, chance.whole(0, 2))] : [...others, turnOf(seed)] }
}

/** In stories without an aim every kind of fault has its turn. */
const turnOf = (seed: number): Incident => ({ atMs: 9500, ...surely(faultNames[Math.floor(seed / 5) % faultNames.length] ?? 'conflict') })

/** @param keep places of the incidents that happen; all of them when absent */
export const storyOf = (seed: number, keep?: readonly number[]): Story => {
  const chance = createChance(seed)
  const drawn = drawSetup(chance.apart('setup'))
  const { setup, incidents: usual } = cornerStory(seed, drawn) ?? drawnStory(seed, chance, drawn)
  const incidents = setup.company === 'a neighbour' ? [...usual, ...troublesOf(chance.apart('troubles'))] : usual
  return {
    seed,
    setup,
    incidents: keep ? incidents.filter((_, index) => keep.includes(index)) : incidents,
    ending: chance.apart('ending').pick(endings),
  }
}

const lookMs = 2000

const arm = (world: SimWorld, { text, disturbance, after, act }: Incident): void => {
  const happen = (): void => {
    world.trace.say(`* ${text}`)
    world.watcher.happened()
    if (disturbance) {
      world.faults.add(disturbance)
      world.watcher.disturbed()
      if (!ownDisturbances.includes(disturbance)) world.neighbour?.disturbed()
    }
    act(world)
  }
  const lookOut = ({ state, delayMs }: Occasion): void => world.once(state, delayMs, happen)
  if (!after) happen()
  else if (after.first) world.once(after.first, 0, () => lookOut(after))
  else lookOut(after)
}

const play = async (world: SimWorld, { incidents }: Story): Promise<void> => {
  for (const incident of incidents) world.clock.schedule(incident.atMs, () => arm(world, incident))
  const lastMs = Math.max(0, ...incidents.map(({ atMs }) => atMs))
  const endMs = lastMs + (incidents.some(({ after }) => after) ? 120_000 : 20_000)
  while (world.clock.monotonicMs() < endMs && world.watcher.violations.length === 0) await world.clock.advance(lookMs)
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
    const outcome: Outcome = { seed, violations: [...watcher.violations], trace: [...trace.lines], faults, states }
    world.end()
    return outcome
  })
