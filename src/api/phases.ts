import * as z from 'zod'

/** What a user sees in `kubectl get canary`; the field's words, exactly. */
export const phases = [
  'Initializing',
  'Initialized',
  'Waiting',
  'Progressing',
  'WaitingPromotion',
  'Promoting',
  'Finalising',
  'Succeeded',
  'Failed',
  'Terminating',
] as const
export type Phase = (typeof phases)[number]

/** Phases a stored status may hold: ours, the empty one of a new object, and one that was declared in the field and never written. */
export const StoredPhase = z.enum(['', ...phases, 'Terminated'])

/** The finer states inside the phases, as `status.state` stores them (`Phase` or `Phase.step`). */
export const states = [
  'Initializing.creating',
  'Initializing.switching',
  'Initialized.parking',
  'Initialized',
  'Waiting',
  'Progressing.scaling',
  'Progressing.starting',
  'Progressing.analysing',
  'Progressing.switching',
  'WaitingPromotion',
  'Promoting.copying',
  'Promoting.sizing',
  'Promoting.shifting',
  'Promoting.settling',
  'Finalising.draining',
  'Finalising.parking',
  'Succeeded',
  'Failed.restoring',
  'Failed.returning',
  'Failed.parking',
  'Failed',
  'Terminating.reverting',
  'Terminating.draining',
] as const
export type RolloutState = (typeof states)[number]

/** Where a phase begins: what a status without a sub-state, or with one we do not know, means. */
export const entryStates: Readonly<Record<Phase, RolloutState>> = {
  Initializing: 'Initializing.creating',
  Initialized: 'Initialized',
  Waiting: 'Waiting',
  Progressing: 'Progressing.scaling',
  WaitingPromotion: 'WaitingPromotion',
  Promoting: 'Promoting.copying',
  Finalising: 'Finalising.draining',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Terminating: 'Terminating.reverting',
}

const phaseIn = Object.fromEntries(states.map(state => [state, state.split('.')[0]])) as Readonly<Record<RolloutState, Phase>>

export const phaseOf = (state: RolloutState): Phase => phaseIn[state]

/** Nothing runs: the promoted revision serves (or, after a failed promotion, the canary does) until something new appears. */
export const isIdle = (state: RolloutState): boolean => state === 'Initialized' || state === 'Succeeded' || state === 'Failed'
