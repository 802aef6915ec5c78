import { type Canary, primaryName } from '../../src/api/canary.ts'
import { daemonSetKind, deploymentKind, endpointSliceKind, knativeServiceKind, serviceKind } from '../../src/api/kinds.ts'
import { parkingMark, primaryRevisionMark, selectionLabel } from '../../src/api/marks.ts'
import type { KindRef, KubeObject, ObjectKey } from '../../src/api/object.ts'
import { oncePerObject } from '../../src/controller/memo.ts'
import type { Live } from '../../src/core/live.ts'
import { contentHash } from '../../src/targets/canonical.ts'
import { serviceTemplate } from '../../src/targets/core-service-object.ts'
import { knativeRevisionKind, revisionTemplate } from '../../src/targets/knative-revision.ts'

/* What target and primary run, and with how many pods, as their objects say it: the same questions to every kind of target. */

type Fields = Readonly<Record<string, unknown>>
export const fieldsOf = (object: KubeObject | undefined, field: 'spec' | 'status'): Fields => (object?.[field] ?? {}) as Fields
/** Kinds whose pods are parked, and whose primary is made from a pod template. */
export const isWorkload = ({ kind }: Pick<KindRef, 'kind'>): boolean => kind === deploymentKind.kind || kind === daemonSetKind.kind
const isParkedDaemonSet = (object: KubeObject | undefined): boolean =>
  object?.kind === daemonSetKind.kind && JSON.stringify(fieldsOf(object, 'spec')['template']).includes(`"${parkingMark}"`)

/** Pods that are asked for; a Service and a revision of Knative are taken as one. */
export const replicasOf = (object: KubeObject | undefined): number => {
  const { replicas } = fieldsOf(object, 'spec')
  const { desiredNumberScheduled } = fieldsOf(object, 'status')
  return isParkedDaemonSet(object) ? 0 : Number(replicas ?? desiredNumberScheduled ?? (object ? 1 : 0))
}

/** Kinds that do not count pods: whether they serve is all there is to know. */
const serves = (object: KubeObject | undefined): boolean | undefined => {
  if (object?.kind === serviceKind.kind) return Number(object['readyEndpoints'] ?? 1) > 0
  if (object?.kind !== knativeRevisionKind.kind) return undefined
  const { conditions = [] } = fieldsOf(object, 'status') as { readonly conditions?: readonly Fields[] }
  return conditions.some(
    ({ type, status }: Fields & { readonly type?: unknown; readonly status?: unknown }) => type === 'Ready' && status === 'True',
  )
}

const availableIn = (object: KubeObject | undefined): number => {
  const status = fieldsOf(object, 'status')
  return Number(status['availableReplicas'] ?? status['numberAvailable'] ?? 0)
}

/** Pods of the current template that serve, as the object itself says. */
export const readyPods = (object: KubeObject | undefined): number => {
  const isServing = serves(object)
  if (isServing !== undefined) return Number(isServing && object?.['isBehind'] !== true)
  return fieldsOf(object, 'status')['observedGeneration'] === object?.metadata.generation ? availableIn(object) : 0
}

/** Pods of any template that serve, as far as was last reported: who asks for more of them takes none away. */
export const servingPods = (object: KubeObject | undefined): number => Number(serves(object) ?? availableIn(object))

/** Those of them that cannot all be pods of a template before it. */
export const newestPods = (object: KubeObject | undefined): number => {
  const status = fieldsOf(object, 'status')
  const [all, updated] = [
    status['replicas'] ?? status['currentNumberScheduled'] ?? 0,
    status['updatedReplicas'] ?? status['updatedNumberScheduled'] ?? 0,
  ].map(Number) as [number, number]
  return Math.max(0, readyPods(object) - Math.max(0, all - updated))
}

/**
 * A core Service with what stands behind the Service of its track, and whether that is what the Service selected before; where nobody says, it
 * is one pod.
 */
