import { type KindRef, type KubeObject, keyOf, type ManagedFieldsEntry, type Manifest } from '../api/object.ts'
import type { Obstacle } from '../core/observation.ts'
import { holdOf, type Plan, type PlanStep, workOf } from '../core/plan.ts'
import type { Io } from '../io.ts'
import { isKubeError } from '../kube/errors.ts'
import { fieldManager, type KubeApi } from '../kube/kube-api.ts'
import type { ConfigCopier } from './config-copier.ts'
import type { OwnWrites } from './live-view.ts'

/** Carries plans out. */
export interface Converger {
  /**
   * Does what the plan allows now, in order. Answers with what holds it, or undefined when the world is as the plan wants it; `wrote` says
   * whether anything was written, so that the next look is a fresh one.
   * @throws {KubeError} as the API answers
   */
  converge(plan: Plan, io: Io): Promise<Convergence>
}

export interface Convergence {
  readonly held: Obstacle | undefined
  readonly wrote: number
}

export interface ConvergeTools {
  readonly api: KubeApi
  readonly own: OwnWrites
  readonly configs: ConfigCopier
}

type Work = { readonly [V in PlanStep['verb']]: (step: Extract<PlanStep, { verb: V }>, io: Io) => Promise<void> }

export const createConverger = ({ api, own, configs }: ConvergeTools): Converger => {
  const work: Work = {
    apply: async ({ kind, manifest, live }, io) => own.wrote(kind, await api.apply(kind, atVersion(manifest, live), io)),
    create: async ({ kind, manifest }, io) => {
      const created = await unlessThere(() => api.create(kind, manifest, io))
      if (created) own.wrote(kind, created)
    },
    patch: async ({ kind, object, body }, io) => {
      const patched = await api.patch(kind, keyOf(object), { type: 'merge', body: withVersion(body, object) }, io)
      own.wrote(kind, await disown(api, { kind, object: patched }, io))
    },
    copy: async ({ copy }, io) => configs.copy(copy, io),
    delete: async ({ kind, object }, io) => {
      const { uid, resourceVersion } = object.metadata
      await api.delete(kind, keyOf(object), { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }, io)
      own.forget(kind, keyOf(object))
    },
    await: async () => {},
  }
  const run = (step: PlanStep, io: Io): Promise<void> => (work[step.verb] as (step: PlanStep, io: Io) => Promise<void>)(step, io)
  return {
    converge: async (plan, io) => {
      const steps = workOf(plan)
      for (const step of steps) {
        io.log.debug({ step: step.name, verb: step.verb }, 'converging')
        await run(step, io)
      }
      return { held: holdOf(plan), wrote: steps.length }
    },
  }
}

/** An object that is there already was created by somebody a moment ago: the next look will see it. */
const unlessThere = async (create: () => Promise<KubeObject>): Promise<KubeObject | undefined> => {
  try {
    return await create()
  } catch (error) {
    if (isKubeError(error, 'Conflict')) return undefined
    throw error
  }
}

/** An existing object is only written at the version it was read at: a leader that slept cannot undo what came after. */
const atVersion = (manifest: Manifest, live: KubeObject | undefined): Manifest => {
  const resourceVersion = live?.metadata.resourceVersion
  return resourceVersion ? { ...manifest, metadata: { ...manifest.metadata, resourceVersion } } : manifest
}

const withVersion = (body: Readonly<Record<string, unknown>>, { metadata }: KubeObject): Readonly<Record<string, unknown>> => ({
  ...body,
  metadata: { resourceVersion: metadata.resourceVersion },
})

/**
 * Gives up the fields of a foreign object right after they were changed: whoever declares them in Git must not run into a conflict with us.
 * The values stay. Without this, a server-side apply that sets `replicas` would be refused.
 */
const disown = async (api: KubeApi, { kind, object }: Patched, io: Io): Promise<KubeObject> => {
  const index = object.metadata.managedFields?.findIndex(isOurUpdate) ?? -1
  if (index < 0) return object
  const path = `/metadata/managedFields/${index}`
  const body = [
    { op: 'test', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
    { op: 'test', path: `${path}/manager`, value: fieldManager },
    { op: 'remove', path },
  ]
  return api.patch(kind, keyOf(object), { type: 'json', body }, io)
}

interface Patched {
  readonly kind: KindRef
  readonly object: KubeObject
}

const isOurUpdate = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean =>
  manager === fieldManager && operation === 'Update' && !subresource
