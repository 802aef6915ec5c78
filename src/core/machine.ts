import { assign, setup } from 'xstate'
import {
  calledOff,
  failures,
  finished,
  notice,
  primaryLost,
  promotion,
  promotionFails,
  promotionIsTakenBack,
  restore,
  restoreFails,
  restoreIsLeft,
  returned,
  revisions,
  rollBackAtOnce,
  start,
  steps,
  takenOver,
  takenOverInRun,
} from './arrows.ts'
import type { RolloutEvent } from './events.ts'
import type { NoticeParams } from './notices.ts'
import * as change from './rollout-changes.ts'
import type { RolloutContext } from './rollout-context.ts'

/**
 * The rollout, every arrow visible. Pure: it runs through xstate's `transition`, which hands back the next state and the notices as data.
 * Compound states are the phases that users see; `resting` is a phase that has no step left to take.
 */
const machineSetup = setup({
  types: { context: {} as RolloutContext, events: {} as RolloutEvent, input: {} as RolloutContext },
  actions: {
    notice: (_, _params: NoticeParams) => {},
    begin: assign(change.begin),
    restart: assign(change.begin),
    startEvidence: assign(change.evidenceNow),
    hold: assign(change.holdStep),
    count: assign(change.countFailedCheck),
    countSilence: assign(change.countSilence),
    mirrorTraffic: assign(change.mirrorTraffic),
    advanceWeight: assign(change.advanceWeight),
    advanceIteration: assign(change.advanceIteration),
    switchTraffic: assign(change.switchTraffic),
    promote: assign(change.promote),
    returnTraffic: assign(change.returnTraffic),
    rollBack: assign(change.rollBack),
    callOff: assign(change.callOff),
    returnAll: assign(change.returnAll),
    returnUnrestored: assign(change.returnUnrestored),
    serveFromCanary: assign(change.serveFromCanary),
    stayWithCanary: assign(change.stayWithCanary),
    finish: assign(change.finish),
    cancel: assign(change.cancel),
    adopt: assign(change.adopt),
    initialize: assign(change.initialize),
    startOver: assign(change.startOver),
    reject: assign(change.reject),
    retime: assign(change.retime),
    takeOver: assign(change.takeOver),
  },
  guards: {
    analysisIsSkipped: ({ event }) => event.plan.skipAnalysis,
    startsMirrored: ({ context, event }) => event.plan.ladder.length > 0 && event.plan.mirror && context.weight === 0,
    isWeighted: ({ event }) => event.plan.ladder.length > 0,
    weightCanAdvance: ({ context, event }) => change.weightCanAdvance(context, event.plan),
    iterationsRemain: ({ context, event }) => event.plan.iterations > 0 && context.iterations < event.plan.iterations,
    switchesTraffic: ({ context, event }) => event.plan.strategy === 'blue-green' && event.plan.weighs && context.weight < 100,
    reachesThreshold: ({ context, event }) => context.failedChecks + 1 >= event.plan.threshold,
    silenceReachesThreshold: ({ context, event }) => change.isSilence(event) && context.unanswered + 1 >= event.plan.threshold,
    isSilence: ({ event }) => change.isSilence(event),
    promotionGateIsClosed: ({ event }) => event.type === 'CHECKS_WAITING' && event.verdict.gate?.type === 'confirm-promotion',
    startGateIsClosed: ({ event }) => event.type === 'CHECKS_WAITING' && event.verdict.gate !== undefined,
    hasRevision: ({ event }) => event.type === 'CHECKS_PASSED' && event.revision !== undefined,
    trafficIsBack: ({ context, event }) => change.returnedWeight(context, event.plan) === 0,
    nothingWasPromoted: ({ context }) => context.analysed?.hash === context.promoted?.hash,
    runsThePromoted: ({ event }) =>
      event.type === 'TAKEN_OVER' && event.promoted !== undefined && event.analysed?.hash === event.promoted.hash,
    servesFromCanary: ({ context }) => context.servingFrom === 'canary',
  },
})

