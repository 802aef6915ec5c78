/**
 * The rules that every simulated world is held to, by the numbers of the list of invariants that the design follows; C1 to C4 are about pods
 * before traffic, G10 is peace with Git. For each there is a way to break the controller that is about this rule.
 */
export const rulesOfWorlds: Readonly<Record<string, string>> = {
  S1: 'weights add up',
  S2: 'a step is bounded',
  S3: 'no traffic to nothing',
  S4: 'nor from nothing',
  S5: 'no cut branch',
  S6: 'only what was analysed is promoted',
  S7: 'a change restarts',
  S8: 'weights only rise',
  S9: 'each step lasts its interval',
  S10: 'the threshold holds',
  S11: 'no answer is no good answer',
  S12: 'gates are kept',
  S13: 'phases follow each other as published',
  S14: 'one pass at a time',
  S15: 'leaders succeed each other',
  S16: 'only what is ours is written',
  S17: 'one Canary per target',
  S18: 'a Canary stays in its namespace',
  S19: 'quiet when done',
  S20: 'the route says what is recorded',
  S21: 'exactly one outcome',
  S22: 'suspended is suspended',
  S23: 'who is asked to go goes, and puts things back',
  S24: 'a rollback depends on nobody',
  S25: 'secrets stay secret',
  S26: 'what befalls one team shows at no other',
  S27: 'names in questions are nothing but text',
  S28: 'work is bounded',
  S30: 'no promotion without evidence',
  L1: 'every rollout ends',
  L2: 'and then all is at rest',
  L3: 'no revision is lost',
  L4: 'a rollback is done within a second',
  L5: 'drift is repaired',
  L8: 'no step waits for those of others',
  L9: 'the end is that of a run in which nothing went wrong',
  C1: 'the primary keeps its pods while a rollout runs',
  C2: 'a step waits for its pods',
  C3: 'so does the way back',
  C4: 'requests in flight are waited for',
  G10: 'Git meets no conflict',
}

/** The others, and where they are looked at instead: what they are about does not happen in a simulated world. */
export const rulesElsewhere: Readonly<Record<string, { readonly why: string; readonly tests: readonly string[] }>> = {
  L6: { why: 'it is about real time and real sockets', tests: ['faults/row-06-lost-events.test.ts'] },
  L7: {
    why: 'worlds lose leaders all the time, but how fast the next one comes is measured by itself',
    tests: ['faults/row-18-two-leaders.test.ts'],
  },
}
