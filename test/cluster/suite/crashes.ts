import type { CanaryView } from '../../../src/sandbox/story/canary-view.ts'
import { type Act, gated, type Outcome, passGates, playAct, releaseFailing, releaseGood, soon } from './rollouts.ts'
import { type Scenario, scenario } from './scenario.ts'
import { killProcess, onlyPod, removePod } from './serin-pods.ts'
import type { OpenOptions } from './shop.ts'
import type { Stage } from './stage.ts'

/** Kills Serin whenever it is told to. */
interface Killer {
  /** At once where its process is known; else the next one dies as soon as it can be found. */
  strike(): void
  /** From now on Serin lives. Resolves with the number of kills. */
  rest(): Promise<number>
}

const createKiller = (stage: Stage): Killer => {
  let told = Promise.withResolvers<void>()
  let over = false
  const run = async (): Promise<number> => {
    for (let kills = 0; ; kills += 1) {
      const victim = await onlyPod(stage)
      await told.promise
      if (over) return kills
      told = Promise.withResolvers()
      killProcess(victim)
      await removePod(stage, victim, 0)
    }
  }
  const running = run()
  running.catch(() => {}) // told where its end is awaited
  return {
    strike: () => told.resolve(),
    rest: () => {
      over = true
      told.resolve()
      return running
    },
  }
}

const beginnings: readonly string[] = ['', 'Initializing', 'Initialized']

const shops: readonly { readonly options: OpenOptions; readonly act: Act }[] = [
  {
    options: { name: 'crash-gates', provider: 'gatewayapi:v1', usersPerSecond: 100, analysis: gated },
    act: passGates,
  },
  { options: { name: 'crash-blue-green', provider: 'kubernetes', usersPerSecond: 30 }, act: releaseGood },
  { options: { name: 'crash-errors', provider: 'gatewayapi:v1', usersPerSecond: 30, analysis: soon }, act: releaseFailing },
]

/** Serin is killed at each step that it records in any of three rollouts, and in one of them from its first look at the Canary on. */
export const crashes: Scenario<{
  readonly kills: number
  /** Phases of Canaries at which it was killed. */
  readonly phases: ReadonlySet<string>
  readonly throughGates: Outcome
  readonly blueGreen: Outcome
  readonly failing: Outcome
}> = scenario(async stage => {
  const killer = createKiller(stage)
  const phases = new Set<string>()
  const onStep = ({ phase }: CanaryView): void => {
    phases.add(phase)
    killer.strike()
  }
  // All shops begin alike: one of them shows it.
  const onRollout = (canary: CanaryView): void => {
    if (!beginnings.includes(canary.phase)) onStep(canary)
  }
  const [throughGates, blueGreen, failing] = await Promise.all(
    shops.map(({ options, act }, at) => playAct(stage, { ...options, onStep: at === 0 ? onStep : onRollout }, act)),
  )
  if (!throughGates || !blueGreen || !failing) throw new Error('expected three shops')
  return { kills: await killer.rest(), phases, throughGates, blueGreen, failing }
})
