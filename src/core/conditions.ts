import { clip, withAdvice } from '../api/advice.ts'
import type { Canary } from '../api/canary.ts'
import { isIdle, type Phase, phaseOf, type RolloutState } from '../api/phases.ts'
import type { Condition, DeclaredReplicas, Hold } from '../api/status.ts'
import { declaredText } from './declared-replicas.ts'
import type { Obstacle } from './observation.ts'
import type { RolloutContext } from './rollout-context.ts'
import { timeText } from './status-context.ts'

interface Scene {
  readonly canary: Canary
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly hold: Hold | undefined
  readonly obstacle: Obstacle | undefined
  readonly nowMs: number
  /** What works, but deserves a word: older spellings, a hook without a url. */
  readonly remarks: readonly string[]
  readonly declaredReplicas?: DeclaredReplicas | undefined
}
type Draft = Pick<Condition, 'status' | 'reason' | 'message'>
type Truth = Condition['status']

/** What is still to be done after a failure; when all is, the words are those of the field. */
const toDoAfterFailure: Readonly<Partial<Record<RolloutState, (kind: string) => string>>> = {
  'Failed.restoring': () => 'the primary gets back what was promoted before.',
  'Failed.returning': () => 'routing all traffic to primary.',
  'Failed.parking': kind => `scaling ${kind} to zero.`,
}

const failedText = ({ canary, context, state }: Scene): string => {
  const { kind, name } = canary.spec.targetRef
  if (context.servingFrom === 'canary') return `Promotion failed, ${kind} ${name} serves all traffic.`
  return `Canary analysis failed, ${toDoAfterFailure[state]?.(kind) ?? `${kind} scaled to zero.`}`
}

const promotedTexts: Readonly<Record<Phase, readonly [Truth, (scene: Scene) => string]>> = {
  Initializing: ['Unknown', ({ canary }) => `New ${canary.spec.targetRef.kind} detected, starting initialization.`],
  Initialized: ['True', ({ canary }) => `${canary.spec.targetRef.kind} initialization completed.`],
  Waiting: ['Unknown', () => 'Waiting for approval.'],
  Progressing: ['Unknown', () => 'New revision detected, progressing canary analysis.'],
  WaitingPromotion: ['Unknown', () => 'Waiting for approval.'],
  Promoting: ['Unknown', () => 'Canary analysis completed, starting primary rolling update.'],
  Finalising: ['Unknown', () => 'Canary analysis completed, routing all traffic to primary.'],
  Succeeded: ['True', () => 'Canary analysis completed successfully, promotion finished.'],
  Failed: ['False', failedText],
  Terminating: ['Unknown', ({ canary }) => `New ${canary.spec.targetRef.kind} detected, starting initialization.`],
}

/** The field's condition: its reason is always the phase. */
const promoted = (scene: Scene): Draft => {
  const phase = phaseOf(scene.state)
  const [status, text] = promotedTexts[phase]
  return { status, reason: phase, message: text(scene) }
}

/** Where the rollout stands, in one sentence for `kubectl describe`. */
const standing = (scene: Scene): string => {
  const { context, hold, state } = scene
  if (hold) return hold.message
  if (context.failure && phaseOf(state) === 'Failed') return context.failure.message
  const [, text] = promotedTexts[phaseOf(state)]
  return context.weight > 0 ? `${text(scene)} The canary gets ${context.weight}% of the traffic.` : text(scene)
}

const ready = (scene: Scene): Draft => {
  const { state, obstacle, context } = scene
  if (obstacle?.reason === 'Suspended') return readyThough(obstacle, scene)
  if (obstacle) return advised('False', obstacle.reason, obstacle.message)
  if (phaseOf(state) === 'Failed') return advised('False', context.failure?.reason ?? 'Failed', standing(scene))
  return advised(isIdle(state) ? 'True' : 'Unknown', scene.hold?.reason ?? phaseOf(state), standing(scene))
}

/** Being suspended makes nothing unready that rests: tools that wait for a whole set of objects must not wait for somebody's holidays. */
const readyThough = ({ reason, message }: Obstacle, { state, context }: Scene): Draft => {
  if (phaseOf(state) !== 'Failed') return { status: isIdle(state) ? 'True' : 'Unknown', reason, message }
  return { status: 'False', reason, message: clip(`${message}; before that the rollout failed: ${context.failure?.message ?? ''}`) }
}

/** The message ends with what to do, where somebody has to do something. */
const advised = (status: Truth, reason: string, found: string): Draft => ({ status, reason, message: withAdvice(reason, clip(found)) })

const reconciling = (scene: Scene): Draft => {
  const { state, obstacle } = scene
  const works = !obstacle && !isIdle(state) && !overdueInit(scene)
  return {
    status: works ? 'True' : 'False',
    reason: obstacle?.reason ?? scene.hold?.reason ?? phaseOf(state),
    message: clip(obstacle?.message ?? standing(scene)),
  }
}

/** An initialization that overran its deadline stalls: it never fails over, and it goes on by itself when the reason is gone. */
const overdueInit = ({ state, hold, nowMs, canary }: Scene): boolean =>
  phaseOf(state) === 'Initializing' && hold !== undefined && nowMs - Date.parse(hold.since) > canary.spec.progressDeadlineSeconds * 1000

const stalled = (scene: Scene): Draft => {
  const { obstacle, hold, state, context } = scene
  if (obstacle && obstacle.reason !== 'Suspended') return advised('True', obstacle.reason, obstacle.message)
  if (state === 'Failed') return advised('True', context.failure?.reason ?? 'Failed', standing(scene))
  if (overdueInit(scene)) return advised('True', 'ProgressDeadlineExceeded', hold?.message ?? '')
  return { status: 'False', reason: obstacle?.reason ?? phaseOf(state), message: 'Nothing stands in the way.' }
}

const makers: readonly (readonly [string, (scene: Scene) => Draft])[] = [
  ['Promoted', promoted],
  ['Ready', ready],
  ['Reconciling', reconciling],
  ['Stalled', stalled],
]

/**
 * The conditions of a state. A condition whose status, reason and message stay is kept as it is; `lastTransitionTime` moves with the status
 * only, `lastUpdateTime` with status or reason.
 */
export const conditionsOf = (scene: Scene): readonly Condition[] => [
  ...makers.map(([type, make]) => settle(type, make(scene), scene)),
  ...(scene.declaredReplicas?.again ? [settle('ReplicasDeclaredElsewhere', declared(scene.declaredReplicas, scene), scene)] : []),
  ...(scene.remarks.length > 0 ? [settle('Notes', notes(scene), scene)] : []),
]

const declared = (found: DeclaredReplicas, { canary }: Scene): Draft =>
  advised('True', 'ReplicasDeclaredElsewhere', declaredText(canary, found))

const notes = ({ remarks }: Scene): Draft => ({ status: 'True', reason: 'SpecNotes', message: remarks.join('; ') })

const settle = (type: string, draft: Draft, { canary, nowMs }: Scene): Condition => {
  const before = canary.status.conditions?.find(condition => condition.type === type)
  const now = timeText(nowMs)
  const sameStatus = before?.status === draft.status
  const generation = canary.metadata.generation
  return {
    type,
    ...draft,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastUpdateTime: (sameStatus && before?.reason === draft.reason ? before.lastUpdateTime : undefined) ?? now,
    lastTransitionTime: (sameStatus ? before?.lastTransitionTime : undefined) ?? now,
  }
}
