import { drawAim, incidentsOf } from './aims.ts'
import { createChance } from './chance.ts'
import type { Incident } from './deed.ts'
import { drawIncidents } from './incidents.ts'
import type { Outcome } from './outcome.ts'
import { cannotTakeOver, isPromoted, leftOf, unrestOf } from './resting.ts'
import { drawSetup, fitting, type Setup, setupText } from './setup.ts'
import { lastVersion } from './versions.ts'
import { createWorld, type SimWorld } from './world.ts'

const endings = ['a good release', 'a good release', 'a good release', 'nothing more', 'deletion'] as const

/** What a seed stands for. */
export interface Story {
  readonly seed: number
  readonly setup: Setup
  readonly incidents: readonly Incident[]
  readonly ending: (typeof endings)[number]
}

/** @param keep places of the incidents that happen; all of them when absent */
export const storyOf = (seed: number, keep?: readonly number[]): Story => {
  const chance = createChance(seed)
  const aim = drawAim(chance.apart('aim'))
  const setup = fitting({ ...drawSetup(chance.apart('setup')), ...aim?.setup })
  const others = drawIncidents(chance.apart('incidents'), setup)
  const incidents = aim ? [...incidentsOf(aim, chance.apart('aimed'), setup), ...others.slice(0, chance.whole(0, 2))] : others
  return {
    seed,
    setup,
    incidents: keep ? incidents.filter((_, index) => keep.includes(index)) : incidents,
    ending: chance.apart('ending').pick(endings),
  }
}

const lookMs = 2000
/** By then every rollout has ended: deadlines of a minute, a few steps of ten seconds, and whatever has to be found out first. */
const patienceMs = 900_000
const quietMs = 90_000

/** Lets time pass until all is as it should be; answers with what is not, when it takes too long or a rule is broken on the way. */
const until = async (world: SimWorld, unrest: () => readonly string[]): Promise<readonly string[]> => {
  const endMs = world.clock.monotonicMs() + patienceMs
  while (unrest().length > 0 && world.clock.monotonicMs() < endMs && world.watcher.violations.length === 0) {
    await world.clock.advance(lookMs)
  }
  return world.watcher.violations.length > 0 ? [] : unrest()
}

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
  const endMs = lastMs + (incidents.some(({ after }) => after) ? 90_000 : 20_000)
  while (world.clock.monotonicMs() < endMs && world.watcher.violations.length === 0) await world.clock.advance(lookMs)
  for (const disarm of armed) disarm()
}

const isGone = (world: SimWorld) => (): readonly string[] => (world.canary() ? ['S23: the Canary does not go'] : [])

/** A Canary that was asked to go has gone before it is made again. */
const restore = async (world: SimWorld): Promise<readonly string[]> => {
  const isGoing = world.canary()?.metadata.deletionTimestamp !== undefined
  if (isGoing && cannotTakeOver(world)) world.hands.release(lastVersion)
  const stuck = isGoing ? await until(world, isGone(world)) : []
  world.hands.restore()
  return stuck
}

/** Nothing more has to be done, so nothing is done. */
const staysQuiet = async (world: SimWorld): Promise<readonly string[]> => {
  await world.clock.advance(20_000)
  const unrest = await until(world, () => unrestOf(world)) // what was changed in the last moment may only have begun by then
  if (unrest.length > 0 || world.watcher.violations.length > 0) return unrest
  await world.clock.advance(5000)
  const before = world.requests()
  await world.clock.advance(quietMs)
  const more = world.requests() - before
  return more === 0 ? [] : [`S19: ${more} requests in ${quietMs / 1000}s at rest`]
}

const settles = async (world: SimWorld, { ending }: Story): Promise<readonly string[]> => {
  world.heal()
  world.trace.say(`* all faults stop; then ${ending}`)
  const stuck = await restore(world)
  if (stuck.length > 0) return stuck
  if (ending === 'deletion') {
    world.drop()
    const left = await until(world, () => (cannotTakeOver(world) ? [] : isGone(world)()))
    if (cannotTakeOver(world)) return []
    return left.length > 0 ? left : until(world, () => leftOf(world))
  }
  if (ending === 'a good release') world.hands.release(lastVersion)
  const promoted = ending === 'a good release' ? () => isPromoted(world, lastVersion) : () => []
  const unrest = await until(world, () => [...unrestOf(world), ...promoted()])
  return unrest.length > 0 || world.watcher.violations.length > 0 ? unrest : staysQuiet(world)
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
    if (watcher.violations.length === 0) for (const text of await settles(world, story)) watcher.report(text)
    return { seed, violations: watcher.violations, trace: trace.lines, faults, states }
  })
