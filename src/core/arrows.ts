import type { NoticeParams } from './notices.ts'

/*
 * Arrows of the rollout machine that several of its states share, by what they mean. Targets, guards and actions are named as the machine
 * names them; it would not compile with one that it does not know.
 */

/** Something that people hear when the arrow is taken. */
export const notice = (params: NoticeParams) => ({ type: 'notice' as const, params })

export const primaryLost = { target: '#Initializing', actions: ['startOver', notice({ reason: 'PinMissing' })] } as const

/** Where another controller left off without anything under way. */
export const takenOver = { TAKEN_OVER: { actions: 'takeOver' } } as const

/** What another controller had found out about a canary is known to nobody: its analysis begins anew. */
export const takenOverInRun = {
  TAKEN_OVER: [
    { guard: 'runsThePromoted', target: '#Finalising.draining', actions: ['takeOver', 'cancel', notice({ reason: 'ReturnedToPromoted' })] },
    { target: '#Progressing.scaling', actions: ['takeOver', 'begin', notice({ reason: 'AnalysisRestarted' })] },
  ],
} as const

/** A new revision may start from here: nothing runs. */
export const start = {
  PRIMARY_LOST: primaryLost,
  REVISION_CHANGED: { target: '#Progressing.scaling', actions: ['begin', notice({ reason: 'RevisionDetected' })] },
  CHECKS_PASSED: [{ guard: 'hasRevision', target: '#Progressing.scaling', actions: ['begin', notice({ reason: 'RevisionDetected' })] }],
  CHECKS_WAITING: [{ guard: 'startGateIsClosed', target: '#Waiting', actions: ['hold', notice({ reason: 'GateClosed' })] }],
} as const

export const rollBackAtOnce = {
  target: '#Failed.returning',
  actions: ['rollBack', notice({ reason: 'RolledBackAtOnce' }), notice({ reason: 'RolledBack' })],
} as const

/** In mid-run the target may move on, or back. */
export const revisions = {
  PRIMARY_LOST: primaryLost,
  REVISION_CHANGED: { target: '#Progressing.scaling', actions: ['restart', notice({ reason: 'RevisionRestarted' })] },
  RETURNED_TO_PROMOTED: { target: '#Finalising.draining', actions: ['cancel', notice({ reason: 'ReturnedToPromoted' })] },
} as const

export const failures = {
  CHECKS_FAILED: [
    {
      guard: 'reachesThreshold',
      target: '#Failed.returning',
      actions: ['count', 'rollBack', notice({ reason: 'FailedChecksThreshold' }), notice({ reason: 'RolledBack' })],
    },
    { actions: ['count', 'hold', notice({ reason: 'CheckFailed' })] },
  ],
  CHECKS_INCONCLUSIVE: [
    {
      guard: 'silenceReachesThreshold',
      target: '#Failed.returning',
      actions: ['countSilence', 'rollBack', notice({ reason: 'NoEvidence' }), notice({ reason: 'RolledBack' })],
    },
    { guard: 'isSilence', actions: ['countSilence', 'hold', notice({ reason: 'CheckInconclusive' })] },
    { actions: ['hold', notice({ reason: 'CheckInconclusive' })] },
  ],
  CHECKS_FATAL: rollBackAtOnce,
  CANARY_STUCK: rollBackAtOnce,
  DEADLINE_EXCEEDED: rollBackAtOnce,
  PLAN_CHANGED: { target: '#Progressing.scaling', actions: ['restart', notice({ reason: 'AnalysisRestarted' })] },
} as const

export const promotion = { target: '#Promoting.copying', actions: ['promote', notice({ reason: 'PromotionStarted' })] } as const

/** What passed checks lead to, at a weight or an iteration. */
export const steps = [
  { guard: 'analysisIsSkipped', ...promotion },
  { guard: 'weightCanAdvance', target: '#Progressing.analysing', actions: ['advanceWeight', notice({ reason: 'WeightAdvanced' })] },
  { guard: 'iterationsRemain', target: '#Progressing.analysing', actions: ['advanceIteration', notice({ reason: 'IterationAdvanced' })] },
  { guard: 'switchesTraffic', target: '#Progressing.switching', actions: [notice({ reason: 'TrafficSwitched' }), 'switchTraffic'] },
  promotion,
] as const

/** The copy has begun, or is done: the primary needs the promoted template back. Where it runs what was promoted, nobody is asked (`appealOf`). */
export const restore = {
  target: '#Failed.restoring',
  actions: ['callOff', notice({ reason: 'RolledBackAtOnce' }), notice({ reason: 'RolledBack' })],
} as const

/** A primary that did not serve before gets nothing back: the canary goes on serving. */
export const calledOff = [{ guard: 'servesFromCanary', ...rollBackAtOnce }, restore] as const

export const promotionFails = {
  target: '#Failed.returning',
  actions: ['serveFromCanary', notice({ reason: 'PromotionFailed' })],
} as const

/** Nothing but what was promoted before is known to serve: the primary gets it back. */
export const promotionIsTakenBack = { target: '#Failed.restoring', actions: ['callOff', notice({ reason: 'PromotionFailed' })] } as const

/** The rollout was called off already, and whoever waits for its end was told. */
export const restoreFails = { ...promotionFails, actions: ['stayWithCanary', notice({ reason: 'RestoreFailed' })] } as const

/** Neither track serves: whichever comes up first ends that, and what was promoted belongs to the primary. */
export const restoreIsLeft = { target: '#Failed.returning', actions: ['returnUnrestored', notice({ reason: 'RestoreFailed' })] } as const

/** Where the canary serves there is nothing to tidy up. */
export const returned = [{ guard: 'servesFromCanary', target: '#Failed.resting' }, { target: '#Failed.parking' }] as const

/** The analysed revision is what runs: nothing is left but to tidy up. */
export const finished = [
  { guard: 'nothingWasPromoted', target: '#Succeeded', actions: 'finish' },
  { target: '#Succeeded', actions: ['finish', notice({ reason: 'PromotionFinished' })] },
] as const
