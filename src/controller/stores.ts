import {
  alertProviderKind,
  canaryKind,
  configMapKind,
  controllerRevisionKind,
  deploymentKind,
  endpointSliceKind,
  horizontalPodAutoscalerKind,
  metricTemplateKind,
  secretKind,
  serviceKind,
} from '../api/kinds.ts'
import { selectionLabel, trackLabel } from '../api/marks.ts'
import { type KindRef, type KubeObject, keyOf, keyText, type ObjectKey } from '../api/object.ts'
import { controllerOf, isCanaryReference } from '../api/ownership.ts'
import { deepFreeze } from '../kube/freeze.ts'
import type { Reflector, Store, StoreEvent } from '../kube/kube-api.ts'
import { metadataOnly, readyEndpoints, serviceNameLabel, wholeObject } from '../kube/projections.ts'
import { withPartsOf } from '../kube/same-parts.ts'
import type { SharedReflectors, Wanted } from '../kube/shared-reflectors.ts'
import { scalers } from '../targets/registry.ts'
import { oncePerObject } from './memo.ts'
import { byTarget } from './obstacles.ts'
import type { StandingScaler } from './scene.ts'

/** The caches that passes look at. Nothing here asks the server for one object. */
export interface Stores {
  of(kind: KindRef): Store
  /** The version up to which the cache of a kind knows everything. */
  version(kind: KindRef): string
  /** Monotonic milliseconds at which the cache of a kind last heard of the server. */
  contactMs(kind: KindRef): number
  /** An answer of the server as the cache would keep it: what did not change since is the very same as there. */
  kept(kind: KindRef, object: KubeObject): KubeObject
  /** Whether a kind is watched, and there. */
  knows(kind: KindRef): boolean
  /** Whether all kinds are there; asks for those that are not watched yet. */
  ready(kinds: readonly KindRef[]): boolean
  /** Canaries by what they target. */
  claimants(target: string): readonly KubeObject[]
  /** The ControllerRevisions that a Canary made. */
  pinsOf(canary: ObjectKey): readonly KubeObject[]
  /** The scalers of its primary that a Canary made, of the kinds that are watched. */
  scalersOf(canary: ObjectKey): readonly StandingScaler[]
  /**
   * Names of the ready pods that any Service leads to, by slices of this selection where one is named. Whoever asks has the slices of the whole
   * cluster watched.
   */
  endpointsOfAny(service: ObjectKey, selection?: string): readonly string[]
  /** Names of the ready pods that the Service of a track leads to; undefined as long as that is not known. */
  endpointsOf(service: ObjectKey): readonly string[] | undefined
  /** Hears of every change of every watched object. */
  onChange(handler: (kind: KindRef, event: StoreEvent) => void): void
}

const targetIndex = 'target'
const makerIndex = 'maker'

/** Key of the Canary that made an object. */
const byMaker = (object: KubeObject): readonly string[] => {
  const owner = controllerOf(object)
  return owner && isCanaryReference(owner) ? [keyText({ namespace: object.metadata.namespace ?? '', name: owner.name })] : []
}

const serviceIndex = 'service'

/** The Service whose endpoints a slice holds. */
export const serviceBehind = ({ metadata }: KubeObject): ObjectKey => ({
  namespace: metadata.namespace ?? '',
  name: metadata.labels?.[serviceNameLabel] ?? '',
})

const selectionOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.[selectionLabel]

const byService = (slice: KubeObject): readonly string[] => [keyText(serviceBehind(slice))]

/** Names of the ready pods in slices as the caches keep them. */
export const readyNamesIn = (slices: readonly KubeObject[]): readonly string[] =>
  slices.flatMap(slice => slice['ready'] as readonly string[])

const isScaler = (kind: KindRef): boolean => scalers.all.some(scaler => scaler.kind === kind)