export const rolloutMachine = machineSetup.createMachine({
  id: 'rollout',
  context: ({ input }) => input,
  initial: 'Initializing',
  on: {
    DELETED: { target: '#Terminating', actions: [notice({ reason: 'Terminating' })] },
    STEP_DELAYED: { actions: 'retime' },
  },
  states: {
    Initializing: {
      id: 'Initializing',
      initial: 'creating',
      on: { REVISION_CHANGED: { target: '.creating', actions: 'adopt' } },
      states: {
        creating: { on: { CONVERGED: 'switching' } },
        switching: { on: { CONVERGED: { target: '#Initialized.parking', actions: ['initialize', notice({ reason: 'Initialized' })] } } },
      },
    },
    Initialized: {
      id: 'Initialized',
      initial: 'resting',
      on: { ...takenOver, ...start },
      states: { parking: { on: { CONVERGED: 'resting' } }, resting: {} },
    },
    Waiting: {
      id: 'Waiting',
      on: {
        ...takenOver,
        PRIMARY_LOST: primaryLost,
        CHECKS_PASSED: start.CHECKS_PASSED,
        CHECKS_WAITING: { actions: ['hold', notice({ reason: 'GateClosed' })] },
        CHECKS_FATAL: { ...rollBackAtOnce, actions: ['reject', ...rollBackAtOnce.actions] },
        RETURNED_TO_PROMOTED: revisions.RETURNED_TO_PROMOTED,
      },
    },
    Progressing: {
      id: 'Progressing',
      initial: 'scaling',
      on: {
        ...takenOverInRun,
        ...revisions,
        ...failures,
        CHECKS_WAITING: [
          { guard: 'promotionGateIsClosed', target: '#WaitingPromotion', actions: ['hold', notice({ reason: 'GateClosed' })] },
          { actions: ['hold', notice({ reason: 'GateClosed' })] },
        ],
      },
      states: {
        scaling: {
          on: {
            CONVERGED: [
              { guard: 'analysisIsSkipped', ...promotion },
              { target: 'starting', actions: ['startEvidence', notice({ reason: 'AnalysisStarted' })] },
            ],
          },
        },
        starting: {
          on: {
            CHECKS_PASSED: [
              { guard: 'analysisIsSkipped', ...promotion },
              { guard: 'startsMirrored', target: 'analysing', actions: ['mirrorTraffic', notice({ reason: 'WeightAdvanced' })] },
              { guard: 'isWeighted', target: 'analysing', actions: ['advanceWeight', notice({ reason: 'WeightAdvanced' })] },
              { target: 'analysing', actions: ['advanceIteration', notice({ reason: 'IterationAdvanced' })] },
            ],
          },
        },
        analysing: { on: { CHECKS_PASSED: steps } },
        switching: { on: { CHECKS_PASSED: promotion } },
      },
    },
    WaitingPromotion: {
      id: 'WaitingPromotion',
      on: {
        ...takenOverInRun,
        ...revisions,
        ...failures,
        CHECKS_WAITING: { actions: ['hold', notice({ reason: 'GateClosed' })] },
        CHECKS_PASSED: steps,
      },
    },
    Promoting: {
      id: 'Promoting',
      initial: 'copying',
      states: {
        copying: {
          on: {
            ...revisions,
            TAKEN_OVER: { target: 'sizing', actions: 'takeOver' },
            CONVERGED: 'sizing',
            DEADLINE_EXCEEDED: rollBackAtOnce,
            CHECKS_FATAL: calledOff,
          },
        },
        sizing: {
          on: {
            CONVERGED: [
              { guard: 'trafficIsBack', target: 'settling', actions: ['returnTraffic', notice({ reason: 'TrafficReturning' })] },
              { target: 'shifting', actions: ['returnTraffic', notice({ reason: 'TrafficReturning' })] },
            ],
            PRIMARY_STUCK: promotionFails,
            BOTH_STUCK: promotionIsTakenBack,
            DEADLINE_EXCEEDED: promotionFails,
            CHECKS_FATAL: calledOff,
          },
        },
        shifting: {
          on: {
            CHECKS_PASSED: [
              { guard: 'trafficIsBack', target: 'settling', actions: ['returnTraffic', notice({ reason: 'TrafficReturning' })] },
              { actions: ['returnTraffic', notice({ reason: 'TrafficReturning' })] },
            ],
            PRIMARY_STUCK: promotionFails,
            BOTH_STUCK: promotionIsTakenBack,
            DEADLINE_EXCEEDED: promotionFails,
            CHECKS_FATAL: restore,
          },
        },
        settling: {
          on: {
            CONVERGED: '#Finalising.draining',
            PRIMARY_STUCK: promotionFails,
            BOTH_STUCK: promotionIsTakenBack,
            DEADLINE_EXCEEDED: promotionFails,
            CHECKS_FATAL: restore,
          },
        },
      },
    },
    Finalising: {
      id: 'Finalising',
      initial: 'draining',
      on: { CHECKS_FATAL: restore },
      states: {
        draining: {
          on: {
            ...takenOver,
            PRIMARY_LOST: primaryLost,
            CONVERGED: 'parking',
            PRIMARY_STUCK: promotionFails,
            BOTH_STUCK: promotionIsTakenBack,
            DEADLINE_EXCEEDED: finished,
          },
        },
        parking: { on: { CONVERGED: finished, DEADLINE_EXCEEDED: finished } },
      },
    },
    Succeeded: { id: 'Succeeded', on: { ...takenOver, ...start } },
    Failed: {
      id: 'Failed',
      initial: 'resting',
      states: {
        restoring: {
          on: {
            CONVERGED: { target: 'returning', actions: 'returnAll' },
            PRIMARY_STUCK: restoreFails,
            BOTH_STUCK: restoreIsLeft,
            DEADLINE_EXCEEDED: restoreFails,
          },
        },
        returning: { on: { ...takenOver, PRIMARY_LOST: primaryLost, CONVERGED: returned, DEADLINE_EXCEEDED: returned } },
        parking: { on: { ...start, CONVERGED: 'resting' } },
        resting: { on: start },
      },
    },
    Terminating: {
      id: 'Terminating',
      initial: 'reverting',
      states: { reverting: { on: { CONVERGED: 'draining' } }, draining: {} },
    },
  },
})
