import { states } from '../../src/api/phases.ts'
import { oncePerObject } from '../../src/controller/memo.ts'
import { rolloutMachine } from '../../src/core/machine.ts'
import { disturbances } from './deed.ts'
import { faultNames } from './fault-book.ts'

/** What runs came past: names of machine states, of arrows of the machine, and of what went wrong. */
export interface Coverage {
  readonly states: ReadonlySet<string>
  readonly transitions: ReadonlySet<string>
  readonly faults: ReadonlySet<string>
}
export type CoverageField = keyof Coverage

/** What of the machine's definition is looked at here. */
interface Arrow {
  readonly source: { readonly id: string }
  readonly eventType: string
  readonly guard?: unknown
  readonly target?: readonly { readonly id: string }[] | undefined
}

interface Place {
  readonly transitions: ReadonlyMap<string, readonly Arrow[]>
  readonly states: Readonly<Record<string, Place>>
}

const guardText = (guard: unknown): string => {
  if (guard === undefined) return ''
  return ` if ${typeof guard === 'string' ? guard : ((guard as { type?: string }).type ?? 'guarded')}`
}

const shortId = (id: string): string => id.replace(/^rollout\./, '')

const arrowText = oncePerObject(({ source, eventType, guard, target }: Arrow): string => {
  const goal = target?.map(({ id }) => shortId(id)).join(', ') ?? 'stays'
  return `${shortId(source.id)} ${eventType}${guardText(guard)} -> ${goal}`
})

const arrowsOf = ({ transitions, states: inner }: Place): readonly Arrow[] => [
  ...[...transitions.values()].flat(),
  ...Object.values(inner).flatMap(arrowsOf),
]

/** Every arrow of the machine, as its definition has them. */
const arrows: readonly string[] = arrowsOf(rolloutMachine.root as unknown as Place).map(arrowText)

/** All there is to come past. */
const whole: Readonly<Record<CoverageField, readonly string[]>> = {
  states,
  transitions: [...new Set(arrows)],
  faults: [...faultNames, ...disturbances],
}

/** Hears of every arrow that the machine takes from now on. The machine itself stays as it is. */
export const listenToMachine = (onArrow: (name: string) => void): void => {
  const choose = rolloutMachine.getTransitionData.bind(rolloutMachine)
  rolloutMachine.getTransitionData = (...args) => {
    const found = choose(...args)
    for (const arrow of found as readonly unknown[]) onArrow(arrowText(arrow as Arrow))
    return found
  }
}

/** What no run came past. */
const missedBy = (seen: Coverage, field: CoverageField): readonly string[] => whole[field].filter(name => !seen[field].has(name))

/** `all of 22`, or how many, and which ones are missing. */
export const coverageText = (seen: Coverage, field: CoverageField): string => {
  const missed = missedBy(seen, field)
  const { length } = whole[field]
  return missed.length === 0 ? `all of ${length}` : `${length - missed.length} of ${length}, not: ${missed.join('; ')}`
}

/** Whether the runs came past all there is. */
export const isComplete = (seen: Coverage): boolean =>
  (Object.keys(whole) as CoverageField[]).every(field => missedBy(seen, field).length === 0)
