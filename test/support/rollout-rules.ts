import { intervalMs } from '../../src/api/analysis.ts'
import { primaryName, serviceNames } from '../../src/api/canary.ts'
import { serviceKind } from '../../src/api/kinds.ts'
import type { Phase } from '../../src/api/phases.ts'
import { nextWeight } from '../../src/core/steps.ts'
import { isForeign } from '../../src/core/take-over.ts'
import { canaryGrows, isRescue, isStatusWrite, pinOf, planOf, type Rule, runsAnalysed, share } from './scene.ts'
import { fieldsOf, isWorkload, selectionOf, servingPods } from './tracks-seen.ts'

/* How a rollout may go on: S2, S6 to S10, S13, S22. */

const recordedStepIsBounded: Rule = scene => {
  const { canary, canaryBefore } = scene
  const [from = 0, to = 0] = [canaryBefore.status.canaryWeight, canary.status.canaryWeight]
  if (!isStatusWrite(scene) || canary.status.phase !== 'Progressing' || to <= from) return undefined
  const plan = planOf(canary)
  const allowed = plan.ladder.length > 0 ? [nextWeight(plan.ladder, from)] : [100]
  return allowed.includes(to) || canary.status.servingFrom === 'canary' ? undefined : `S2: recorded ${from} -> ${to}`
}

const analysedIsWhatRuns: Rule = scene => {
  const { canary } = scene
  const isAnalysed = canary.status.phase === 'Progressing' || canary.status.phase === 'WaitingPromotion'
  if (!isAnalysed || !canaryGrows(scene) || canary.status.servingFrom === 'canary') return undefined
  return runsAnalysed(scene) ? undefined : 'S7: traffic grows towards a revision that is not under analysis'
}

/** Where the target is a Service it is we who lead requests of the canary to another revision: not with the share that the one before it earned. */
const noShareIsInherited: Rule = ({ write, canary, after, primary }) => {
  const isOfCanary = write.kind.kind === serviceKind.kind && write.key.name === serviceNames(canary).canary
  const [from, to] = [write.before, write.after].map(selectionOf)
  if (!isOfCanary || from === undefined || from === to || share(after) === 0) return undefined
  const isOfPrimary = to === selectionOf(primary)
  const mustServe = canary.status.servingFrom === 'canary' || servingPods(primary) === 0 || canary.status.phase === 'Terminating'
  return isOfPrimary || mustServe ? undefined : `S7: another revision gets the ${share(after)}% of the one before it`
}

const neverFallsInRun: Rule = scene => {
  const { canary, canaryBefore } = scene
  const [from = 0, to = 0] = [canaryBefore.status.canaryWeight, canary.status.canaryWeight]
  const same = canary.status.analysed?.hash === canaryBefore.status.analysed?.hash
  const running = canary.status.phase === 'Progressing' && canaryBefore.status.phase === 'Progressing'
  return isStatusWrite(scene) && running && same && to < from && to !== 0 ? `S8: recorded ${from} -> ${to}` : undefined
}

const dwells: Rule = scene => {
  const { after, canary, nowMs, run, isRouteWrite } = scene
  const weight = share(after)
  if (!isRouteWrite || isRescue(scene)) return undefined
  if (canary.status.phase !== 'Progressing' || weight <= run.highestRouted) return undefined
  const sinceMs = run.raisedAtMs === undefined ? Number.POSITIVE_INFINITY : nowMs - run.raisedAtMs
  const stepMs = Math.min(intervalMs(canary), run.intervalMs ?? Number.POSITIVE_INFINITY) // the step that ends had the interval it began with
  run.highestRouted = weight
  run.raisedAtMs = nowMs
  run.intervalMs = intervalMs(canary)
  return sinceMs >= stepMs * 0.9 ? undefined : `S9: raised to ${weight} after ${sinceMs}ms`
}

