import { canaryKind } from '../../src/api/kinds.ts'
import type { Clock } from '../../src/clock.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import type { Author } from './process.ts'
import type { Deed, RuleMaker } from './rule-book.ts'
import { gatesAreKept, stepsOnEvidence, stepsOnOwnEvidence } from './rules-of-evidence.ts'
import { goesWhenAsked, leadersSucceed, ownsWhatItWrites, rollsBackFirst } from './rules-of-writing.ts'
import { canaryOf, type StoreView, trafficOf } from './sim-store.ts'
import { createWitness, type Witness } from './testimony.ts'
import { type TargetName, targets } from './tracks.ts'

/** Holds what is written for one team against the rules that ask who wrote it, and what that process had been told. */
export interface TeamWatch {
  /** What the processes were told about this team. */
  readonly witness: Witness
  /** @returns what the write is about; undefined where the team has no Canary */
  wrote(write: AcceptedWrite, author: Author): Deed | undefined
}

export interface TeamWatchOptions {
  readonly clock: Clock
  readonly store: StoreView
  readonly namespace: string
  readonly target: TargetName
  report(text: string): void
}

const ruleMakers: readonly RuleMaker[] = [
  stepsOnEvidence,
  stepsOnOwnEvidence,
  gatesAreKept,
  leadersSucceed,
  ownsWhatItWrites,
  goesWhenAsked,
  rollsBackFirst,
]

/** The store as it looks to those who know one team only, by the names that all teams have. */
const within = (store: StoreView, namespace: string): StoreView => ({
  stored: (kind, { name }) => store.stored(kind, { namespace, name }),
  storedAll: kind => store.storedAll(kind).filter(({ metadata }) => metadata.namespace === namespace),
})

export const createTeamWatch = ({ clock, store, namespace, target, report }: TeamWatchOptions): TeamWatch => {
  const own = within(store, namespace)
  const key = { namespace, name: 'podinfo' }
  const witness = createWitness(clock)
  const rules = ruleMakers.map(make => make(clock))

  const deedOf = (write: AcceptedWrite, author: Author): Deed | undefined => {
    const isAbout = write.kind.kind === canaryKind.kind && write.key.name === key.name
    const raw = own.stored(canaryKind, key) ?? (isAbout ? write.before : undefined)
    if (!raw) return undefined
    const canary = canaryOf(raw)
    const isOwn = isAbout && write.before !== undefined
    return {
      write,
      author,
      nowMs: clock.monotonicMs(),
      raw,
      canary,
      canaryBefore: isOwn && write.before ? canaryOf(write.before) : canary,
      traffic: trafficOf(own),
      primary: targets[target].primary(own),
      testimony: witness.of(author.process),
    }
  }

  return {
    witness,
    wrote: (write, author) => {
      const deed = deedOf(write, author)
      for (const text of deed ? rules.flatMap(rule => rule(deed) ?? []) : []) report(`${text} (${author.process})`)
      return deed
    },
  }
}
