import type { Canary } from '../api/canary.ts'
import { knativeServiceKind } from '../api/kinds.ts'
import { primaryRevisionMark } from '../api/marks.ts'
import type { KubeObject, Manifest } from '../api/object.ts'
import type { Live } from '../core/live.ts'
import type { Traffic } from '../core/traffic.ts'
import { abilityProblems, refuseImpossible } from './abilities.ts'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from './reading.ts'
import type { FollowedRoute, Routed, Router, RoutingAbilities, RoutingContext } from './router.ts'

const name = 'knative'

const can: RoutingAbilities = {
  weigh: true,
  mirror: false,
  mirrorIterations: false,
  match: false,
  affinity: false,
  reportsAccepted: true,
}

const liveService = ({ metadata, spec }: Canary, live: Live): KubeObject | undefined =>
  live.get(knativeServiceKind, { namespace: metadata.namespace ?? '', name: spec.targetRef.name })

const primaryRevisionOf = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[primaryRevisionMark]

const entriesIn = (object: KubeObject, part: 'spec' | 'status'): readonly Fields[] =>
  listOf(fieldsOf(object[part])['traffic']).map(fieldsOf)

/** Entries with a tag are addresses of their own, which somebody tests or compares revisions by. They keep no share of the live requests. */
const taggedIn = (object: KubeObject): readonly Fields[] =>
  entriesIn(object, 'spec')
    .filter(({ tag }: Fields & { readonly tag?: unknown }) => textOf(tag) !== undefined)
    .map(({ url: _, ...entry }: Fields & { readonly url?: unknown }) => ({ ...entry, percent: 0 }))

/** Exactly the fields that we own: Knative's users declare all others. */
const manifestOf = (object: KubeObject, own: { readonly primary?: string; readonly entries: readonly Fields[] }): Manifest => ({
  apiVersion: knativeServiceKind.apiVersion,
  kind: knativeServiceKind.kind,
  metadata: {
    name: object.metadata.name,
    ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
    ...(own.primary === undefined ? {} : { annotations: { [primaryRevisionMark]: own.primary } }),
  },
  spec: { traffic: [...own.entries, ...taggedIn(object)] },
})

const desired = (canary: Canary, traffic: Traffic, { live, primaryRevision }: RoutingContext): readonly Manifest[] => {
  refuseImpossible(traffic, { name, can })
  const object = liveService(canary, live)
  const primary = primaryRevision ?? (object && primaryRevisionOf(object))
  if (!object || primary === undefined) return []
  const entries = [
    { latestRevision: true, percent: traffic.canary },
    { latestRevision: false, revisionName: primary, percent: traffic.primary },
  ]
  return [manifestOf(object, { primary, entries })]
}

const isLatest = (entry: Fields): boolean => entry['latestRevision'] === true
const isUntagged = (entry: Fields): boolean => textOf(entry['tag']) === undefined

/** The latest revision may be the primary, too: its share as the latest is not one of the primary. */
const sharesIn = (object: KubeObject, part: 'spec' | 'status'): Traffic | undefined => {
  const primary = primaryRevisionOf(object)
  const entries = entriesIn(object, part).filter(isUntagged)
  const percentOf = (isWanted: (entry: Fields) => boolean) => numberOf(entries.find(isWanted)?.['percent'])
  const canaryShare = percentOf(isLatest)
  const primaryShare = percentOf(entry => !isLatest(entry) && entry['revisionName'] === primary)
  if (primary === undefined || canaryShare === undefined || primaryShare === undefined) return undefined
  return canaryShare + primaryShare === 100 ? { primary: primaryShare, canary: canaryShare, mirrored: false } : undefined
}

const no = (message: string): Pick<Routed, 'accepted' | 'message'> => ({ accepted: 'no', message })

/** Whether Knative sends the requests where the spec says. Source: `status` of serving.knative.dev/v1 Service. */
const acceptanceOf = (object: KubeObject): Pick<Routed, 'accepted' | 'message'> => {
  const { generation = 0 } = object.metadata
  const status = fieldsOf(object['status'])
  if ((numberOf(status['observedGeneration']) ?? 0) < generation) return no(`Knative has not taken generation ${generation} yet`)
  const ready = listOf(status['conditions'])
    .map(fieldsOf)
    .find(condition => condition['type'] === 'RoutesReady')
  if (ready?.['status'] !== 'True') {
    const words = [ready?.['reason'], ready?.['message']].map(textOf).filter(Boolean).join(': ')
    return no(`Knative says RoutesReady=${textOf(ready?.['status']) ?? 'Unknown'}${words === '' ? '' : ` (${words})`}`)
  }
  const [wanted, served] = [sharesIn(object, 'spec'), sharesIn(object, 'status')]
  return wanted?.canary === served?.canary ? { accepted: 'yes' } : no('Knative serves other shares than the spec says')
}

const observe = (canary: Canary, live: Live): Routed => {
  const object = liveService(canary, live)
  if (!object) return { traffic: undefined, ...no(`Knative Service ${canary.spec.targetRef.name} does not exist`) }
  return { traffic: sharesIn(object, 'spec'), ...acceptanceOf(object) }
}

const follow = (canary: Canary, traffic: Traffic, live: Live): readonly FollowedRoute[] => {
  const object = liveService(canary, live)
  if (!object || !sharesIn(object, 'spec')) return []
  const moved = (entry: Fields): Fields => {
    if (!isUntagged(entry)) return entry
    if (isLatest(entry)) return { ...entry, percent: traffic.canary }
    return entry['revisionName'] === primaryRevisionOf(object) ? { ...entry, percent: traffic.primary } : entry
  }
  return [{ kind: knativeServiceKind, object, spec: { traffic: entriesIn(object, 'spec').map(moved) } }]
}

/** Everybody gets the latest revision again, as where nobody says anything. */
const revert = (canary: Canary, live: Live): readonly Manifest[] => {
  const object = liveService(canary, live)
  if (!object || primaryRevisionOf(object) === undefined) return []
  return [manifestOf(object, { entries: [{ latestRevision: true, percent: 100 }] })]
}

/**
 * Knative Serving: the target itself says how requests are split. The canary is its latest revision, the primary the one that an annotation
 * names. Nothing is created. Source: serving.knative.dev/v1 Service, `spec.traffic`.
 */
export const knative: Router = {
  name,
  can,
  kinds: [knativeServiceKind],
  check: canary => abilityProblems(canary, { name, can }),
  desired,
  observe,
  follow,
  standing: () => [],
  revert,
}
