import { type KindRef, type KubeObject, keyOf, type Manifest, type ObjectKey } from '../api/object.ts'
import type { Obstacle } from '../core/observation.ts'
import { holdOf, type Plan, type PlanStep, workOf } from '../core/plan.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import { isKubeError } from '../kube/errors.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import { type ConfigCopier, CopyRefused } from './config-copier.ts'
import { disown } from './disown.ts'
import { type OwnWrites, objectId } from './own-writes.ts'
import { readBack } from './read-back.ts'
import { Contested, createRestraint, type Written } from './restraint.ts'
import type { PassIo } from './world.ts'

/** Carries plans out. */
export interface Converger {
  /**
   * Does what the plan allows now, in order, until all is done, something is refused, or the process stops. Never rejects but when this
   * process may not write any more.
   * @throws {KubeError} retry: `Fenced`
   */
  converge(plan: Plan, io: PassIo): Promise<Convergence>
}

/** What a plan came to. */
export interface Convergence {
  /** What it waits for; undefined when the world is as the plan wants it. */
  readonly held: Obstacle | undefined
  /** How much was written: then the next look is a fresh one. */
  readonly wrote: number
  /** Why the API server did not do what it was asked for. */
  readonly error?: unknown
}

export interface ConvergeTools {
  readonly api: KubeApi
  readonly own: OwnWrites
  readonly configs: ConfigCopier
}

type Change = Pick<Extract<PlanStep, { verb: 'patch' }>, 'kind' | 'object' | 'body'>

type Work = { readonly [V in PlanStep['verb']]: (step: Extract<PlanStep, { verb: V }>, io: Io) => Promise<void> }

export const createConverger = ({ api, own, configs }: ConvergeTools): Converger => {
  const restraint = createRestraint()
  const patchAndDisown = async ({ kind, object, body }: Change, io: Io): Promise<void> => {
    const patched = await api.patch(kind, keyOf(object), { type: 'merge', body: withVersion(body, object) }, io)
    own.wrote(kind, patched)
    own.wrote(kind, await disown(api, { kind, object: patched }, io))
  }
  const work: Work = {
    apply: async ({ kind, manifest, live }, io) => own.wrote(kind, await api.apply(kind, atVersion(manifest, live), io)),
    create: async ({ kind, manifest }, io) => {
      const { object, refusal } = await createOrFind(api, { kind, manifest }, io)
      own.wrote(kind, object)
      if (refusal) throw refusal
    },
    patch: async ({ kind, object, body }, io) => patchAndDisown({ kind, object, body }, io),
    scale: async ({ kind, object, replicas }, io) => {
      const body = withVersion({ spec: { replicas } }, object)
      const { metadata } = await api.patch(kind, keyOf(object), { type: 'merge', subresource: 'scale', body }, io)
      await patchAndDisown({ kind, object: { ...object, metadata }, body: {} }, io) // a Scale does not say who owns what
    },
    copy: async ({ copy }, io) => configs.copy(copy, io),
    delete: async ({ kind, object }, io) => {
      const { uid, resourceVersion } = object.metadata
      await api.delete(kind, keyOf(object), { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }, io)
      own.deleted(kind, object)
    },
    await: async () => {},
  }
  /** Somebody was faster. A watch would tell, or one that lost its connection would not: the next look has what the server has. */
  const findOut = async (step: PlanStep, io: Io): Promise<void> => {
    const about = subjectOf(step)
    if (!about) return
    try {
      const found = await readBack(api, about, io)
      if (found) own.wrote(about.kind, found)
    } catch (error) {
      io.log.debug({ step: step.name, error: messageOf(error) }, 'what was written meanwhile could not be read, the watch will tell')
    }
  }
  const carryOut = async (step: PlanStep, io: Io): Promise<void> => {
    const contested = contestable(step)
    if (contested) restraint.check(contested, io.clock.monotonicMs())
    await (work[step.verb] as (step: PlanStep, io: Io) => Promise<void>)(step, io)
    if (contested) restraint.wrote(contested, io.clock.monotonicMs())
  }
  /** What refused the step; undefined when it was carried out. */
  const attempt = async (step: PlanStep, io: Io): Promise<Refusal | undefined> => {
    io.log.debug({ step: step.name, verb: step.verb }, 'converging')
    try {
      await carryOut(step, io)
      return undefined
    } catch (error) {
      if (isKubeError(error, 'Fenced')) throw error
      if (isKubeError(error, 'Conflict')) await findOut(step, io)
      return { held: refusalOf(step, error), error }
    }
  }

  return {
    converge: async (plan, io) => {
      const steps = workOf(plan)
      for (const [wrote, step] of steps.entries()) {
        if (io.stopping.aborted) return { held: holdOf(plan), wrote } // the leader that comes next goes on from here
        const refusal = await attempt(step, io)
        if (refusal) return { ...refusal, wrote }
      }
      return { held: holdOf(plan), wrote: steps.length }
    },
  }
}

