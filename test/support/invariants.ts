import { intervalMs, mirrorShareOf } from '../../src/api/analysis.ts'
import { type Canary, primaryName, providerOf } from '../../src/api/canary.ts'
import { canaryKind, controllerRevisionKind, eventKind } from '../../src/api/kinds.ts'
import { type KindRef, type KubeObject, keyOf, keyText, type ObjectKey } from '../../src/api/object.ts'
import type { Phase } from '../../src/api/phases.ts'
import type { Clock } from '../../src/clock.ts'
import { podsFor } from '../../src/core/capacity.ts'
import type { Live } from '../../src/core/live.ts'
import { rolloutPlan } from '../../src/core/rollout-plan.ts'
import { nextWeight } from '../../src/core/steps.ts'
import { isForeign } from '../../src/core/take-over.ts'
import type { Traffic } from '../../src/core/traffic.ts'
import { routers } from '../../src/routing/registry.ts'
import { readPin } from '../../src/targets/pins.ts'
import { capacityRules } from './capacity-rules.ts'
import { isConcerned, oneOfEach, read, trespasses } from './claims.ts'
import type { AcceptedWrite, FakeKubeApi } from './fake-kube-api.ts'
import { fieldsOf, hashOfTarget, isWorkload, newestPods, readyPods, replicasOf, servingPods, tracksOf } from './tracks-seen.ts'

/*
 * The safety rules, looked at after every write that the API accepted, so that they hold at every point at which a crash could leave the
 * cluster. S-numbers are those of the list of invariants that the design follows.
 */

/** The cluster around one write: as it was before, and as it is now. */
export interface Scene {
  readonly write: AcceptedWrite
  readonly canary: Canary
  readonly canaryBefore: Canary
  readonly before: Traffic | undefined
  readonly after: Traffic | undefined
  readonly target: KubeObject | undefined
  readonly primary: KubeObject | undefined
  readonly live: Live
  readonly nowMs: number
  readonly run: Run
  /** Whether an object was written that says where requests go. */
  readonly isRouteWrite: boolean
}

/** What the monitor remembers of the revision under analysis. */
interface Run {
  hash: string | undefined
  highestRecorded: number
  highestRouted: number
  raisedAtMs: number | undefined
  /** Of the step under way, when it began. */
  intervalMs: number | undefined
  iterations: number
}

export type Rule = (scene: Scene) => string | undefined

const share = (traffic: Traffic | undefined): number => traffic?.canary ?? 0
const isStatusWrite = ({ write }: Scene): boolean => write.verb === 'updateStatus' && write.kind.kind === canaryKind.kind
const canaryGrows = ({ before, after }: Scene): boolean =>
  share(after) > share(before) || (after?.mirrored === true && before?.mirrored !== true)
const planOf = (canary: Canary) => rolloutPlan(canary, routers.get(providerOf(canary, 'gatewayapi:v1')).can, { minIntervalMs: 10_000 })

const weightsAddUp: Rule = ({ after, isRouteWrite }) => {
  if (!after || !isRouteWrite) return undefined
  const { primary, canary, mirrored } = after
  const whole = [primary, canary].every(weight => Number.isInteger(weight) && weight >= 0 && weight <= 100)
  if (!whole || primary + canary !== 100) return `S1: ${primary}/${canary}`
  return mirrored && canary > 0 ? 'S1: mirrored with live weight' : undefined
}

const recordedStepIsBounded: Rule = scene => {
  const { canary, canaryBefore } = scene
  const [from = 0, to = 0] = [canaryBefore.status.canaryWeight, canary.status.canaryWeight]
  if (!isStatusWrite(scene) || canary.status.phase !== 'Progressing' || to <= from) return undefined
  const plan = planOf(canary)
  const allowed = plan.ladder.length > 0 ? [nextWeight(plan.ladder, from)] : [100]
  return allowed.includes(to) || canary.status.servingFrom === 'canary' ? undefined : `S2: recorded ${from} -> ${to}`
}

/** The other track lost all its pods: this one takes everything, whatever is recorded. */
const isRescue = ({ after, target, primary }: Scene): boolean => {
  if (!after || after.mirrored) return false
  return after.canary === 0 ? newestPods(target) === 0 : after.primary === 0 && readyPods(primary) === 0 && servingPods(target) > 0
}

/** What is pushed while a revision is promoted was analysed by nobody: it gets less than what is recorded. */
const isWithheld = (scene: Scene): boolean => {
  const { status } = scene.canary
  return status.phase === 'Promoting' && share(scene.after) < (status.canaryWeight ?? 0) && !runsAnalysed(scene)
}

/** Whoever had a Service of his own before the Canary has it as it was when that goes. */
const isHandedBack = ({ canary, after }: Scene): boolean =>
  canary.status.phase === 'Terminating' && canary.spec.revertOnDeletion && after?.canary === 100

