import { canaryKind, serviceKind } from '../api/kinds.ts'
import { finalizerMark } from '../api/marks.ts'
import { keyOf } from '../api/object.ts'
import { decide } from '../core/decide.ts'
import type { Plan } from '../core/plan.ts'
import { stateOf } from '../core/status-context.ts'
import { revertServices } from '../routing/services.ts'
import { applyStep } from './desired-traffic.ts'
import { canaryReady } from './desired-waits.ts'
import { takeOverSteps } from './desired-workloads.ts'
import type { Look } from './look.ts'
import { observe } from './observe.ts'
import type { Requeue } from './requeue.ts'
import { type Scene, targetExists } from './scene.ts'
import { settle } from './settle.ts'
import type { PassIo, World } from './world.ts'

interface Place {
  readonly world: World
  readonly io: PassIo
}

const hasFinalizer = ({ raw }: Look): boolean => raw.metadata.finalizers?.includes(finalizerMark) ?? false

const writeFinalizers = async (look: Look, finalizers: readonly string[], { world, io }: Place): Promise<void> => {
  const body = { metadata: { resourceVersion: look.raw.metadata.resourceVersion, finalizers } }
  world.own.wrote(canaryKind, await world.api.patch(canaryKind, keyOf(look.raw), { type: 'merge', body }, io))
}

const othersOf = ({ raw }: Look): readonly string[] => (raw.metadata.finalizers ?? []).filter(name => name !== finalizerMark)

/** Puts the finalizer on a Canary that wants to be reverted, and takes it from one that no longer does. True when it wrote. */
export const keepFinalizer = async (look: Look, world: World, io: PassIo): Promise<boolean> => {
  const wanted = look.canary.spec.revertOnDeletion
  if (wanted === hasFinalizer(look)) return false
  await writeFinalizers(look, wanted ? [...othersOf(look), finalizerMark] : othersOf(look), { world, io })
  return true
}

/** What stood before Serin came: pods in the target first, then the Service and the route that lead to them. */
const revertPlan = (scene: Scene): Plan => {
  const { canary, live, router, target } = scene
  const service = revertServices({ canary, live, label: target.label })
  return [
    ...takeOverSteps(scene),
    ...(targetExists(scene) ? canaryReady(scene) : []), // a target that is gone is waited for by nobody
    ...service.map(manifest => applyStep(scene, serviceKind, manifest)),
    ...router
      .revert(canary, live)
      .flatMap(manifest => router.kinds.filter(kind => kind.kind === manifest.kind).map(kind => applyStep(scene, kind, manifest))),
  ]
}

/** A Canary that is being deleted: restored where that was asked for, otherwise let go; owned objects go with it. */
export const restoreIfDeleted = async (look: Look, world: World, io: PassIo): Promise<Requeue> => {
  if (!hasFinalizer(look)) return { afterMs: undefined }
  const place = { world, io }
  const unfinished = look.canary.spec.revertOnDeletion && look.scene ? await restore(look, look.scene, place) : undefined
  if (unfinished) return unfinished
  await writeFinalizers(look, othersOf(look), place)
  const name = `${look.raw.metadata.name}.${look.raw.metadata.namespace ?? ''}`
  world.events.record(look.raw, { type: 'Normal', reason: 'Terminated', message: `Terminated canary ${name}` })
  return { afterMs: undefined }
}

/** Undefined once all is as it was. */
const restore = async (look: Look, scene: Scene, place: Place): Promise<Requeue | undefined> => {
  const { world, io } = place
  if (stateOf(look.canary.status) !== 'Terminating.reverting') {
    return settle(decide({ ...observe(look, world), deleting: true }), look, place)
  }
  const { held, wrote, error } = await world.converger.converge(revertPlan(scene), io)
  if (wrote > 0 && error === undefined) return { afterMs: 0 }
  if (io.stopping.aborted) return { afterMs: undefined } // the plan may be half done
  return held && settle(decide(observe(look, world, { convergence: held })), look, place)
}
