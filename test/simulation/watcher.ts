import { canaryKind } from '../../src/api/kinds.ts'
import type { Clock } from '../../src/clock.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import { createMonitor } from '../support/invariants.ts'
import type { HookNote, OutsideNews } from './outside.ts'
import { type Author, drainMs } from './process.ts'
import { type Deed, isStatusWrite } from './rule-book.ts'
import { isLiteral } from './rules-of-questions.ts'
import { createReturnWatch, createToll, type Excuses, mostRecords, mostRequests } from './rules-of-time.ts'
import { tellsSecret } from './rules-of-writing.ts'
import { neighbourNamespace } from './setup.ts'
import { canaryOf, type SimStore, trafficOf } from './sim-store.ts'
import { createTeamWatch, type TeamWatch } from './team-watch.ts'
import type { TargetName } from './tracks.ts'

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

const teamKey = { namespace: 'test', name: 'podinfo' }

/**
 * Beside the rules of `test/support/invariants.ts`, those that ask who wrote and what he knew (S11, S12, S15, S16, S18, S23, S24, S30), for each
 * team by itself, and those that the end of a run is held against (S19, S23, liveness). S14, S21, S25, S27 and S28 are looked at where messages and
 * requests leave, L4 a second after each rollback. What cannot be seen here is held elsewhere: docs/reliability.md says where. S26 and L8 are looked
 * at in worlds with a neighbour, by itself.
 */
export const createWatcher = ({ clock, store, target, hasNeighbour, onViolation }: WatcherOptions): Watcher => {
  const monitor = createMonitor(clock, drainMs)
  const violations: string[] = []
  const deliveries = new Set<string>()
  let endings = 0
  let pardonedUntilMs = 0

  const report = (text: string): void => {
    violations.push(text)
    onViolation(text)
  }

  const asked = createToll({ clock, report }, { most: mostRequests, what: 'requests' })
  const recorded = createToll({ clock, report }, { most: mostRecords, what: 'statuses of one Canary' })
  const returning = createReturnWatch({ clock, report }, () => {
    const traffic = trafficOf(store)
    const found = store.stored(canaryKind, teamKey)
    const isOver = found !== undefined && canaryOf(found).status.phase !== 'Failed' // a release that waited has a share of its own by now
    return { uid: found?.metadata.uid, isAway: !isOver && ((traffic?.canary ?? 0) > 0 || traffic?.mirrored === true) }
  })

  /** Nobody gets a lease back that somebody else laid hands on: both may write for a while. */
  const complain = (text: string): void => {
    const isPardoned = text.startsWith('S15') && clock.monotonicMs() < pardonedUntilMs
    if (!isPardoned) report(text)
  }
  const team = createTeamWatch({ clock, store, namespace: teamKey.namespace, target, report: complain })
  const neighbour =
    hasNeighbour &&
    createTeamWatch({ clock, store, namespace: neighbourNamespace, target: 'Deployment', report: text => complain(`${text}, a neighbour`) })
  const watchOf = (namespace: string | undefined): TeamWatch => (neighbour && namespace === neighbourNamespace ? neighbour : team)

  const countEnding = ({ canary, canaryBefore }: Deed): void => {
    const [from, to] = [canaryBefore.status.phase, canary.status.phase]
    if (from !== to && (to === 'Succeeded' || to === 'Failed')) endings += 1
  }

  const judge = (write: AcceptedWrite, author: Author): void => {
    const watch = watchOf(write.key.namespace)
    const deed = watch.wrote(write, author)
    if (!deed || watch !== team) return
    if (isStatusWrite(deed)) recorded(author.process)
    countEnding(deed)
    returning.look(deed)
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
    begins: process => {
      team.witness.begins(process)
      if (neighbour) neighbour.witness.begins(process)
    },
    said: (process, where, text) => {
      if (tellsSecret(where, text)) report(`S25: a secret in ${where} (${process})`)
    },
    wrote: (write, author) => {
      const broken = monitor.check(write, store, () => author.sight.since(author.lookedAt))
      for (const text of broken) if (!(author.isUnrecorded && text.startsWith('S20'))) report(text)
      judge(write, author)
    },
    questioned: (process, query) => {
      if (!isLiteral(query)) report(`S27: a name is more than text in ${query} (${process})`)
    },
    measured: (process, { namespace, ...answer }) => watchOf(namespace).witness.measured(process, answer),
    called: (process: string, { name, namespace, status, idempotencyKey }: HookNote) => {
      const { witness } = watchOf(namespace)
      witness.called(process, name, status === 200)
      if (witness !== team.witness) return
      if (name !== 'post-rollout' || idempotencyKey === undefined) return
      deliveries.add(idempotencyKey)
      if (deliveries.size > endings) report(`S21: ${deliveries.size} post-rollout hooks for ${endings} endings`)
    },
  }
}
