import { type Canary, serviceNames } from '../api/canary.ts'
import type { CanaryStatus, Place } from '../api/status.ts'
import type { Notice } from './notices.ts'
import type { Observation } from './observation.ts'
import type { RolloutContext } from './rollout-context.ts'
import type { RolloutPlan } from './rollout-plan.ts'
import { timeText } from './status-context.ts'

/** Far more than anybody leaves behind before the first of them is gone. */
const most = 16

export const placeOf = (canary: Canary, routing: string): Place => ({ routing, service: serviceNames(canary).apex })

const samePlace = (a: Place, b: Place): boolean => a.routing === b.routing && a.service === b.service

/** Every place that status knows of. One that is older than this list says only which layer it was. */
const knownPlaces = ({ inventory, routing }: CanaryStatus, asked: Place): readonly Place[] =>
  inventory ?? (routing ? [{ routing, service: asked.service }] : [])

/** The places that the spec asked for earlier. */
export const formerPlaces = (status: CanaryStatus, asked: Place): readonly Place[] =>
  knownPlaces(status, asked).filter(place => !samePlace(place, asked))

/** Whether status says that something may be there, or says nothing of places yet. */
export const isKnownPlace = ({ inventory }: CanaryStatus, asked: Place): boolean =>
  inventory?.some(place => samePlace(place, asked)) ?? true

/** So long a former layer is waited for that says nothing; what is left of the deadline is for draining. */
export const formerPatienceMs = ({ deadlineMs }: RolloutPlan): number => deadlineMs / 2

interface Moment {
  readonly context: RolloutContext
  readonly seen: Observation
}

/**
 * What is written somewhere is first said to be there: a place joins before anything is put into it, and goes when nothing is left of it, so that
 * no crash makes anybody forget a route.
 */
export const inventoryAfter = ({ context, seen }: Moment): readonly Place[] | undefined => {
  const { canary, places, obstacle, nowMs } = seen
  const old = canary.status.inventory
  if (obstacle || !places || !(context.analysed ?? context.promoted)) return old
  const { asked, isTaken, left } = places
  const former = left.map(({ routing, service, replacedAt }) => ({
    routing,
    service,
    ...(isTaken && { replacedAt: replacedAt ?? timeText(nowMs) }),
  }))
  return [asked, ...former].slice(0, most)
}

const placeText = ({ routing, service }: Place): string => `${service} (${routing})`

/** That routes go elsewhere is said when that is recorded, before anything is written there. */
export const moveNotices = (inventory: readonly Place[] | undefined, { canary, places }: Observation): readonly Notice[] => {
  const known = places ? knownPlaces(canary.status, places.asked) : []
  const [from, to] = [known[0], inventory?.[0]]
  if (!from || !to || known.some(place => samePlace(place, to))) return []
  const name = `${canary.metadata.name}.${canary.metadata.namespace ?? ''}`
  const isByFlag = canary.spec.provider === undefined && from.routing !== to.routing
  const then = isByFlag
    ? 'the former ones stay as well until spec.provider names a layer, because only the flag mesh-provider has changed'
    : 'once the new ones carry the traffic, those that Serin made go, and what was there before is given back'
  const message = `routes of ${name} move from ${placeText(from)} to ${placeText(to)}; ${then}`
  return [{ type: 'Normal', reason: 'RoutesMoved', message }]
}
