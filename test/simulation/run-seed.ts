import { createChance } from './chance.ts'
import { drawIncidents, type Incident } from './incidents.ts'
import type { Outcome } from './outcome.ts'
import { isPromoted, leftOf, unrestOf } from './resting.ts'
import { drawSetup, type Setup, setupText } from './setup.ts'
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

export const storyOf = (seed: number): Story => {
  const chance = createChance(seed)
  const setup = drawSetup(chance.apart('setup'))
  return { seed, setup, incidents: drawIncidents(chance.apart('incidents'), setup), ending: chance.apart('ending').pick(endings) }
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

const play = async (world: SimWorld, { incidents }: Story): Promise<void> => {
  for (const { atMs, text, act } of incidents) {
    world.clock.schedule(atMs, () => {
      world.trace.say(`* ${text}`)
      act(world)
    })
  }
  const endMs = (incidents.at(-1)?.atMs ?? 0) + 20_000
  while (world.clock.monotonicMs() < endMs && world.watcher.violations.length === 0) await world.clock.advance(lookMs)
}

const isGone = (world: SimWorld) => (): readonly string[] => (world.canary() ? ['S23: the Canary does not go'] : [])

/** A Canary that was asked to go has gone before it is made again. */
const restore = async (world: SimWorld): Promise<readonly string[]> => {
  const stuck = world.canary()?.metadata.deletionTimestamp ? await until(world, isGone(world)) : []
  world.hands.restore()
  return stuck
}

/** Nothing more has to be done, so nothing is done. */
const staysQuiet = async (world: SimWorld): Promise<readonly string[]> => {
  await world.clock.advance(20_000)
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
    const left = await until(world, isGone(world))
    return left.length > 0 ? left : until(world, () => leftOf(world))
  }
  if (ending === 'a good release') world.hands.release(lastVersion)
  const promoted = ending === 'a good release' ? () => isPromoted(world, lastVersion) : () => []
  const unrest = await until(world, () => [...unrestOf(world), ...promoted()])
  return unrest.length > 0 || world.watcher.violations.length > 0 ? unrest : staysQuiet(world)
}

/** Plays a story to its end, or up to the first rule that is broken. */
export const tell = async (story: Story): Promise<Outcome> => {
  const { seed, setup } = story
  const world = createWorld(setup, seed)
  world.trace.say(`* ${setupText(setup)}`)
  await play(world, story)
  if (world.watcher.violations.length === 0) for (const text of await settles(world, story)) world.watcher.report(text)
  return { seed, violations: world.watcher.violations, trace: world.trace.lines, faults: world.struck }
}
