import { sleep } from '../../clock.ts'
import type { Io } from '../../io.ts'
import type { Container, Probe } from '../objects/pod.ts'
import type { CheckResult } from './probe-check.ts'
import { condemns, firstProbeState, observeProbe, type ProbeKind, type ProbeState } from './probe-state.ts'

/** A listener is rarely up in the very moment its program starts; asked then, it would wait a whole period for the next question. */
const firstQuestionMs = 100

/** What becomes of a container by its probes. */
export interface ProbeOutcome {
  /** It has started, and is or is not ready now. */
  health(health: { readonly started: boolean; readonly ready: boolean }): void
  /** One question had a bad answer; that alone decides nothing. */
  failed(kind: ProbeKind, message: string): void
  /** It must be restarted. */
  condemned(kind: ProbeKind, message: string): void
}

export interface ProbeRunnerOptions {
  readonly container: Container
  readonly check: (probe: Probe, io: Io) => Promise<CheckResult>
  readonly outcome: ProbeOutcome
  /** Its signal ends the probing. */
  readonly io: Io
}

interface Watch {
  readonly kind: ProbeKind
  readonly probe: Probe
  readonly changed: (passing: boolean) => void
}

/** Asks again and again until told to stop, the container is condemned, or a startup probe has passed. */
const watchProbe = async ({ kind, probe, changed }: Watch, { check, outcome, io }: ProbeRunnerOptions): Promise<void> => {
  const draw = (before: ProbeState, { ok, message }: CheckResult): ProbeState | undefined => {
    const state = observeProbe(before, ok, probe)
    if (!ok) outcome.failed(kind, message)
    if (state.passing !== before.passing) changed(state.passing)
    if (!condemns(kind, state, probe)) return kind === 'startup' && state.passing ? undefined : state
    outcome.condemned(kind, message)
    return undefined
  }
  let state: ProbeState | undefined = firstProbeState(kind)
  await sleep(io.clock, probe.initialDelaySeconds * 1000 + firstQuestionMs, io.signal)
  while (state && !io.signal.aborted) {
    const askedMs = io.clock.monotonicMs()
    const result = await check(probe, io)
    if (io.signal.aborted) return
    state = draw(state, result)
    if (state) await sleep(io.clock, Math.max(0, probe.periodSeconds * 1000 - (io.clock.monotonicMs() - askedMs)), io.signal)
  }
}

/**
 * Probes one running container until the signal aborts. The startup probe goes first: until it has passed, nobody asks anything else.
 * Without a readiness probe a container is ready as soon as it has started.
 */
export const runProbes = async (options: ProbeRunnerOptions): Promise<void> => {
  const { container, outcome, io } = options
  const { startupProbe, livenessProbe, readinessProbe } = container
  let started = startupProbe === undefined
  if (startupProbe) await watchProbe({ kind: 'startup', probe: startupProbe, changed: passing => (started = passing) }, options)
  if (io.signal.aborted || !started) return
  outcome.health({ started: true, ready: readinessProbe === undefined })
  await Promise.all([
    livenessProbe && watchProbe({ kind: 'liveness', probe: livenessProbe, changed: () => {} }, options),
    readinessProbe &&
      watchProbe({ kind: 'readiness', probe: readinessProbe, changed: ready => outcome.health({ started: true, ready }) }, options),
  ])
}
