import { serviceNames } from '../api/canary.ts'
import { serviceKind } from '../api/kinds.ts'
import type { KindRef } from '../api/object.ts'
import { isControlledBy } from '../api/ownership.ts'
import type { Plan } from '../core/plan.ts'
import { revertServices } from '../routing/services.ts'
import { takeOverSteps } from './desired-target.ts'
import { applyStep } from './desired-traffic.ts'
import { canaryReady, primaryDrained, revertAccepted } from './desired-waits.ts'
import { type Scene, targetExists } from './scene.ts'

/** What stood before Serin came: pods in the target first, then the Service and the route that lead to them. */
export const revertSteps = (scene: Scene): Plan => [
  ...takeOverSteps(scene),
  ...(targetExists(scene) ? canaryReady(scene) : []), // a target that is gone is waited for by nobody
  ...serviceSteps(scene),
  ...routeSteps(scene),
]

const serviceSteps = (scene: Scene): Plan => {
  const { live, target, workload } = scene
  if (!workload.can.select) return []
  const places = new Map(everyPlace(scene).map(({ canary }) => [serviceNames(canary).apex, canary])) // layers share the Services of a name
  return [...places.values()]
    .flatMap(canary => revertServices({ canary, live, label: target.label }))
    .map(manifest => applyStep(scene, serviceKind, manifest))
}

const routeSteps = (scene: Scene): Plan => {
  const { live } = scene
  return everyPlace(scene).flatMap(({ canary, router: { kinds, revert } }) =>
    revert(canary, live).flatMap(manifest =>
      kinds.filter(({ kind }) => kind === manifest.kind).map(kind => applyStep(scene, kind, manifest)),
    ),
  )
}

/** Where routes and Services are, and where they were. */
const everyPlace = ({ canary, router, former }: Scene): readonly Pick<Scene, 'canary' | 'router'>[] => [{ canary, router }, ...former]

/** The primary goes with the Canary: not before whoever still sends requests to it has taken the way back, and those in flight are done. */
export const letGoSteps = (scene: Scene): Plan => {
  const keepsRoute = routeStays(scene)
  return [...wayBackTaken(scene), ...(keepsRoute || stays(scene, serviceKind) ? primaryDrained(scene) : [])]
}

/** Whoever still sends requests to the primary has taken the way back. */
export const wayBackTaken = (scene: Scene): Plan => (routeStays(scene) ? revertAccepted(scene) : [])

const routeStays = (scene: Scene): boolean => scene.router.kinds.some(kind => stays(scene, kind))

/** An object under the name of the apex that was there before the Canary, and is there after it. */
const stays = ({ canary, live }: Scene, kind: KindRef): boolean => {
  const found = live.get(kind, { namespace: canary.metadata.namespace ?? '', name: serviceNames(canary).apex })
  return found !== undefined && !isControlledBy(found, canary)
}
