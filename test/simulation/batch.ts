import type { Coverage } from './coverage.ts'
import { listenToMachine } from './coverage.ts'
import type { Outcome } from './outcome.ts'
import { storyOf, tell } from './run-seed.ts'

/** What some runs came to, in a form that goes from thread to thread. */
export interface BatchResult extends Coverage {
  readonly seeds: number
  readonly broken: readonly BrokenSeed[]
}

export interface BrokenSeed {
  readonly seed: number
  readonly violations: readonly string[]
}

/** Whatever is thrown out of a run is a defect as well, of the controller or of the simulation. */
const orCrash = (seed: number, told: Promise<Outcome>): Promise<Outcome> =>
  told.catch((error: unknown) => ({
    seed,
    violations: [`CRASH: ${error instanceof Error ? error.stack : String(error)}`],
    trace: [],
    faults: new Set<string>(),
    states: new Set<string>(),
  }))

const transitions = new Set<string>()
let isListening = false

/** Tells the stories of these seeds, one after the other. */
export const runBatch = async (seeds: readonly number[]): Promise<BatchResult> => {
  if (!isListening) listenToMachine(name => transitions.add(name))
  isListening = true
  const [states, faults, broken] = [new Set<string>(), new Set<string>(), [] as BrokenSeed[]]
  for (const seed of seeds) {
    const outcome = await orCrash(seed, tell(storyOf(seed)))
    for (const state of outcome.states) states.add(state)
    for (const fault of outcome.faults) faults.add(fault)
    if (outcome.violations.length > 0) broken.push({ seed, violations: outcome.violations })
  }
  return { seeds: seeds.length, broken, states, faults, transitions: new Set(transitions) }
}
