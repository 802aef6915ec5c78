import { type Canary, serviceNames } from '../api/canary.ts'
import { controllerOf, isCanaryReference, isControlledBy, isOwnedBy } from '../api/ownership.ts'
import type { Place } from '../api/status.ts'
import { formerPatienceMs, formerPlaces, placeOf } from '../core/inventory.ts'
import type { Live } from '../core/live.ts'
import type { Obstacle } from '../core/observation.ts'
import type { Plan, PlanStep } from '../core/plan.ts'
import { sameJson } from '../core/same-json.ts'
import { sameShares } from '../core/traffic.ts'
import { routers } from '../routing/registry.ts'
import type { FollowedRoute, Router, StandingRoute } from '../routing/router.ts'
import { ledApex } from '../routing/services.ts'
import { applyStep, noApexPods, noPods } from './desired-traffic.ts'
import { routerOf } from './parts.ts'
import type { Scene } from './scene.ts'
import { apexTrack, servingTraffic } from './serving.ts'

/*
 * Routes of a layer, or under a name, that the spec asked for earlier. They send the same traffic as the new ones as long as these are not in use:
 * nobody knows by which of the two users come. Then what Serin made goes, and what was there before is given back. Services of an earlier name
 * stay for those who still call them, and lead to what serves.
 */

/** A place as the Canary was when it was asked for. */
export interface FormerRoutes {
  readonly place: Place
  readonly canary: Canary
  readonly router: Router
}

/** A name that was given up may be another Canary's by now. */
const belongsToAnother = ({ object }: StandingRoute, canary: Canary): boolean => {
  const owner = controllerOf(object)
  return owner !== undefined && isCanaryReference(owner) && !isControlledBy(object, canary)
}

/** The Canary as it was when it asked for routes there. */
const askingFor = (canary: Canary, place: Place): Canary => {
  const provider = place.routing as Canary['spec']['provider']
  return { ...canary, spec: { ...canary.spec, provider, service: { ...canary.spec.service, name: place.service } } }
}

/**
 * Where a status says nothing of places, because another controller erased it, routes that were made for this very Canary tell of the layer. Those
 * of layers that nobody asks for any more are not looked for: their kinds may not exist here.
 */
const forgottenPlaces = (canary: Canary, asked: Router, live: Live): readonly Place[] => {
  if (canary.status.inventory) return []
  return routers.all
    .filter(({ name, kinds }) => name !== asked.name && kinds.every(kind => live.knows?.(kind)))
    .map(({ name }) => placeOf(canary, name))
    .filter(place =>
      routers
        .get(place.routing)
        .standing(askingFor(canary, place), live)
        .some(({ object }) => isOwnedBy(object, canary)),
    )
}

/** What was asked for earlier, as far as it is still this Canary's. */
export const formerRoutes = (canary: Canary, asked: Router, live: Live): readonly FormerRoutes[] => {
  const told = formerPlaces(canary.status, placeOf(canary, asked.name))
  const found = told.length > 0 ? [] : forgottenPlaces(canary, asked, live)
  return [...told, ...found].flatMap(place => {
    const router = routerOf(place.routing)
    const then = askingFor(canary, place)
    if (!router || router.standing(then, live).some(route => belongsToAnother(route, then))) return []
    return [{ place, canary: then, router }]
  })
}

const followStep = ({ object, kind, spec }: FollowedRoute, unmet: Obstacle | undefined): PlanStep => {
  const live = object['spec'] as Readonly<Record<string, unknown>> | undefined
  const done = Object.entries(spec).every(([field, value]) => sameJson(live?.[field], value))
  return {
    verb: 'patch',
    name: `traffic of ${kind.kind} ${object.metadata.name}`,
    kind,
    object,
    body: { spec },
    done,
    unmet: done ? undefined : unmet,
  }
}

/** The Service of an earlier name leads to the track that serves. */
const apexOf = (scene: Scene, { canary, place }: FormerRoutes): FollowedRoute | undefined => {
  const { workload, target, live } = scene
  const isEarlier = place.service !== serviceNames(scene.canary).apex
  return workload.can.select && isEarlier ? ledApex({ canary, label: target.label, live, apexSelects: apexTrack(scene) }) : undefined
}

/** Nobody who still comes the former way is sent elsewhere than those who come by the new one. */
export const formerRouteSteps = (scene: Scene): Plan =>
  scene.former.flatMap(one => {
    const { router, canary } = one
    const unmet = noPods(scene, router.observe(canary, scene.live).traffic)
    const apex = apexOf(scene, one)
    return [
      ...router.follow(canary, servingTraffic(scene), scene.live).map(route => followStep(route, unmet)),
      ...(apex ? [followStep(apex, noApexPods(scene))] : []),
    ]
  })