const withEndpoints = (object: KubeObject | undefined, live: Live, track: string): KubeObject | undefined => {
  const { namespace = '' } = object?.metadata ?? {}
  const slice = live.get(endpointSliceKind, { namespace, name: `${track}-1` })
  const endpoints = slice?.['endpoints'] as readonly { readonly conditions: { readonly ready: boolean } }[] | undefined
  const isBehind = selectionOf(slice) !== selectionOf(live.get(serviceKind, { namespace, name: track }))
  return object && endpoints
    ? { ...object, readyEndpoints: endpoints.filter(({ conditions }) => conditions.ready).length, isBehind }
    : object
}

/** For which template the Service of a track selects, as it and its slices say. */
export const selectionOf = (object: KubeObject | undefined): string | undefined => object?.metadata.labels?.[selectionLabel]

/** The objects that stand for the tracks of a Canary. */
export interface Tracks {
  readonly target: KubeObject | undefined
  readonly primary: KubeObject | undefined
}

type Find = (canary: Canary, live: Live) => Tracks

const at = ({ metadata }: Canary, name: string): ObjectKey => ({ namespace: metadata.namespace ?? '', name })

const pair =
  (kind: KindRef): Find =>
  (canary, live) => ({
    target: live.get(kind, at(canary, canary.spec.targetRef.name)),
    primary: live.get(kind, at(canary, primaryName(canary))),
  })

/** Where the target is gone, the Service of the canary still leads to pods. */
const services: Find = (canary, live) => {
  const { target, primary } = pair(serviceKind)(canary, live)
  const track = `${canary.spec.targetRef.name}-canary`
  return {
    target: withEndpoints(target ?? live.get(serviceKind, at(canary, track)), live, track),
    primary: withEndpoints(primary, live, primaryName(canary)),
  }
}

/** The canary is the latest revision, the primary the one that an annotation names. */
const revisions: Find = (canary, live) => {
  const service = live.get(knativeServiceKind, at(canary, canary.spec.targetRef.name))
  const { latestCreatedRevisionName: latest } = fieldsOf(service, 'status') as { readonly latestCreatedRevisionName?: string }
  const find = (name: string | undefined) => (name === undefined ? undefined : live.get(knativeRevisionKind, at(canary, name)))
  return { target: find(latest), primary: find(service?.metadata.annotations?.[primaryRevisionMark]) }
}

const finders: readonly (readonly [KindRef, Find])[] = [
  [knativeServiceKind, revisions],
  [serviceKind, services],
  [daemonSetKind, pair(daemonSetKind)],
]

export const tracksOf: Find = (canary, live) => {
  const { kind, apiVersion } = canary.spec.targetRef
  const found = finders.find(([one]) => one.kind === kind && one.apiVersion === apiVersion)?.[1] ?? pair(deploymentKind)
  return found(canary, live)
}

/** A template as its author wrote it. */
const unparked = (template: unknown): unknown =>
  JSON.parse(JSON.stringify(template), (key, value) => (key === parkingMark ? undefined : value))

const hashOfTemplate = oncePerObject((template: object) => contentHash(unparked(template)))

/** Names of revisions begin with that of their Service. */
const hashOfRevision = ({ metadata: { namespace = '', name } }: KubeObject, live: Live): string => {
  const service = live.get(knativeServiceKind, { namespace, name: name.slice(0, name.lastIndexOf('-')) })
  return contentHash(revisionTemplate(name, service?.metadata.uid))
}

/** Identity of what the canary runs, in the terms of pins. Requests to a core Service go to the copy of it that is its track. */
export const hashOfTarget = (target: KubeObject, live: Live): string => {
  if (target.kind === knativeRevisionKind.kind) return hashOfRevision(target, live)
  if (!isWorkload(target)) {
    const { namespace = '', name } = target.metadata
    return contentHash(serviceTemplate(live.get(serviceKind, { namespace, name: `${name}-canary` }) ?? target))
  }
  return hashOfTemplate(fieldsOf(target, 'spec')['template'] as object)
}
