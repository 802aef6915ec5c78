import type { Probe } from '../objects/pod.ts'

export type ProbeKind = 'startup' | 'liveness' | 'readiness'

/** What a probe has found so far. `passing` changes only after enough equal answers in a row. */
export interface ProbeState {
  readonly passing: boolean
  readonly lastAnswer: boolean | undefined
  /** Equal answers in a row, the last one included. */
  readonly run: number
}

/** Before any answer a container counts as alive, but neither as started nor as ready. */
export const firstProbeState = (kind: ProbeKind): ProbeState => ({ passing: kind === 'liveness', lastAnswer: undefined, run: 0 })

type Thresholds = Pick<Probe, 'successThreshold' | 'failureThreshold'>

/** The state after one more answer. */
export const observeProbe = (state: ProbeState, answer: boolean, { successThreshold, failureThreshold }: Thresholds): ProbeState => {
  const run = state.lastAnswer === answer ? state.run + 1 : 1
  const enough = run >= (answer ? successThreshold : failureThreshold)
  return { passing: enough ? answer : state.passing, lastAnswer: answer, run }
}

/** Whether this very answer means that the container must be restarted: a startup or liveness probe failed too often. */
export const condemns = (kind: ProbeKind, { lastAnswer, run }: ProbeState, { failureThreshold }: Thresholds): boolean =>
  kind !== 'readiness' && lastAnswer === false && run >= failureThreshold
