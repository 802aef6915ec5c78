import { controllerRevisionKind } from '../api/kinds.ts'
import type { Obstacle } from '../core/observation.ts'
import type { Plan } from '../core/plan.ts'
import { pinManifest, removablePins, revisionHashOf } from '../targets/pins.ts'
import type { Scene } from './scene.ts'

/** The analysed revision, kept for ever as it was seen; written again only while the target still says the same. */
export const pinSteps = ({ canary, live, context, target, analysedPin, workload, digests, pins }: Scene): Plan => {
  const pin = context.analysed
  const namespace = canary.metadata.namespace ?? ''
  if (!pin || analysedPin || !digests || pin.hash !== revisionHashOf(target.templateHash, digests)) return []
  const exists = live.get(controllerRevisionKind, { namespace, name: pin.name }) !== undefined
  const manifest = pinManifest({ canary, pinned: workload.pin(target, digests), pin, earlier: pins })
  return [{ verb: 'create', name: `ControllerRevision ${pin.name}`, kind: controllerRevisionKind, manifest, done: exists }]
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

/** A primary that stands needs no pin to go on serving. */
export const pinMissing = ({ context, primary }: Scene): Obstacle | undefined => {
  const name = (context.promoted ?? context.analysed)?.name
  if (primary || !name) return undefined
  return {
    reason: 'PinMissing',
    message: `ControllerRevision ${name} is gone, so the primary cannot be rebuilt; change the target to release again`,
  }
}
