import type { RolloutState } from '../api/phases.ts'

/*
 * A new state is one name in `api/phases.ts` and one entry in each of three tables: what leads out of it (`machine.ts`), what the cluster has to
 * look like in it (`controller/desired.ts`), and what else is so in it, which stands here.
 */

/** What may be so in a state. */
export type Fact =
  /** Nothing runs: a new revision may start. */
  | 'mayStart'
  /** A primary that is gone, and that nothing can make again, is built from the target: traffic that waited for it would wait for ever. */
  | 'mayStartOver'
  /** The analysed revision is on trial: the canary has to be well, and evidence is asked for. */
  | 'analyses'
  /** The target may move on, or back: the rollout follows it. */
  | 'followsTarget'
  /** Only the health of the primary counts. */
  | 'needsPrimary'
  /** It is not left while the target lacks something. Traffic that goes back, and a copy that stands, need no target. */
  | 'needsTarget'
  /** What holds it for longer than the progress deadline ends it. */
  | 'hasDeadline'
  /** A weight is live, and stays so for an interval before anything is decided. */
  | 'isStep'
  /** Traffic may have to go back to the primary at any moment: it keeps the size that it had. */
  | 'keepsSize'
  /** Traffic is about to move: where Services lead is looked at. Everywhere else a Canary does not hear of each pod that comes and goes. */
  | 'watchesEndpoints'
  /** The primary is meant to run what was analysed. */
  | 'promotes'
  /** The rollout ends without the target, which may say what it likes. */
  | 'isLate'
  /** A track that gets no requests any more keeps its pods for a while. */
  | 'drains'
  /** No revision is on trial, or on its way. */
  | 'isBetweenRollouts'

const initializing: readonly Fact[] = ['needsTarget', 'watchesEndpoints']
const analysing: readonly Fact[] = ['analyses', 'followsTarget', 'needsTarget', 'hasDeadline', 'keepsSize', 'watchesEndpoints']
const promoting: readonly Fact[] = ['promotes', 'hasDeadline', 'keepsSize', 'watchesEndpoints']
const copied: readonly Fact[] = [...promoting, 'needsPrimary', 'isLate']
const finalising: readonly Fact[] = ['promotes', 'hasDeadline', 'keepsSize']
const resting: readonly Fact[] = ['mayStart', 'mayStartOver', 'needsTarget', 'isBetweenRollouts']

const facts: Readonly<Record<RolloutState, readonly Fact[]>> = {
  'Initializing.creating': initializing,
  'Initializing.switching': initializing,
  'Initialized.parking': ['mayStart', 'mayStartOver', 'needsTarget', 'drains'],
  Initialized: resting,
  Waiting: ['mayStartOver', 'needsTarget', 'isBetweenRollouts'],
  'Progressing.scaling': analysing,
  'Progressing.starting': analysing,
  'Progressing.analysing': [...analysing, 'isStep'],
  'Progressing.switching': [...analysing, 'isStep'],
  WaitingPromotion: [...analysing, 'isStep'],
  'Promoting.copying': [...promoting, 'followsTarget'],
  'Promoting.sizing': copied,
  'Promoting.shifting': [...copied, 'isStep'],
  'Promoting.settling': copied,
  'Finalising.draining': [...finalising, 'needsPrimary', 'drains'],
  'Finalising.parking': finalising,
  Succeeded: resting,
  'Failed.restoring': ['needsPrimary', 'isLate', 'hasDeadline', 'keepsSize', 'watchesEndpoints'],
  'Failed.returning': ['mayStartOver', 'hasDeadline', 'keepsSize'],
  'Failed.parking': ['mayStart', 'mayStartOver', 'keepsSize', 'drains'],
  Failed: resting,
  'Terminating.reverting': [],
  'Terminating.draining': ['drains'],
}

/** Whether this is so in a state. */
export const isSo = (fact: Fact, state: RolloutState): boolean => facts[state].includes(fact)