/** What somebody else could change back, and whose it is. */
const contestable = (step: PlanStep): Written | undefined => {
  switch (step.verb) {
    case 'apply':
      return { object: objectId(step.kind, keyOf(step.manifest)), content: JSON.stringify(step.manifest) }
    case 'patch':
      return { object: `${objectId(step.kind, keyOf(step.object))} ${step.name}`, content: JSON.stringify(step.body) }
    case 'scale':
      return { object: `${objectId(step.kind, keyOf(step.object))} ${step.name}`, content: String(step.replicas) }
    default:
      return undefined
  }
}

/** The object that a step writes at the version it was seen at. */
const subjectOf = (step: PlanStep): { readonly kind: KindRef; readonly key: ObjectKey } | undefined => {
  switch (step.verb) {
    case 'apply':
      return { kind: step.kind, key: keyOf(step.manifest) }
    case 'patch':
    case 'scale':
      return { kind: step.kind, key: keyOf(step.object) }
    default:
      return undefined
  }
}

type Refusal = Required<Pick<Convergence, 'held' | 'error'>>

const refusalOf = ({ name }: PlanStep, error: unknown): Obstacle => {
  if (error instanceof CopyRefused) return { reason: error.code, message: error.message }
  return { reason: error instanceof Contested ? error.code : 'DeferredWrite', message: `${name}: ${messageOf(error)}` }
}

type Fields = Readonly<Record<string, unknown>>

interface Creation {
  readonly kind: KindRef
  readonly manifest: Manifest
}

interface Creature {
  readonly object: KubeObject
  /** It is there, but goes with an owner of its own. */
  readonly refusal?: unknown
}

const ownersOf = ({ metadata }: KubeObject | Manifest): readonly string[] => (metadata.ownerReferences ?? []).map(({ uid }) => uid)

/**
 * One that is there already was created a moment ago, perhaps by us in an attempt whose answer was lost: it is read, because caches lag. One of
 * an owner that is gone is about to go as well: the next pass sees it, and whose it is.
 */
const createOrFind = async (api: KubeApi, { kind, manifest }: Creation, io: Io): Promise<Creature> => {
  try {
    return { object: await api.create(kind, manifest, io) }
  } catch (error) {
    const object = isKubeError(error, 'Conflict') ? await readBack(api, { kind, key: keyOf(manifest) }, io) : undefined
    if (!object) throw error
    const isOurs = ownersOf(manifest).every(uid => ownersOf(object).includes(uid))
    return isOurs ? { object } : { object, refusal: error }
  }
}

/**
 * An existing object is only written at the version it was read at: a leader that slept cannot undo what came after. A version alone lets apply
 * create what was deleted meanwhile, with nothing in it but our fields; an identity does not.
 */
const atVersion = (manifest: Manifest, live: KubeObject | undefined): Manifest => {
  const { uid, resourceVersion } = live?.metadata ?? {}
  return resourceVersion ? { ...manifest, metadata: { ...manifest.metadata, ...(uid && { uid }), resourceVersion } } : manifest
}

const withVersion = (body: Fields, { metadata }: KubeObject): Fields => ({
  ...body,
  metadata: { ...(body['metadata'] as Fields | undefined), resourceVersion: metadata.resourceVersion },
})
