import { canaryKind, serviceKind } from '../api/kinds.ts'
import { keyOf } from '../api/object.ts'
import { decide } from '../core/decide.ts'
import type { Plan } from '../core/plan.ts'
import { stateOf } from '../core/status-context.ts'
import type { Io } from '../io.ts'
import { revertServices } from '../routing/services.ts'
import { applyStep } from './desired-traffic.ts'
import { canaryReady } from './desired-waits.ts'
import { unparkSteps } from './desired-workloads.ts'
import type { Look } from './look.ts'
import { observe } from './observe.ts'
import type { Requeue } from './requeue.ts'
import type { Scene } from './scene.ts'
import { settle } from './settle.ts'
import type { World } from './world.ts'

/** Keeps a Canary from going before what it changed is put back. */
const finalizer = 'finalizer.flagger.app'

const hasFinalizer = ({ raw }: Look): boolean => raw.metadata.finalizers?.includes(finalizer) ?? false

const writeFinalizers = async (look: Look, finalizers: readonly string[], { world, io }: { world: World; io: Io }): Promise<void> => {
  const body = { metadata: { resourceVersion: look.raw.metadata.resourceVersion, finalizers } }
  world.own.wrote(canaryKind, await world.api.patch(canaryKind, keyOf(look.raw), { type: 'merge', body }, io))
}

/** Puts the finalizer on a Canary that wants to be reverted, and takes it from one that no longer does. True when it wrote. */
export const keepFinalizer = async (look: Look, world: World, io: Io): Promise<boolean> => {
  const wanted = look.canary.spec.revertOnDeletion
  if (wanted === hasFinalizer(look)) return false
  const others = (look.raw.metadata.finalizers ?? []).filter(name => name !== finalizer)
  await writeFinalizers(look, wanted ? [...others, finalizer] : others, { world, io })
  return true
}

/** What stood before Serin came: pods in the target first, then the Service and the route that lead to them. */
const revertPlan = (scene: Scene): Plan => {
  const { canary, live, router, target } = scene
  const service = revertServices({ canary, live, label: target.label })
  return [
    ...unparkSteps(scene),
    ...canaryReady(scene),
    ...service.map(manifest => applyStep(scene, serviceKind, manifest)),
    ...router
      .revert(canary, live)
      .flatMap(manifest => router.kinds.filter(kind => kind.kind === manifest.kind).map(kind => applyStep(scene, kind, manifest))),
  ]
}

/** A Canary that is being deleted: restored where that was asked for, otherwise let go; owned objects go with it. */
export const restoreIfDeleted = async (look: Look, world: World, io: Io): Promise<Requeue> => {
  if (!hasFinalizer(look)) return { afterMs: undefined }
  const unfinished = look.canary.spec.revertOnDeletion && look.scene ? await restore(look, look.scene, { world, io }) : undefined
  if (unfinished) return unfinished
  const others = (look.raw.metadata.finalizers ?? []).filter(name => name !== finalizer)
  await writeFinalizers(look, others, { world, io })
  const name = `${look.raw.metadata.name}.${look.raw.metadata.namespace ?? ''}`
  world.events.record(look.raw, { type: 'Normal', reason: 'Terminated', message: `Terminated canary ${name}` })
  return { afterMs: undefined }
}

/** Undefined once all is as it was. */
const restore = async (look: Look, scene: Scene, { world, io }: { world: World; io: Io }): Promise<Requeue | undefined> => {
  if (stateOf(look.canary.status) !== 'Terminating.reverting') {
    return settle(decide({ ...observe(look, world), deleting: true }), look, { world, io })
  }
  const { held, wrote } = await world.converger.converge(revertPlan(scene), io)
  if (wrote > 0) return { afterMs: 0 }
  return held && settle(decide(observe(look, world, { convergence: held })), look, { world, io })
}
