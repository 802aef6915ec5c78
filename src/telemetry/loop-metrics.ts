import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What is exposed of the loop itself. */
export interface LoopMetrics {
  /** A pass ended. `outcome` is `done`, `retry` or `terminal`. */
  pass(outcome: string, durationMs: number): void
  /** A Canary that was due waited so long for a worker. */
  waited(ms: number): void
  /** Canaries that are due and wait for a worker. */
  depth(keys: number): void
  /** Evidence was gathered so long after it was due. */
  late(ms: number): void
  leader(leads: boolean): void
  /** Whether another controller of the same Canaries works. */
  otherController(works: boolean): void
  /** What waits in the outbox of one Canary, and how many messages it ever dropped. */
  outbox(canary: string, state: { readonly waiting: number; readonly dropped: number }): void
  forgetOutbox(canary: string): void
}

const fast = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export const createLoopMetrics = (registry: Registry): LoopMetrics => {
  const registers = [registry]
  const passes = new Counter({ name: 'serin_passes_total', help: 'Passes over a Canary, by outcome', labelNames: ['outcome'], registers })
  const duration = new Histogram({ name: 'serin_pass_duration_seconds', help: 'Time that one pass took', buckets: fast, registers })
  const wait = new Histogram({ name: 'serin_queue_wait_seconds', help: 'Time a due Canary waited for a worker', buckets: fast, registers })
  const depth = new Gauge({ name: 'serin_queue_depth', help: 'Canaries that are due and wait for a worker', registers })
  const lateness = new Histogram({
    name: 'serin_evidence_lateness_seconds',
    help: 'How long after it was due the evidence of an analysis was gathered',
    buckets: fast,
    registers,
  })
  const leader = new Gauge({ name: 'serin_leader', help: 'Whether this replica leads: 1 or 0', registers })
  const other = new Gauge({
    name: 'serin_other_controller_active',
    help: 'Whether the Lease of another controller of the same Canaries is live: 1 or 0',
    registers,
  })
  const waiting = new Gauge({ name: 'serin_outbox_depth', help: 'Messages of all Canaries that wait for delivery', registers })
  const dropped = new Counter({
    name: 'serin_outbox_dropped_total',
    help: 'Messages dropped because an outbox was full or they were too old',
    registers,
  })
  const outboxes = new Map<string, { readonly waiting: number; readonly dropped: number }>()

  return {
    pass: (outcome, durationMs) => {
      passes.inc({ outcome })
      duration.observe(durationMs / 1000)
    },
    waited: ms => wait.observe(ms / 1000),
    depth: keys => depth.set(keys),
    late: ms => lateness.observe(ms / 1000),
    leader: leads => leader.set(leads ? 1 : 0),
    otherController: works => other.set(works ? 1 : 0),
    outbox: (canary, state) => {
      const before = outboxes.get(canary)
      waiting.inc(state.waiting - (before?.waiting ?? 0))
      // The first look counts nothing: what an earlier process dropped is in its own series.
      dropped.inc(Math.max(0, state.dropped - (before?.dropped ?? state.dropped)))
      outboxes.set(canary, state)
    },
    forgetOutbox: canary => {
      waiting.dec(outboxes.get(canary)?.waiting ?? 0)
      outboxes.delete(canary)
    },
  }
}