const indexesOf = (kind: KindRef): Pick<Wanted, 'indexes'> => {
  if (kind === canaryKind) return { indexes: { [targetIndex]: byTarget } }
  if (kind === endpointSliceKind) return { indexes: { [serviceIndex]: byService } }
  return kind === controllerRevisionKind || isScaler(kind) ? { indexes: { [makerIndex]: byMaker } } : {}
}

/** Contents of configuration never come into memory, only that there is a newer version. */
const contentless: readonly KindRef[] = [configMapKind, secretKind]

/**
 * Kinds that are watched from the start, whatever routes: what is looked at before its cache is full looks as if it did not exist. Those of a
 * mesh, and of rarer targets, join when a Canary asks for them, and are waited for.
 */
const always: readonly KindRef[] = [
  canaryKind,
  metricTemplateKind,
  alertProviderKind,
  controllerRevisionKind,
  serviceKind,
  ...contentless,
  deploymentKind,
  horizontalPodAutoscalerKind,
]

const idOf = ({ apiVersion, kind }: KindRef): string => `${apiVersion}/${kind}`

export const createStores = (reflectors: SharedReflectors, namespace: string | undefined): Stores => {
  const known = new Map<string, Reflector>()
  const handlers: ((kind: KindRef, event: StoreEvent) => void)[] = []

  const want = (kind: KindRef): Wanted => ({
    ...(namespace ? { namespace } : {}),
    ...(contentless.includes(kind) ? { metadataOnly: true } : {}),
    ...(kind === endpointSliceKind ? { projection: readyEndpoints } : {}),
    ...indexesOf(kind),
  })

  const follow = (reflector: Reflector): Reflector => {
    reflector.onEvent(event => {
      for (const handler of handlers) handler(reflector.kind, event)
    })
    return reflector
  }

  const reflectorOf = oncePerObject((kind: KindRef): Reflector => {
    const found = known.get(idOf(kind))
    if (found) return found
    const reflector = reflectors.of(kind, want(kind))
    known.set(idOf(kind), reflector)
    return follow(reflector)
  })

  for (const kind of always) reflectorOf(kind)
  const ofTracks = follow(reflectors.of(endpointSliceKind, { ...want(endpointSliceKind), labelSelector: trackLabel, isOptional: true }))
  return {
    of: kind => reflectorOf(kind).store,
    contactMs: kind =>
      Math.min(...[...known.values(), ofTracks].filter(one => idOf(one.kind) === idOf(kind)).map(one => one.lastContactMs())),
    version: kind => reflectorOf(kind).lastVersion(),
    kept: (kind, object) => {
      const projected = contentless.includes(kind) ? metadataOnly(object) : wholeObject(object)
      return deepFreeze(withPartsOf(reflectorOf(kind).store.get(keyOf(object)), projected ?? object))
    },
    knows: kind => known.get(idOf(kind))?.hasSynced() ?? false,
    ready: kinds => kinds.map(reflectorOf).every(reflector => reflector.hasSynced()),
    claimants: target => reflectorOf(canaryKind).store.byIndex(targetIndex, target),
    pinsOf: canary => reflectorOf(controllerRevisionKind).store.byIndex(makerIndex, keyText(canary)),
    scalersOf: canary =>
      [...known.values()]
        .filter(({ kind }) => isScaler(kind))
        .flatMap(({ kind, store }) => store.byIndex(makerIndex, keyText(canary)).map(object => ({ kind, object }))),
    endpointsOfAny: (service, selection) => {
      const slices = reflectorOf(endpointSliceKind).store.byIndex(serviceIndex, keyText(service))
      return readyNamesIn(selection === undefined ? slices : slices.filter(slice => selectionOf(slice) === selection))
    },
    endpointsOf: service => (ofTracks.hasSynced() ? readyNamesIn(ofTracks.store.byIndex(serviceIndex, keyText(service))) : undefined),
    onChange: handler => {
      handlers.push(handler)
    },
  }
}
