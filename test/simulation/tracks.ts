import { daemonSetKind, deploymentKind, endpointSliceKind, knativeServiceKind, serviceKind } from '../../src/api/kinds.ts'
import { parkingMark, primaryRevisionMark } from '../../src/api/marks.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { knativeRevisionKind } from '../../src/targets/knative-revision.ts'
import { imageOf } from '../support/cluster-hands.ts'
import { coreService, template } from '../support/team.ts'
import type { StoreView } from './sim-store.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a Canary of these worlds may target. */
export type TargetName = 'Deployment' | 'DaemonSet' | 'Service' | 'Knative'

/** What one track runs, and with how many pods. */
export interface Track {
  readonly image: string
  /** Undefined where how many pods there are is nobody's business. */
  readonly wantedPods: number | undefined
  readonly servingPods: number
}

/** One kind of target, as people and the rules of these worlds deal with it. */
export interface TargetPlay {
  readonly kind: KindRef
  /** What releasing this version changes, as a merge patch. */
  released(version: string, pod: Fields): Fields
  /** What undoes its parking, or moves its requests, as a merge patch of the target. */
  readonly disturbed: Fields
  target(store: StoreView): Track | undefined
  primary(store: StoreView): Track | undefined
  /** The version that a pinned template stands for. */
  pinned(template: unknown, store: StoreView): string | undefined
}

const at = (name: string) => ({ namespace: 'test', name })
const fieldsOf = (object: KubeObject, part: 'spec' | 'status'): Fields => (object[part] ?? {}) as Fields

/** Kinds whose tracks are objects of that kind. */
const twins = (kind: KindRef, look: (object: KubeObject, store: StoreView) => Track): Pick<TargetPlay, 'kind' | 'target' | 'primary'> => {
  const trackOf = (name: string) => (store: StoreView) => {
    const object = store.stored(kind, at(name))
    return object && look(object, store)
  }
  return { kind, target: trackOf('podinfo'), primary: trackOf('podinfo-primary') }
}

interface PodTemplate {
  readonly spec: { readonly containers: readonly { readonly image: string }[] }
}

const imageIn = (template: unknown): string | undefined => (template as PodTemplate).spec.containers[0]?.image

interface Selecting {
  readonly spec: { readonly selector?: Readonly<Record<string, string>> }
}

const selectedBy = ({ spec: { selector = {} } }: Selecting): string => `podinfo:${selector['version']}`

const releasedTemplate = (version: string, pod: Fields): Fields => ({ spec: { template: template(version, pod) } })

const deployment = (object: KubeObject): Track => ({
  image: imageOf(object),
  wantedPods: Number(fieldsOf(object, 'spec')['replicas'] ?? 1),
  servingPods: Number(fieldsOf(object, 'status')['availableReplicas'] ?? 0),
})

const daemonSet = (object: KubeObject): Track => ({
  image: imageOf(object),
  wantedPods: JSON.stringify(object['spec']).includes(`"${parkingMark}"`) ? 0 : 2,
  servingPods: Number(fieldsOf(object, 'status')['numberAvailable'] ?? 0),
})

/** What pods a Service leads to, as its selector and its endpoints say. */
const service = (object: KubeObject, store: StoreView): Track => {
  const slice = store.stored(endpointSliceKind, at(`${object.metadata.name}-1`))
  const endpoints = (slice?.['endpoints'] ?? []) as readonly { readonly conditions: { readonly ready: boolean } }[]
  const servingPods = endpoints.filter(({ conditions }) => conditions.ready).length
  return { image: selectedBy(object as unknown as Selecting), wantedPods: undefined, servingPods }
}

interface KnativeStatus {
  readonly latestCreatedRevisionName?: string
}

const revision = (store: StoreView, name: string | undefined): Track | undefined => {
  const object = name === undefined ? undefined : store.stored(knativeRevisionKind, at(name))
  if (!object) return undefined
  const { containers } = object['spec'] as { readonly containers: readonly { readonly image: string }[] }
  const { conditions = [] } = (object['status'] ?? {}) as { readonly conditions?: readonly { readonly status: string }[] }
  return { image: containers[0]?.image ?? '', wantedPods: undefined, servingPods: conditions[0]?.status === 'True' ? 1 : 0 }
}

const knative = (store: StoreView): KubeObject | undefined => store.stored(knativeServiceKind, at('podinfo'))

export const targets: Readonly<Record<TargetName, TargetPlay>> = {
  Deployment: { ...twins(deploymentKind, deployment), released: releasedTemplate, disturbed: { spec: { replicas: 2 } }, pinned: imageIn },
  DaemonSet: {
    ...twins(daemonSetKind, daemonSet),
    released: releasedTemplate,
    disturbed: { spec: { template: { spec: { nodeSelector: { [parkingMark]: null } } } } },
    pinned: imageIn,
  },
  Service: {
    ...twins(serviceKind, service),
    released: version => ({ spec: { selector: selectorOf(version) } }),
    disturbed: {},
    pinned: template => selectedBy(template as Selecting),
  },
  Knative: {
    kind: knativeServiceKind,
    released: releasedTemplate,
    disturbed: { spec: { traffic: [{ latestRevision: true, percent: 100 }] } },
    target: store => {
      const found = knative(store)
      const latest = found && revision(store, (found['status'] as KnativeStatus | undefined)?.latestCreatedRevisionName)
      return found && { wantedPods: undefined, servingPods: latest?.servingPods ?? 0, image: imageOf(found) }
    },
    primary: store => revision(store, knative(store)?.metadata.annotations?.[primaryRevisionMark]),
    pinned: (template, store) => revision(store, (template as { readonly revisionName: string }).revisionName)?.image,
  },
}

const selectorOf = (version: string): unknown => (coreService(version)['spec'] as { readonly selector: unknown }).selector
