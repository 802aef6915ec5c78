import { controllerRevisionKind } from '../api/kinds.ts'
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

/** The revisions that status names, kept for ever as they were seen; written again only while they can still be seen. */
export const pinSteps = (scene: Scene): Plan => {
  const { canary, live, context, analysedPin, promotedPin, pins } = scene
  const namespace = canary.metadata.namespace ?? ''
  const wanted = [analysedPin ? undefined : context.analysed, promotedPin ? undefined : context.promoted].filter(pin => pin !== undefined)
  return wanted
    .filter((pin, index) => wanted.findIndex(({ name }) => name === pin.name) === index)
    .flatMap((pin): Plan => {
      const pinned = contentOf(scene, pin)
      if (!pinned) return []
      const exists = live.get(controllerRevisionKind, { namespace, name: pin.name }) !== undefined
      const manifest = pinManifest({ canary, pinned, pin, earlier: pins })
      return [{ verb: 'create', name: `ControllerRevision ${pin.name}`, kind: controllerRevisionKind, manifest, done: exists }]
    })
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
