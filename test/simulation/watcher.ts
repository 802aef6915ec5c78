import type { Clock } from '../../src/clock.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import { createMonitor } from '../support/invariants.ts'
import type { HookNote, OutsideNews } from './outside.ts'
import type { Author } from './process.ts'
import type { StoreView } from './sim-store.ts'

/** Sees every write that the server accepts, and holds it against the safety rules. */
export interface Watcher extends OutsideNews {
  wrote(write: AcceptedWrite, author: Author): void
  report(text: string): void
  readonly violations: readonly string[]
}

export interface WatcherOptions {
  readonly clock: Clock
  readonly store: StoreView
  onViolation(text: string): void
}

/** Times of the rules are those that really passed: whoever sets a clock must not hide a step that came too early. */
const steady = (clock: Clock): Clock => ({
  nowMs: () => clock.monotonicMs(),
  monotonicMs: () => clock.monotonicMs(),
  schedule: (delayMs, task) => clock.schedule(delayMs, task),
})

export const createWatcher = ({ clock, store, onViolation }: WatcherOptions): Watcher => {
  const monitor = createMonitor(steady(clock))
  const violations: string[] = []

  const report = (text: string): void => {
    violations.push(text)
    onViolation(text)
  }

  return {
    violations,
    report,
    wrote: (write, { sight, lookedAtMs }) => {
      for (const text of monitor.check(write, store, () => sight.since(lookedAtMs))) report(text)
    },
    measured: (_process: string, _good: boolean) => {},
    called: (_process: string, _call: HookNote) => {},
  }
}
