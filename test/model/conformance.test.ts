import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { transition } from 'xstate'
import { type RolloutState, states } from '../../src/api/phases.ts'
import type { RolloutEvent } from '../../src/core/events.ts'
import { rolloutMachine } from '../../src/core/machine.ts'
import { freshContext, type RolloutContext } from '../../src/core/rollout-context.ts'
import { fromStateValue, toStateValue } from '../../src/core/status-context.ts'
import { anObservation, answer, aRevision, epochMs } from '../support/builders.ts'
import { type Arrow, arrowsOf, type Place } from './arrows.ts'
import { canaryOf } from './walk.ts'

/*
 * models/rollout.arrows holds every arrow that the checked model takes; `npm run model` says whether it still does. Here the machine is held
 * against them, in both directions.
 */

const lines = readFileSync(join(resolve(import.meta.dirname, '../../models'), 'rollout.arrows'), 'utf8')
  .trim()
  .split('\n')
const arrows = lines.flatMap(arrowsOf)

const promoted = aRevision('1').pin
const analysed = aRevision('2').pin
const newest = aRevision('3').pin

const contextOf = ({ analyses, weight, failedChecks, iterations, unanswered, servesFromCanary }: Place): RolloutContext => ({
  ...freshContext(epochMs),
  weight,
  failedChecks,
  iterations,
  unanswered,
  servingFrom: servesFromCanary ? 'canary' : 'primary',
  promoted,
  analysed: analyses === 'promoted' ? promoted : analysed,
})

/** A gate holds where it is asked: before the start, before more traffic, before the promotion. */
const gateOf = ({ before, after }: Arrow) =>
  after.state === 'WaitingPromotion'
    ? ('confirm-promotion' as const)
    : before.state.startsWith('Progressing.')
      ? undefined
      : ('confirm-rollout' as const)

const eventOf = (arrow: Arrow): RolloutEvent => {
  const gate = gateOf(arrow)
  const starts = arrow.event !== 'CHECKS_PASSED' || arrow.after.state === 'Progressing.scaling'
  const revision = arrow.after.analyses === 'promoted' ? promoted : newest
  const verdict = { kind: 'wait', reason: 'NoData', message: 'closed', ...(gate ? { gate: { ...answer(gate, false), muted: false } } : {}) }
  const { plan } = anObservation(canaryOf(arrow.plan))
  return {
    type: arrow.event,
    nowMs: epochMs,
    plan,
    ...(starts && { revision }),
    verdict,
    grants: [],
    message: 'stuck',
  } as unknown as RolloutEvent
}

const taken = (arrow: Arrow): Place => {
  const { before } = arrow
  const snapshot = rolloutMachine.resolveState({ value: toStateValue(before.state), context: contextOf(before) })
  const [{ value, context }] = transition(rolloutMachine, snapshot, eventOf(arrow))
  return {
    state: fromStateValue(value),
    weight: context.weight,
    failedChecks: context.failedChecks,
    iterations: context.iterations,
    unanswered: context.unanswered,
    analyses: context.analysed?.hash === context.promoted?.hash ? 'promoted' : 'new',
    servesFromCanary: context.servingFrom === 'canary',
  }
}

interface Node {
  readonly path: readonly string[]
  readonly initial?: { readonly target?: readonly Node[] | undefined } | undefined
  readonly transitions: ReadonlyMap<string, readonly { readonly target?: readonly Node[] | undefined }[]>
  readonly parent?: Node | undefined
}

const leafOf = (node: Node): RolloutState => {
  const inner = node.initial?.target?.[0]
  if (inner) return leafOf(inner)
  const [phase = '', step] = node.path
  return fromStateValue(step ? { [phase]: step } : phase)
}

/** Every change of state that the machine's definition allows: `state -EVENT-> state`. */
const defined = (state: RolloutState): readonly string[] => {
  const { _nodes: nodes } = rolloutMachine.resolveState({ value: toStateValue(state), context: freshContext(epochMs) }) as unknown as {
    readonly _nodes: readonly Node[]
  }
  const found = nodes.flatMap(node =>
    [...node.transitions].flatMap(([event, list]) =>
      list.flatMap(({ target = [] }) => target.map(to => `${state} -${event}-> ${leafOf(to)}`)),
    ),
  )
  return [...new Set(found)]
}

/** What the model leaves out, and why. */
const beyondTheModel: Readonly<Record<string, string>> = {
  PRIMARY_LOST: 'somebody deletes the primary and its pinned template',
  PLAN_CHANGED: 'somebody edits the strategy or the routing layer in mid-run',
  TAKEN_OVER: 'another controller began this rollout',
}
/** Arrows whose guards no plan of the model makes true there. */
const unreachable: readonly string[] = [
  // nobody is asked there
  'Progressing.scaling -CHECKS_FAILED-> Failed.returning',
  'Progressing.scaling -CHECKS_INCONCLUSIVE-> Failed.returning',
  'Progressing.scaling -CHECKS_FATAL-> Failed.returning',
  'Progressing.scaling -CHECKS_WAITING-> WaitingPromotion',
  // no metric is asked there
  'Progressing.starting -CHECKS_INCONCLUSIVE-> Failed.returning',
  // no gate of the promotion is asked there
  'Progressing.starting -CHECKS_WAITING-> WaitingPromotion',
  'Progressing.switching -CHECKS_WAITING-> WaitingPromotion',
  // somebody lengthens the ladder while its end is waited at
  'WaitingPromotion -CHECKS_PASSED-> Progressing.analysing',
  // what has to be written there is refused by nobody in the model
  'Promoting.copying -CHECKS_FATAL-> Failed.returning',
  // whoever terminates hears of its deletion no more
  'Terminating.reverting -DELETED-> Terminating.reverting',
  'Terminating.draining -DELETED-> Terminating.reverting',
]

describe('the machine and its model', () => {
  it.each(Object.keys(Object.groupBy(arrows, ({ before }) => before.state)))('agree on every arrow from %s', state => {
    const own = arrows.filter(({ before }) => before.state === state)
    expect(own.map(taken)).toEqual(own.map(({ after }) => after))
  })

  it('know the same states', () =>
    expect([...new Set(arrows.flatMap(({ before, after }) => [before.state, after.state]))].toSorted()).toEqual([...states].toSorted()))

  it('know the same arrows', () => {
    const modelled = new Set(arrows.map(({ before, event, after }) => `${before.state} -${event}-> ${after.state}`))
    const ours = states.flatMap(defined).filter(arrow => !Object.keys(beyondTheModel).some(event => arrow.includes(`-${event}->`)))
    expect(ours.filter(arrow => !modelled.has(arrow) && !unreachable.includes(arrow))).toEqual([])
  })
})
