import { canaryKind } from '../../src/api/kinds.ts'
import type { Clock } from '../../src/clock.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import { createMonitor } from '../support/invariants.ts'
import type { HookNote, OutsideNews } from './outside.ts'
import { type Author, drainMs } from './process.ts'
import type { Deed, RuleMaker } from './rule-book.ts'
import { gatesAreKept, stepsOnEvidence, stepsOnOwnEvidence } from './rules-of-evidence.ts'
import { isLiteral } from './rules-of-questions.ts'
import { createReturnWatch, createToll, type Excuses } from './rules-of-time.ts'
import { goesWhenAsked, leadersSucceed, ownsWhatItWrites, rollsBackFirst, tellsSecret } from './rules-of-writing.ts'
import { neighbourNamespace } from './setup.ts'
import { canaryOf, type SimStore, trafficOf } from './sim-store.ts'
import { createWitness } from './testimony.ts'
import { type TargetName, targets } from './tracks.ts'

/** Sees every write that the server accepts, and holds it against the safety rules. */
export interface Watcher extends OutsideNews, Excuses {
  /** A request of a process leaves, Leases and Events aside. */
  asked(process: string): void
  /** Leases and Events aside. */
  wrote(write: AcceptedWrite, author: Author): void
  /** Anything that leaves a process for people to read: a line of its log, or a write of any kind. */
  said(process: string, where: string, text: unknown): void
  /** A process begins, and knows nothing of what another was told. */
  begins(process: string): void
  report(text: string): void
  /** Somebody laid hands on the lease: for so long two processes may both take themselves to lead, as everywhere in the field. */
  pardonLeaders(forMs: number): void
  readonly violations: readonly string[]
}

export interface WatcherOptions {
  readonly clock: Clock
  readonly store: SimStore
  readonly target: TargetName
  /** Another team is there too, whose own rules are looked at elsewhere. */
  readonly hasNeighbour: boolean
  onViolation(text: string): void
}

/**
 * Beside the rules of `test/support/invariants.ts` (S1 to S10, S13, S17, S20, S22), and those that the end of a run is held against (S19, S23,
 * liveness). S14, S21, S25, S27 and S28 are looked at where messages and requests leave, L4 a second after each rollback. What cannot be seen here is
 * held elsewhere: docs/reliability/invariants.md says where. S26 and L8 are looked at in worlds with a neighbour, by itself.
 */
const ruleMakers: readonly RuleMaker[] = [
  stepsOnEvidence,
  stepsOnOwnEvidence,
  gatesAreKept,
  leadersSucceed,
  ownsWhatItWrites,
  goesWhenAsked,
  rollsBackFirst,
]

const teamKey = { namespace: 'test', name: 'podinfo' }

export const createWatcher = ({ clock, store, target, hasNeighbour, onViolation }: WatcherOptions): Watcher => {
  const monitor = createMonitor(clock, drainMs)
  const witness = createWitness(clock)
  const rules = ruleMakers.map(make => make(clock))
  const violations: string[] = []
  const deliveries = new Set<string>()
  let endings = 0
  let pardonedUntilMs = 0

  const report = (text: string): void => {
    violations.push(text)
    onViolation(text)
  }

  const asked = createToll({ clock, report })
  const returning = createReturnWatch({ clock, report }, () => {
    const traffic = trafficOf(store)
    return { uid: store.stored(canaryKind, teamKey)?.metadata.uid, isAway: (traffic?.canary ?? 0) > 0 || traffic?.mirrored === true }
  })

  const isNeighbours = ({ key }: AcceptedWrite): boolean => hasNeighbour && key.namespace === neighbourNamespace

  const deedOf = (write: AcceptedWrite, author: Author): Deed | undefined => {
    const isAbout = write.kind.kind === 'Canary' && write.key.name === teamKey.name
    const raw = store.stored(canaryKind, teamKey) ?? (isAbout ? write.before : undefined)
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
      traffic: trafficOf(store),
      primary: targets[target].primary(store),
      testimony: witness.of(author.process),
    }
  }

  const countEnding = ({ canary, canaryBefore }: Deed): void => {
    const [from, to] = [canaryBefore.status.phase, canary.status.phase]
    if (from !== to && (to === 'Succeeded' || to === 'Failed')) endings += 1
  }

  const judge = (deed: Deed | undefined): void => {
    if (!deed) return
    countEnding(deed)
    returning.look(deed)
    const isPardoned = clock.monotonicMs() < pardonedUntilMs
    const broken = rules.flatMap(rule => rule(deed) ?? []).filter(text => !(isPardoned && text.startsWith('S15')))
    for (const text of broken) report(`${text} (${deed.author.process})`)
  }

  return {
    violations,
    report,
    asked,
    disturbed: returning.disturbed,
    happened: returning.happened,
    pardonLeaders: forMs => {
      pardonedUntilMs = clock.monotonicMs() + forMs
    },
    begins: witness.begins,
    said: (process, where, text) => {
      if (tellsSecret(text)) report(`S25: a secret in ${where} (${process})`)
    },
    wrote: (write, author) => {
      const broken = monitor.check(write, store, () => author.sight.since(author.lookedAt))
      for (const text of broken) if (!(author.isUnrecorded && text.startsWith('S20'))) report(text)
      if (!isNeighbours(write)) judge(deedOf(write, author))
    },
    questioned: (process, query) => {
      if (!isLiteral(query)) report(`S27: a name is more than text in ${query} (${process})`)
    },
    measured: witness.measured,
    called: (process: string, { name, status, idempotencyKey }: HookNote) => {
      witness.called(process, name, status === 200)
      if (name !== 'post-rollout' || idempotencyKey === undefined) return
      deliveries.add(idempotencyKey)
      if (deliveries.size > endings) report(`S21: ${deliveries.size} post-rollout hooks for ${endings} endings`)
    },
  }
}