/** The routes that the spec asks for send everybody where the state wants them. */
const newRouteCarries = (scene: Scene): boolean => {
  const { traffic, accepted } = scene.router.observe(scene.canary, scene.live)
  return traffic !== undefined && accepted !== 'no' && sameShares(traffic, servingTraffic(scene))
}

const isInUse = ({ nowMs, options }: Scene, { replacedAt }: Place): boolean =>
  replacedAt !== undefined && nowMs - Date.parse(replacedAt) >= options.settleMs

const deletion = ({ kind, object }: StandingRoute): PlanStep => ({
  verb: 'delete',
  name: `former ${kind.kind} ${object.metadata.name}`,
  kind,
  object,
  done: false,
})

/** What Serin made goes; what was there before gets its own spec back. */
const leaveSteps = (scene: Scene, { router, canary }: FormerRoutes): Plan => {
  const reverted = router.revert(canary, scene.live)
  return router
    .standing(canary, scene.live)
    .flatMap(route => {
      const { kind, object } = route
      if (isControlledBy(object, canary)) return [deletion(route)]
      const own = reverted.filter(manifest => manifest.kind === object.kind && manifest.metadata.name === object.metadata.name)
      return own.map(manifest => applyStep(scene, kind, manifest))
    })
    .filter(({ done }) => !done)
}

/** A share that was recorded for a layer which weighs, where none does any more: the former routes carry it until it is back. */
const isStillAway = ({ router, context }: Scene): boolean => !router.can.weigh && context.weight > 0 && context.servingFrom === 'primary'

/** A flag of the controller that somebody changed takes no route from anybody: only a Canary gives up its own. */
const isGivenUp = ({ canary, router }: Scene, { place }: FormerRoutes): boolean =>
  canary.spec.provider !== undefined || place.routing === router.name

/** Former routes go once the new ones have carried the traffic for long enough that everybody comes by them. */
export const formerRoutesGo = (scene: Scene): Plan =>
  isStillAway(scene)
    ? []
    : scene.former.flatMap((one): Plan => {
        const steps = isGivenUp(scene, one) ? leaveSteps(scene, one) : []
        if (steps.length === 0 || isInUse(scene, one.place)) return steps
        return [{ verb: 'await', name: 'the new routes are in use', done: true, unmet: notInUse(scene, one) }, ...steps]
      })

const notInUse = (scene: Scene, { place }: FormerRoutes): Obstacle => {
  const { router, canary, live, options } = scene
  const former = `routes of ${place.service} (${place.routing}) stay`
  if (newRouteCarries(scene))
    return { reason: 'Draining', message: `${former} for ${options.settleMs / 1000}s until everybody comes by those of ${router.name}` }
  const { message = 'it does not carry the recorded weights yet' } = router.observe(canary, live)
  return { reason: 'RouteNotAccepted', message: `${router.name} route of ${canary.metadata.name}: ${message}; ${former} until then` }
}

/** Whether something is left where the spec asked for routes earlier. */
const isLeft = (scene: Scene, one: FormerRoutes): boolean =>
  !isInUse(scene, one.place) || leaveSteps(scene, one).length > 0 || apexOf(scene, one) !== undefined

/** What status has to know about places. */
export const placesOf = (scene: Scene): { readonly asked: Place; readonly isTaken: boolean; readonly left: readonly Place[] } => {
  const { canary, router, former } = scene
  const asked = placeOf(canary, router.name)
  const unknown = formerPlaces(canary.status, asked).filter(({ routing }) => !routerOf(routing))
  return {
    asked,
    isTaken: newRouteCarries(scene),
    left: [...former.filter(one => isLeft(scene, one)).map(({ place }) => place), ...unknown],
  }
}

/**
 * Why a former route may still send somebody to the canary; undefined when it does not. A layer that is gone says nothing: it is not waited for
 * for ever.
 */
const mayUseCanary = (scene: Scene, { router, canary }: FormerRoutes): string | undefined => {
  const { live, nowMs, context, plan, options } = scene
  const { traffic, accepted, message } = router.observe(canary, live)
  if (traffic === undefined || router.standing(canary, live).length === 0) return undefined
  if (traffic.canary > 0 || traffic.mirrored) return 'it still sends requests to the canary'
  const sinceMs = nowMs - context.stateSinceMs
  const isTaken = accepted === 'yes' || sinceMs >= formerPatienceMs(plan) || (accepted === 'unknown' && sinceMs >= options.settleMs)
  return isTaken ? undefined : (message ?? 'its controller has not said that it took it')
}

/** Nobody who comes a former way gets to the canary any more. */
export const formerRoutesLeaveCanary = (scene: Scene): Plan =>
  scene.former.flatMap((one): Plan => {
    const why = mayUseCanary(scene, one)
    const message = `former ${one.router.name} route of ${scene.canary.metadata.name}: ${why}`
    return why === undefined
      ? []
      : [{ verb: 'await', name: 'the former route is accepted', done: true, unmet: { reason: 'RouteNotAccepted', message } }]
  })
