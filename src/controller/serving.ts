import type { RolloutState } from '../api/phases.ts'
import { allToPrimary, type Cookies, sameShares, splitAt, type Traffic } from '../core/traffic.ts'
import type { PinnedTemplate } from '../targets/workload.ts'
import type { Scene } from './scene.ts'

/** From here on the primary is meant to run what was analysed. */
const afterCopy = (state: RolloutState): boolean => state.startsWith('Promoting.') || state.startsWith('Finalising.')

/** The template the primary has to run in this state. */
export const primaryPin = ({ state, analysedPin, promotedPin }: Scene): PinnedTemplate | undefined => {
  if (afterCopy(state) || state.startsWith('Initializing.')) return analysedPin ?? promotedPin
  return promotedPin
}

/** An empty canary cookie asks nobody to stay; the one of the run before is forgotten either way. */
const cookiesOf = ({ canary }: Scene): Cookies | undefined => {
  const { sessionAffinityCookie = '', primarySessionAffinityCookie, previousSessionAffinityCookie } = canary.status
  if (!canary.spec.analysis.sessionAffinity || !(sessionAffinityCookie || previousSessionAffinityCookie)) return undefined
  return {
    canary: sessionAffinityCookie,
    ...(sessionAffinityCookie && primarySessionAffinityCookie ? { primary: primarySessionAffinityCookie } : {}),
    ...(previousSessionAffinityCookie ? { previous: previousSessionAffinityCookie } : {}),
  }
}

/** The recorded traffic: what the route has to say as soon as both tracks can take it. */
const recordedTraffic = (scene: Scene): Traffic => {
  const { context, canary } = scene
  const { match } = canary.spec.analysis
  const split = splitAt(context.weight, context.mirrored && context.weight === 0)
  const takesPart = split.canary > 0 || split.mirrored
  const cookies = cookiesOf(scene)
  return {
    ...split,
    ...(takesPart && match.length > 0 && context.servingFrom === 'primary' ? { match } : {}),
    ...(cookies ? { cookies } : {}),
  }
}

/**
 * The traffic to route now. A canary that lost all its pods gets nothing until it has some again, provided the primary can serve;
 * the recorded weight stays and comes back.
 */
export const servingTraffic = (scene: Scene): Traffic => {
  const recorded = recordedTraffic(scene)
  const canaryIsGone = scene.canaryTrack.readyPods === 0 && scene.primaryTrack.readyPods > 0
  return canaryIsGone && scene.context.servingFrom === 'primary' ? { ...allToPrimary, ...forgetting(recorded) } : recorded
}

/** Browsers go on forgetting the cookie of a run that is over: most people come back long after its canary was parked. */
const forgetting = ({ cookies }: Traffic): Pick<Traffic, 'cookies'> =>
  cookies?.previous === undefined ? {} : { cookies: { canary: '', previous: cookies.previous } }

/**
 * Whether the route does not say yet what was recorded, although it could. Not so while the canary has no pods: then it says something else
 * on purpose, and the step is held.
 */
export const routeIsBehind = (scene: Scene): boolean => {
  const { router, canary, live } = scene
  const wanted = servingTraffic(scene)
  const routed = router.observe(canary, live).traffic
  return router.can.weigh && sameShares(wanted, recordedTraffic(scene)) && !(routed && sameShares(routed, wanted))
}

/** Which pods the apex Service selects. Where nothing can weigh, it is the only switch there is. */
export const apexTrack = ({ context, plan }: Scene): 'primary' | 'target' =>
  context.servingFrom === 'canary' && !plan.weighs ? 'target' : 'primary'