const routedIsRecorded: Rule = scene => {
  const { before, after, canary } = scene
  if (!after || (share(after) === share(before) && after.mirrored === before?.mirrored)) return undefined
  const { canaryWeight = 0, mirrored = false } = canary.status
  if (after.canary === canaryWeight && after.mirrored === mirrored) return undefined
  if (isRescue(scene) || isWithheld(scene) || isHandedBack(scene)) return undefined
  return `S20: routed ${after.canary}${after.mirrored ? ' mirrored' : ''}, recorded ${canaryWeight}${mirrored ? ' mirrored' : ''}`
}

/** Pods that the share needs; where sizes are nobody's business, all of them. */
const podsAskedFor = ({ after, canary, target }: Scene): number => {
  const { capacity } = canary.status
  const percent = after?.mirrored ? mirrorShareOf(canary) : share(after)
  return canary.spec.autoscalerRef && capacity ? Math.min(replicasOf(target), podsFor(percent, capacity.primary)) : replicasOf(target)
}

const canaryCanServe: Rule = scene => {
  const { target, primary, canary } = scene
  if (!canaryGrows(scene)) return undefined
  const required = Math.max(1, Math.trunc((podsAskedFor(scene) * canary.spec.analysis.canaryReadyThreshold) / 100))
  const isUrgent = readyPods(primary) === 0 || canary.status.servingFrom === 'canary' || scene.before === undefined
  const isEnough = isUrgent ? servingPods(target) > 0 : readyPods(target) >= required
  return isEnough ? undefined : `S3: ${readyPods(target)} of ${replicasOf(target)} pods of the canary are ready`
}

const primaryCanServe: Rule = ({ before, after, target, primary }) => {
  if (!before || !after || after.primary <= before.primary) return undefined
  return servingPods(primary) > 0 || readyPods(target) === 0 ? undefined : 'S4: the primary has no ready pod'
}

const branchIsNotCut: Rule = ({ write, after, target, canary }) => {
  const parks = write.key.name === canary.spec.targetRef.name && isWorkload(write.kind) && replicasOf(target) === 0
  if (!parks || replicasOf(write.before) === 0) return undefined
  return share(after) === 0 && !after?.mirrored ? undefined : 'S5: parked while it gets traffic'
}

const pinOf = (canary: Canary, live: Live, name: string | undefined) => {
  const found = name === undefined ? undefined : live.get(controllerRevisionKind, { namespace: canary.metadata.namespace ?? '', name })
  return found && readPin(found)
}

const runsAnalysed = ({ canary, live, target }: Scene): boolean => {
  if (!target || isForeign(canary.status)) return true
  const pin = pinOf(canary, live, canary.status.analysed?.name)
  return pin?.templateHash === hashOfTarget(target, live)
}

