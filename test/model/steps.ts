import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type RolloutState, states } from '../../src/api/phases.ts'
import { eventTypes, type RolloutEventType } from '../../src/core/events.ts'

/** The program counter as the model keeps it. Weights are percent, revisions are numbers. */
export interface Counter {
  readonly state: RolloutState
  readonly weight: number
  readonly failedChecks: number
  readonly iterations: number
  readonly analysed: number
  readonly promoted: number
  readonly servesFromCanary: boolean
  /** Intervals in a row without an answer. */
  readonly unanswered: number
}

export const plans = ['weights', 'blue-green', 'returns in steps', 'gated', 'skips'] as const
export type PlanName = (typeof plans)[number]
export type Pods = 'DOWN' | 'STARTING' | 'ROLLING' | 'READY' | 'STUCK'
export type Standing = 'UNTRIED' | 'HELD' | 'OVERDUE' | 'STANDS' | 'PENDING'

/** One decision of the model: from which status, on which look at the world, by which event, to which status. */
export interface Step {
  readonly plan: PlanName
  readonly before: Counter
  readonly seen: {
    readonly revision: number
    readonly canary: Pods
    readonly primary: Pods
    readonly deleting: boolean
    readonly verdict: RolloutEventType | undefined
    readonly standing: Standing
  }
  readonly event: RolloutEventType | undefined
  readonly after: Counter
}

const source = readFileSync(join(resolve(import.meta.dirname, '../../models'), 'rollout.pml'), 'utf8')
const numbered = new Map([...source.matchAll(/^#define (\w+) (\d+)$/gm)].map(([, name = '', number = '']) => [name, Number(number)]))

/** The name that the model gives a number, among names of one kind: nothing is numbered twice. */
const namesOf = <Name extends string>(names: readonly Name[], spelling: (name: Name) => string = name => name): ReadonlyMap<number, Name> =>
  new Map(
    names.map(name => {
      const number = numbered.get(spelling(name))
      if (number === undefined) throw new Error(`models/rollout.pml does not define ${spelling(name)}`)
      return [number, name]
    }),
  )

const isModelled = (type: RolloutEventType): boolean => numbered.has(type)
const stateNames = namesOf(states, state => state.replace('.', '_'))
const eventNames = namesOf(eventTypes.filter(isModelled))
const podNames = namesOf<Pods>(['DOWN', 'STARTING', 'ROLLING', 'READY', 'STUCK'])
const standingNames = namesOf<Standing>(['UNTRIED', 'HELD', 'OVERDUE', 'STANDS', 'PENDING'])

const need = <T>(found: T | undefined, what: string): T => {
  if (found === undefined) throw new Error(`expected the model to print ${what}`)
  return found
}

const counterOf = (numbers: readonly number[]): Counter => {
  const [state = -1, weight = 0, failedChecks = 0, iterations = 0, analysed = 0, promoted = 0, served = 0, unanswered = 0] = numbers
  return {
    state: need(stateNames.get(state), 'a state'),
    weight: weight * 50,
    failedChecks,
    iterations,
    analysed,
    promoted,
    servesFromCanary: served === 1,
    unanswered,
  }
}

/** Reads a line that the model printed. */
export const stepOf = (line: string): Step => {
  const numbers = line.split(' ').slice(1).map(Number)
  const [revision = 0, canary = -1, primary = -1, deleting = 0, verdict = 0, standing = -1, event = 0] = numbers.slice(9, 16)
  return {
    plan: need(plans[numbers[0] ?? -1], 'a plan'),
    before: counterOf(numbers.slice(1, 9)),
    seen: {
      revision,
      canary: need(podNames.get(canary), 'pods'),
      primary: need(podNames.get(primary), 'pods'),
      deleting: deleting === 1,
      verdict: eventNames.get(verdict),
      standing: need(standingNames.get(standing), 'how the world stands'),
    },
    event: eventNames.get(event),
    after: counterOf(numbers.slice(16)),
  }
}
