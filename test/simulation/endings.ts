import { createChance } from './chance.ts'
import { withDice } from './dice.ts'
import { cannotTakeOver, isPromoted, isSheltered, isStalled, leftOf, pendingOf, unheardOf, unrestOf } from './resting.ts'
import type { Setup } from './setup.ts'
import { canaryOf } from './sim-store.ts'
import { differences, standing } from './standing.ts'
import { lastVersion } from './versions.ts'
import { createWorld, type SimWorld } from './world.ts'

const lookMs = 2000
/** By then every rollout has ended: deadlines of a minute, a few steps of ten seconds, and whatever has to be found out first. */
const patienceMs = 900_000
const quietMs = 90_000

/** Lets time pass until all is as it should be; answers with what is not, when it takes too long or a rule is broken on the way. */
const until = async (world: SimWorld, unrest: () => readonly string[], withinMs: number = patienceMs): Promise<readonly string[]> => {
  const endMs = world.clock.monotonicMs() + withinMs
  while (unrest().length > 0 && world.clock.monotonicMs() < endMs && world.watcher.violations.length === 0) {
    await world.clock.advance(lookMs)
  }
  return world.watcher.violations.length > 0 ? [] : unrest()
}

const isGone = (world: SimWorld) => (): readonly string[] => {
  const canary = world.canary()
  if (!canary) return []
  const { state = '', hold } = canaryOf(canary).status
  return [`S23: the Canary does not go: ${state}${hold ? `, held by ${hold.reason}: ${hold.message}` : ''}`]
}

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
  // what was changed in the last moment may only have begun by then, and messages that nobody took wait up to five minutes
  const unrest = await until(world, () => [...unrestOf(world), ...unheardOf(world), ...pendingOf(world)])
  if (unrest.length > 0 || world.watcher.violations.length > 0) return unrest
  if (isStalled(world) || isSheltered(world)) return []
  await world.clock.advance(5000)
  const before = world.requests()
  await world.clock.advance(quietMs)
  const more = world.requests() - before
  return more === 0 ? [] : [`S19: ${more} requests in ${quietMs / 1000}s at rest`]
}

const repairMs = 60_000

/** What somebody changes by hand at rest is put right. */
const repairsDrift = async (world: SimWorld): Promise<readonly string[]> => {
  const before = standing(world.store)
  world.trace.say('* somebody changes weights, selectors and replicas by hand')
  world.hands.disturb()
  const left = await until(world, () => differences(standing(world.store), before), repairMs)
  return left.map(text => `L5: ${text}`)
}

const references = new Map<string, Promise<readonly string[]>>()

/** Gates, rivals, stores, the strategy and what there was before are the way to the end: they leave no mark on what stands there. */
const straightWay = {
  strategy: 'linear weights',
  isGated: false,
  skipsAnalysis: false,
  isSettled: false,
  hasOwnStore: false,
  lease: undefined,
  company: undefined,
} as const satisfies Partial<Setup>

/** What a team of this kind comes to when nothing ever goes wrong. It throws dice of its own: no seed notices which one asked first. */
const referenceOf = (setup: Setup): Promise<readonly string[]> => {
  const calm = { ...setup, ...straightWay }
  const name = JSON.stringify(calm, Object.keys(calm).toSorted())
  const known = references.get(name) ?? withDice(createChance(0).next, () => undisturbed(calm))
  references.set(name, known)
  return known
}

const undisturbed = async (setup: Setup): Promise<readonly string[]> => {
  const world = createWorld(setup, 0)
  await until(world, () => unrestOf(world))
  world.hands.release(lastVersion)
  await until(world, () => [...unrestOf(world), ...isPromoted(world, lastVersion)])
  const found = standing(world.store)
  world.end()
  return found
}

/** After everything that went wrong the same stands as if nothing had. */
const standsAsEver = async (world: SimWorld): Promise<readonly string[]> => {
  const wanted = await referenceOf(world.setup)
  return differences(standing(world.store), wanted).map(text => `L9: ${text}`)
}

/** Whatever went wrong with the one team, the other one has what it released. */
const leavesNeighbour: Check = world => until(world, () => world.neighbour?.unrest() ?? [])

type Check = (world: SimWorld) => Promise<readonly string[]>

/** Holds the end of a run against one thing after the other, up to the first that is not as it should be. */
const allOf = async (world: SimWorld, checks: readonly Check[]): Promise<readonly string[]> => {
  for (const check of checks) {
    const found = world.watcher.violations.length > 0 ? [] : await check(world)
    if (found.length > 0) return found
  }
  return []
}

const rests: Check = world => until(world, () => unrestOf(world))

const promotesTheLast: Check = world => {
  world.hands.release(lastVersion)
  return until(world, () => [...unrestOf(world), ...isPromoted(world, lastVersion)])
}

const goes: Check = async world => {
  world.drop()
  const left = await until(world, () => (cannotTakeOver(world) ? [] : isGone(world)()))
  return left.length > 0 || cannotTakeOver(world) ? left : until(world, () => leftOf(world))
}

const checks = {
  'a good release': [restore, promotesTheLast, staysQuiet, standsAsEver, repairsDrift],
  'nothing more': [restore, rests, staysQuiet],
  deletion: [restore, goes],
} as const satisfies Readonly<Record<string, readonly Check[]>>
export type Ending = keyof typeof checks

/** All faults stop, the manifests are those of Git again, and the run ends in one of these ways. */
export const settles = (world: SimWorld, ending: Ending): Promise<readonly string[]> => {
  world.heal()
  world.trace.say(`* all faults stop; then ${ending}`)
  return allOf(world, [leavesNeighbour, ...checks[ending]])
}