const thresholdHolds: Rule = scene => {
  const { canary, canaryBefore } = scene
  const spent = (canaryBefore.status.failedChecks ?? 0) >= planOf(canary).threshold
  const rises = (canary.status.canaryWeight ?? 0) > (canaryBefore.status.canaryWeight ?? 0)
  const moves = canary.status.phase === 'Promoting' || (canary.status.phase === 'Progressing' && rises)
  return isStatusWrite(scene) && spent && moves && canaryBefore.status.phase !== 'Promoting' ? 'S10: beyond the threshold' : undefined
}

/** Which phase may follow which. */
const followers: Readonly<Record<Phase | '', readonly (Phase | '')[]>> = {
  '': ['Initializing', 'Terminating'],
  Initializing: ['Initialized', 'Terminating'],
  Initialized: ['Waiting', 'Progressing', 'Initializing', 'Terminating'],
  Waiting: ['Progressing', 'Finalising', 'Failed', 'Initializing', 'Terminating'],
  Progressing: ['Initializing', 'WaitingPromotion', 'Promoting', 'Finalising', 'Failed', 'Terminating'],
  WaitingPromotion: ['Initializing', 'Progressing', 'Promoting', 'Finalising', 'Failed', 'Terminating'],
  Promoting: ['Initializing', 'Progressing', 'Finalising', 'Failed', 'Terminating'],
  Finalising: ['Succeeded', 'Failed', 'Initializing', 'Terminating'],
  Succeeded: ['Waiting', 'Progressing', 'Initializing', 'Terminating'],
  Failed: ['Waiting', 'Progressing', 'Initializing', 'Terminating'],
  Terminating: [],
}

const phaseFollows: Rule = scene => {
  const [from = '', to = ''] = [scene.canaryBefore.status.phase, scene.canary.status.phase]
  if (!isStatusWrite(scene) || from === to || from === 'Terminated' || to === 'Terminated') return undefined
  return followers[from].includes(to) ? undefined : `S13: ${from} -> ${to}`
}

const promotedWasAnalysed: Rule = scene => {
  const { canary, canaryBefore, run } = scene
  const starts = canary.status.phase === 'Promoting' && canaryBefore.status.phase !== 'Promoting'
  if (!isStatusWrite(scene) || !starts || canary.spec.skipAnalysis || canary.status.servingFrom === 'canary') return undefined
  const plan = planOf(canary)
  const wasSwitched = canaryBefore.status.state === 'Progressing.switching' // more iterations that somebody asks for then are none for this run
  const atTop = plan.ladder.length > 0 ? nextWeight(plan.ladder, run.highestRecorded) === undefined : run.iterations >= plan.iterations
  return atTop || wasSwitched ? undefined : `S6: promotes at ${run.highestRecorded}%, after ${run.iterations} iterations`
}

const primaryIsPinned: Rule = ({ write, canary, live }) => {
  if (!isWorkload(write.kind) || write.key.name !== primaryName(canary) || write.verb !== 'apply') return undefined
  if (isForeign(canary.status)) return undefined
  const known = [canary.status.analysed, canary.status.promoted].map(pin => pinOf(canary, live, pin?.name))
  const images = (template: unknown) =>
    JSON.stringify(
      (template as { spec: { containers: { image: string }[] } } | undefined)?.spec.containers.map(container => container.image),
    )
  const runs = images(fieldsOf(write.after, 'spec')['template'])
  return known.some(pin => pin !== undefined && images(pin.template) === runs)
    ? undefined
    : 'S6: the primary got a template that is not pinned'
}

const onlyStatusWhileSuspended: Rule = ({ write, canary, canaryBefore }) => {
  const suspended = canary.spec.suspend && canaryBefore.spec.suspend && !canary.metadata.deletionTimestamp
  return suspended && write.verb !== 'updateStatus' ? `S22: ${write.verb} ${write.kind.kind} while suspended` : undefined
}

/** What holds for the way of a revision after every write. */
export const rolloutRules: readonly Rule[] = [
  recordedStepIsBounded,
  promotedWasAnalysed,
  primaryIsPinned,
  noShareIsInherited,
  analysedIsWhatRuns,
  neverFallsInRun,
  dwells,
  thresholdHolds,
  phaseFollows,
  onlyStatusWhileSuspended,
]
