import { isSo } from '../core/states.ts'
import { allToCanary, allToPrimary, type Cookies, sameShares, splitAt, type Traffic } from '../core/traffic.ts'
import { revisionHashOf } from '../targets/pins.ts'
import type { PinnedTemplate } from '../targets/workload.ts'
import type { Scene } from './scene.ts'

/** Whether the target runs what was analysed. Nobody knows while its configuration cannot be read. */
const runsAnalysed = ({ target, digests, context }: Pick<Scene, 'target' | 'digests' | 'context'>): boolean =>
  digests !== undefined && context.analysed?.hash === revisionHashOf(target.templateHash, digests)

/** What the template of the primary follows from. */
type Pinned = Pick<Scene, 'state' | 'analysedPin' | 'promotedPin' | 'target' | 'digests' | 'context'>

/** The template the primary has to run in this state. */
export const primaryPin = (scene: Pinned): PinnedTemplate | undefined => {
  const { state, analysedPin, promotedPin } = scene
  if (!isSo('promotes', state) && !state.startsWith('Initializing.')) return promotedPin
  return analysedPin ?? (runsAnalysed(scene) ? undefined : promotedPin) // a pin that somebody removed is about to be made again
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

/**
 * The recorded weight. What is pushed while a revision is promoted was analysed by nobody: the pods that it takes the place of lose their
 * share with them, and it gets none of it back as long as the primary serves.
 */
const weightOf = (scene: Scene): number => {
  const { state, context, primaryTrack, router, canary, live } = scene
  const isLate = isSo('isLate', state) && context.servingFrom === 'primary'
  if (!isLate || primaryTrack.servingPods === 0 || runsAnalysed(scene)) return context.weight
  return Math.min(context.weight, router.observe(canary, live).traffic?.canary ?? 0)
}

/** The recorded traffic: what the route has to say as soon as both tracks can take it. */
const recordedTraffic = (scene: Scene): Traffic => {
  const { context, canary } = scene
  const { match } = canary.spec.analysis
  const split = splitAt(weightOf(scene), context.mirrored && context.weight === 0)
  const takesPart = split.canary > 0 || split.mirrored
  const cookies = cookiesOf(scene)
  return {
    ...split,
    ...(takesPart && match.length > 0 && context.servingFrom === 'primary' ? { match } : {}),
    ...(cookies ? { cookies } : {}),
  }
}

/**
 * The track that goes on alone, because the other one lost all its pods; those of an earlier template count, a primary that is rolled has
 * them. A canary that nobody was sent to yet, or that was found bad, stands in for nobody.
 */
const lastStanding = ({ canaryTrack, primaryTrack, context }: Scene): 'primary' | 'canary' | undefined => {
  if (context.servingFrom === 'canary') return canaryTrack.servingPods === 0 && primaryTrack.servingPods > 0 ? 'primary' : undefined
  if (canaryTrack.readyPods === 0 && primaryTrack.servingPods > 0) return 'primary'
  return context.weight > 0 && primaryTrack.servingPods === 0 && canaryTrack.readyPods > 0 ? 'canary' : undefined
}

/**
 * The traffic to route now. A track that lost all its pods gets nothing until it has some again, provided the other one can serve; the
 * recorded weight stays and comes back.
 */
export const servingTraffic = (scene: Scene): Traffic => {
  const recorded = recordedTraffic(scene)
  const last = lastStanding(scene)
  if (last === 'primary') return { ...allToPrimary, ...forgetting(recorded) }
  return last === 'canary' ? { ...allToCanary, ...(recorded.cookies && { cookies: recorded.cookies }) } : recorded
}

/** Browsers go on forgetting the cookie of a run that is over: most people come back long after its canary was parked. */
const forgetting = ({ cookies }: Traffic): Pick<Traffic, 'cookies'> =>
  cookies?.previous === undefined ? {} : { cookies: { canary: '', previous: cookies.previous } }

/**
 * Whether the route does not say yet what was recorded, although it could. Not so while a track has no pods: then it says something else on
 * purpose, and the step is held.
 */
export const routeIsBehind = (scene: Scene): boolean => {
  const { router, canary, live } = scene
  const wanted = servingTraffic(scene)
  const routed = router.observe(canary, live).traffic
  return router.can.weigh && sameShares(wanted, recordedTraffic(scene)) && !(routed && sameShares(routed, wanted))
}

/** Which pods the apex Service selects. Where nothing can weigh, it is the only switch there is. */
export const apexTrack = (scene: Scene): 'primary' | 'target' =>
  scene.context.servingFrom === 'canary' && !scene.plan.weighs && lastStanding(scene) !== 'primary' ? 'target' : 'primary'
