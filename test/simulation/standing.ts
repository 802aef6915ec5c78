import {
  configMapKind,
  daemonSetKind,
  deploymentKind,
  horizontalPodAutoscalerKind,
  knativeServiceKind,
  secretKind,
  serviceKind,
} from '../../src/api/kinds.ts'
import { parkingMark } from '../../src/api/marks.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { imageOf, scaledObjectKind } from '../support/cluster-hands.ts'
import { httpRouteKind } from '../support/team.ts'
import { destinationRuleKind, type StoreView, virtualServiceKind } from './sim-store.ts'

type Fields = Readonly<Record<string, unknown>>

const specOf = (object: KubeObject): Fields => (object['spec'] ?? {}) as Fields

const selectorOf = (object: KubeObject): unknown => [specOf(object)['selector'], specOf(object)['ports']]
/** Rules that make browsers forget the cookie of the last run are there or not, as there was one. */
const isLasting = (rule: unknown): boolean => !JSON.stringify(rule).includes('Max-Age=-1')

const routing = (object: KubeObject): unknown =>
  Object.fromEntries(
    Object.entries(specOf(object)).map(([field, value]) => [field, Array.isArray(value) ? value.filter(isLasting) : value]),
  )

/** What a Deployment or a DaemonSet runs, and whether it is to run at all; how many pods is for people and scalers to say. */
const workload = (object: KubeObject): unknown => {
  const isParked = specOf(object)['replicas'] === 0 || JSON.stringify(specOf(object)).includes(`"${parkingMark}"`)
  return [imageOf(object), specOf(object)['selector'], isParked ? 'parked' : 'runs']
}

/** Names of Knative's revisions depend on how many there were. */
const shares = (object: KubeObject): unknown => {
  const traffic = (specOf(object)['traffic'] ?? []) as readonly Fields[]
  return [imageOf(object), traffic.map(({ percent, latestRevision }) => [percent, latestRevision])]
}

const scaling = (object: KubeObject): unknown => {
  const { scaleTargetRef, maxReplicas } = specOf(object)
  return [scaleTargetRef, maxReplicas]
}

const events = (object: KubeObject): unknown => {
  const { scaleTargetRef, maxReplicaCount } = specOf(object)
  return [scaleTargetRef, maxReplicaCount, object.metadata.annotations]
}

const looks: readonly (readonly [KindRef, (object: KubeObject) => unknown])[] = [
  [serviceKind, selectorOf],
  [httpRouteKind, routing],
  [virtualServiceKind, routing],
  [destinationRuleKind, routing],
  [deploymentKind, workload],
  [daemonSetKind, workload],
  [knativeServiceKind, shares],
  [horizontalPodAutoscalerKind, scaling],
  [scaledObjectKind, events],
  [configMapKind, object => object['data']],
  [secretKind, object => object['data']],
]

const isOfTeam = ({ metadata }: KubeObject): boolean => metadata.namespace === 'test'

/** What stands in the team's namespace, as far as it must not depend on how it came about: one line for each object. */
export const standing = (store: StoreView): readonly string[] =>
  looks.flatMap(([kind, look]) =>
    store
      .storedAll(kind)
      .filter(isOfTeam)
      .map(object => `${kind.kind} ${object.metadata.name} ${JSON.stringify(look(object))}`),
  )

/** Lines that only one of both has. */
export const differences = (found: readonly string[], wanted: readonly string[]): readonly string[] => [
  ...found.filter(line => !wanted.includes(line)).map(line => `found ${line}`),
  ...wanted.filter(line => !found.includes(line)).map(line => `missed ${line}`),
]
