import { controllerRevisionKind } from '../api/kinds.ts'
import { isOwnedBy, sharedOwners } from '../api/ownership.ts'
import type { Pin } from '../api/status.ts'
import type { Obstacle } from '../core/observation.ts'
import type { Plan } from '../core/plan.ts'
import { pinManifest, removablePins, revisionHashOf } from '../targets/pins.ts'
import type { PinnedTemplate } from '../targets/workload.ts'
import type { Scene } from './scene.ts'

/** What a pin has to hold, as long as the target, or a primary that is being taken over, still says it. */
const contentOf = ({ target, workload, digests, origin }: Scene, { hash }: Pin): PinnedTemplate | undefined => {
  if (digests && hash === revisionHashOf(target.templateHash, digests)) return workload.pin(target, digests)
  return hash === origin?.pin.hash ? origin.pinned : undefined
}

const keyOfPin = ({ canary }: Scene, { name }: Pin) => ({ namespace: canary.metadata.namespace ?? '', name })

/**
 * One that stands there may be of a Canary that was deleted and made again, or of one that had the target before: it goes with that one, unless
 * it is ours as well. What it holds is what its name says.
 */
const pinStep = (scene: Scene, pin: Pin): Plan => {
  const { canary, live, pins } = scene
  const [name, kind] = [`ControllerRevision ${pin.name}`, controllerRevisionKind]
  const object = live.get(kind, keyOfPin(scene, pin))
  if (object && isOwnedBy(object, canary)) return []
  if (object) {
    const body = { metadata: { ownerReferences: sharedOwners(canary, object) } }
    return [{ verb: 'patch', name: `keep ${name}`, kind, object, body, done: false }]
  }
  const pinned = contentOf(scene, pin)
  return pinned ? [{ verb: 'create', name, kind, manifest: pinManifest({ canary, pinned, pin, earlier: pins }), done: false }] : []
}

/** The revisions that status names, kept for ever as they were seen; written again only while they can still be seen. */
export const pinSteps = (scene: Scene): Plan => {
  const { analysed, promoted } = scene.context
  const named = [analysed, promoted].filter(pin => pin !== undefined)
  return named.filter((pin, index) => named.findIndex(({ name }) => name === pin.name) === index).flatMap(pin => pinStep(scene, pin))
}

/** Pins that no status names any more go, but for a few that people may want to look at. */
export const retiredPinSteps = ({ canary, pins }: Scene): Plan =>
  removablePins(canary, pins).map(object => ({
    verb: 'delete',
    name: `ControllerRevision ${object.metadata.name}`,
    kind: controllerRevisionKind,
    object,
    done: false,
  }))

/** Nobody goes back to a primary that cannot be given what was promoted. */
export const promotedKnown = ({ context, promotedPin }: Scene): Plan => {
  const message = `ControllerRevision ${context.promoted?.name} is gone, so the primary cannot be given back what was promoted`
  return [{ verb: 'await', name: 'the promoted template', done: true, unmet: promotedPin ? undefined : { reason: 'PinMissing', message } }]
}

/** A primary that stands needs no pin to go on serving. */
export const pinMissing = ({ context, primary }: Scene): Obstacle | undefined => {
  const name = (context.promoted ?? context.analysed)?.name
  if (primary || !name) return undefined
  return {
    reason: 'PinMissing',
    message: `ControllerRevision ${name} is gone, so the primary cannot be rebuilt; change the target to release again`,
  }
}
