import type { RolloutState } from '../../src/api/phases.ts'
import type { RolloutEventType } from '../../src/core/events.ts'
import { type Counter, type PlanName, plans, type Step } from './steps.ts'

/** Where an arrow begins or ends, with revisions told apart by their part in the rollout only. */
export type Place = Omit<Counter, 'analysed' | 'promoted'> & { readonly analyses: 'promoted' | 'new' }

export interface Arrow {
  readonly plan: PlanName
  readonly before: Place
  readonly event: RolloutEventType
  readonly after: Place
}

const placeText = ({ state, weight, failedChecks, iterations, unanswered, analysed, promoted, servesFromCanary }: Counter): string =>
  [
    state,
    `${weight}%`,
    failedChecks,
    unanswered,
    iterations,
    analysed === promoted ? 'promoted' : 'new',
    servesFromCanary ? 'canary' : 'primary',
  ].join(' ')

const planText = (plan: PlanName): string => plan.replaceAll(' ', '-')

/** One line for each arrow that some step of the model takes, with the plans under which it does. */
export const arrowLines = (steps: readonly Step[]): readonly string[] => {
  const found = new Map<string, Set<PlanName>>()
  for (const { plan, before, event, after } of steps) {
    if (event === undefined) continue
    const arrow = `${placeText(before)} -${event}-> ${placeText(after)}`
    found.set(arrow, (found.get(arrow) ?? new Set()).add(plan))
  }
  return [...found].map(([arrow, taking]) => `${arrow}: ${[...taking].map(planText).toSorted().join(' ')}`).toSorted()
}

const placeOf = (text: string): Place => {
  const [state = '', weight = '', failedChecks = '', unanswered = '', iterations = '', analyses = '', serves = ''] = text.split(' ')
  return {
    state: state as RolloutState,
    weight: Number.parseInt(weight, 10),
    failedChecks: Number(failedChecks),
    unanswered: Number(unanswered),
    iterations: Number(iterations),
    analyses: analyses === 'promoted' ? 'promoted' : 'new',
    servesFromCanary: serves === 'canary',
  }
}

/** Reads what `arrowLines` wrote: each arrow once for each plan. */
export const arrowsOf = (line: string): readonly Arrow[] => {
  const found = /^(.+) -(\w+)-> (.+): (.+)$/.exec(line)
  if (!found) throw new Error(`expected an arrow, got ${line}`)
  const [, before = '', event = '', after = '', taking = ''] = found
  return plans
    .filter(plan => taking.split(' ').includes(planText(plan)))
    .map(plan => ({ plan, before: placeOf(before), event: event as RolloutEventType, after: placeOf(after) }))
}
