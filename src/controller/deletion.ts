import { canaryKind } from '../api/kinds.ts'
import { finalizerMark } from '../api/marks.ts'
import { keyOf } from '../api/object.ts'
import { phaseOf } from '../api/phases.ts'
import { decide } from '../core/decide.ts'
import type { Observation } from '../core/observation.ts'
import { stateOf } from '../core/status-context.ts'
import { desired } from './desired.ts'
import type { Look } from './look.ts'
import { observe } from './observe.ts'
import type { Requeue } from './requeue.ts'
import type { Scene } from './scene.ts'
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

/** A Canary that is being deleted: restored where that was asked for, otherwise let go; owned objects go with it. */
export const restoreIfDeleted = async (look: Look, world: World, io: PassIo): Promise<Requeue> => {
  if (!hasFinalizer(look)) return { afterMs: undefined }
  const place = { world, io }
  const unfinished = hasToRestore(look) ? await restore(look, place) : undefined
  if (unfinished) return unfinished
  await writeFinalizers(look, othersOf(look), place)
  const name = `${look.raw.metadata.name}.${look.raw.metadata.namespace ?? ''}`
  world.events.record(look.raw, { type: 'Normal', reason: 'Terminated', message: `Terminated canary ${name}` })
  return { afterMs: undefined }
}

/** What another Canary has, and what was never touched, is nobody's to restore. */
const hasToRestore = ({ canary, obstacle }: Look): boolean =>
  canary.spec.revertOnDeletion && Boolean(canary.status.phase) && obstacle?.reason !== 'Conflict'

/** Undefined once all is as it was. Where the spec names nothing that is built, nobody knows how that was: it is said, and waited for. */
const restore = async (look: Look, place: Place): Promise<Requeue | undefined> => {
  const { obstacle, ...seen } = observe(look, place.world) // neither a suspended nor an invalid Canary keeps what it changed
  if (!look.scene) return obstacle && settle(decide({ ...seen, obstacle }), look, place)
  if (phaseOf(stateOf(look.canary.status)) !== 'Terminating') return settle(decide({ ...seen, deleting: true }), look, place)
  return revert({ look, scene: look.scene, seen }, place)
}

interface Reversion {
  readonly look: Look
  readonly scene: Scene
  readonly seen: Observation
}

const revert = async ({ look, scene, seen }: Reversion, place: Place): Promise<Requeue | undefined> => {
  const { world, io } = place
  const { held, wrote, error } = await world.converger.converge(desired(scene), io)
  if (wrote > 0 && error === undefined) return { afterMs: 0 }
  if (io.stopping.aborted) return { afterMs: undefined } // the plan may be half done
  if (held) return settle(decide({ ...seen, convergence: held }), look, place)
  const isOver = scene.state === 'Terminating.draining' || look.obstacle?.reason === 'CRDOutdated' // a state that is not kept is not waited in
  return isOver ? undefined : settle(decide({ ...seen, convergence: 'converged' }), look, place)
}