const analysedIsWhatRuns: Rule = scene => {
  const { canary } = scene
  const isAnalysed = canary.status.phase === 'Progressing' || canary.status.phase === 'WaitingPromotion'
  if (!isAnalysed || !canaryGrows(scene) || canary.status.servingFrom === 'canary') return undefined
  return runsAnalysed(scene) ? undefined : 'S7: traffic grows towards a revision that is not under analysis'
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

const rules: readonly Rule[] = [
  weightsAddUp,
  recordedStepIsBounded,
  routedIsRecorded,
  canaryCanServe,
  primaryCanServe,
  branchIsNotCut,
  promotedWasAnalysed,
  primaryIsPinned,
  analysedIsWhatRuns,
  neverFallsInRun,
  dwells,
  thresholdHolds,
  phaseFollows,
  onlyStatusWhileSuspended,
]

/** The database, as the rules look at it. */
type Database = Pick<FakeKubeApi, 'stored' | 'storedAll'>

export interface Monitor {
  /**
   * Holds one write against the rules; answers with what it broke. Where others change the cluster while a write is under way, `known` tells
   * what its author had been told: nobody is held to more than that of what is not Serin's own.
   */
  check(write: AcceptedWrite, api: Database, known?: () => readonly Live[]): readonly string[]
  readonly violations: readonly string[]
  /** Rules that the test breaks on purpose, by their number. */
  allow(...numbers: readonly string[]): void
  /** @throws {Error} when a rule was broken */
  verify(): void
}

const freshRun = (hash: string | undefined): Run => ({
  hash,
  highestRecorded: 0,
  highestRouted: 0,
  raisedAtMs: undefined,
  intervalMs: undefined,
  iterations: 0,
})

const liveOf = (api: Database): Live => ({
  get: (kind, key) => api.stored(kind, key),
})

/** The cluster as it was before the write. */
const rewound = (live: Live, { kind, key, before }: AcceptedWrite): Live => ({
  ...live,
  get: (other, name) =>
    other.kind === kind.kind && name.name === key.name && name.namespace === key.namespace ? before : live.get(other, name),
})

interface Knowledge {
  readonly live: Live
  readonly picture: Live
  readonly scene: Omit<Scene, 'run'>
  /** Whether an object says something else than what Serin wrote last. */
  isOthers(kind: KindRef, key: ObjectKey): boolean
}

/** The cluster as an author knew it; what was written, what routes say and what is recorded are as they are: those are Serin's own. */
const asKnown = ({ live, picture, isOthers, scene: { write, canary } }: Knowledge): Live => {
  const own = [...routers.get(providerOf(canary, 'gatewayapi:v1')).kinds, canaryKind, write.kind].map(one => one.kind)
  const isOwn = (kind: KindRef, key: ObjectKey): boolean => own.includes(kind.kind) && !isOthers(kind, key)
  return { get: (kind, key) => (isOwn(kind, key) ? live : picture).get(kind, key) }
}

/** `drainMs` is what the controller's flag `drain` says. */
export const createMonitor = (clock: Clock, drainMs = 0): Monitor => {
  const allRules = [...rules, ...capacityRules(drainMs)]
  const runs = new Map<string, Run>()
  const found: string[] = []
  const lastWritten = new Map<string, string>()
  const allowed = new Set<string>()

  const runOf = (name: string, { status }: Canary): Run => {
    const known = runs.get(name)
    const hash = status.analysed?.hash
    const restarted = status.state === 'Progressing.scaling'
    const run = known && known.hash === hash && !restarted ? known : freshRun(hash)
    runs.set(name, run)
    run.highestRecorded = Math.max(run.highestRecorded, status.canaryWeight ?? 0)
    run.iterations = Math.max(run.iterations, status.iterations ?? 0)
    return run
  }

  const sceneOf = (write: AcceptedWrite, live: Live, object: KubeObject): Omit<Scene, 'run'> => {
    const past = rewound(live, write)
    const { canary } = read(object)
    const isOwn = write.kind.kind === canaryKind.kind && keyText(write.key) === keyText(keyOf(object))
    const router = routers.get(providerOf(canary, 'gatewayapi:v1'))
    return {
      write,
      live,
      canary,
      canaryBefore: isOwn && write.before ? read(write.before).canary : canary,
      before: router.observe(canary, past).traffic,
      after: router.observe(canary, live).traffic,
      ...tracksOf(canary, live),
      nowMs: clock.nowMs(),
      isRouteWrite: router.kinds.some(one => one.kind === write.kind.kind),
    }
  }

  const wantText = (object: KubeObject | undefined): string => JSON.stringify(object?.['spec'] ?? null)
  const objectText = ({ kind }: KindRef, { namespace, name }: ObjectKey): string => `${kind} ${namespace}/${name}`

  const broken = (write: AcceptedWrite, live: Live, [object, known]: readonly [KubeObject, () => readonly Live[]]): readonly string[] => {
    const scene = sceneOf(write, live, object)
    const run = runOf(object.metadata.uid ?? '', scene.canary)
    const earlier = { ...run }
    const failing = allRules.flatMap(rule => {
      const text = rule({ ...scene, run })
      return text === undefined ? [] : [{ rule, text }]
    })
    if (failing.length === 0) return []
    const isOthers = (kind: KindRef, key: ObjectKey): boolean => {
      const written = lastWritten.get(objectText(kind, key))
      return written !== undefined && written !== wantText(live.get(kind, key))
    }
    const pictures = known().map(picture => {
      const spec = picture.get(canaryKind, keyOf(object))?.['spec'] ?? object['spec']
      return sceneOf(write, asKnown({ live, picture, scene, isOthers }), { ...object, spec })
    })
    return failing.flatMap(({ rule, text }) => (pictures.some(one => rule({ ...one, run: { ...earlier } }) === undefined) ? [] : text))
  }

  return {
    violations: found,
    allow: (...numbers) => {
      for (const number of numbers) allowed.add(number)
    },
    check: (write, api, known = () => []) => {
      if (write.kind.kind === eventKind.kind) return []
      const live = liveOf(api)
      lastWritten.set(objectText(write.kind, write.key), wantText(write.after))
      const canaries = api.storedAll(canaryKind).filter(one => isConcerned(one, write))
      const [claims] = oneOfEach(canaries)
      const texts = claims.flatMap(object => broken(write, live, [object, known]))
      const news = [...texts.map(text => `${text} (${write.verb} ${write.kind.kind} ${write.key.name})`), ...trespasses(write, canaries)]
      found.push(...news)
      return news
    },
    verify: () => {
      const broken = found.filter(text => !allowed.has(text.split(':')[0] ?? ''))
      if (broken.length > 0) throw new Error(`broken rules:\n${broken.join('\n')}`)
    },
  }
}
