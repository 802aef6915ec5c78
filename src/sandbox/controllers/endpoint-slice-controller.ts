import { type KubeObject, keyOf, type ObjectKey } from '../../api/object.ts'
import { endpointSlices, pods, services } from '../objects/kinds.ts'
import { readEndpointSlice, readService, type Service, serviceNameLabel } from '../objects/network.ts'
import { readPod } from '../objects/pod.ts'
import { labelsMatch } from '../objects/selector.ts'
import { type Labels, labelsOf } from '../objects/view.ts'
import type { World } from '../objects/world.ts'
import type { Controller } from './control-loop.ts'
import { managedByLabel, managedByUs, planEndpointSlices } from './endpoint-slice-plan.ts'

/**
 * Index of pods by each of their labels, and of Services by one pair of their selector: with these, neither finding the pods of a Service
 * nor the Services of a pod looks at all of the others.
 */
export const byLabel = 'label'
export const bySelector = 'selector'
/** Index of slices by the Service they belong to. */
export const byService = 'service'

const labelText = (namespace: string | undefined, [key, value]: readonly [string, string]): string => `${namespace ?? ''}/${key}=${value}`

const selectorOf = (service: Service): Labels => service.spec.selector ?? {}

export const labelIndex = (pod: KubeObject): string[] => Object.entries(labelsOf(pod)).map(pair => labelText(pod.metadata.namespace, pair))

/** One pair is enough to find the candidates; the first in alphabetical order is as good as any. */
const firstPair = (service: Service): readonly [string, string] | undefined =>
  Object.entries(selectorOf(service)).sort(([a], [b]) => (a < b ? -1 : 1))[0]

export const selectorIndex = (object: KubeObject): string[] => {
  const pair = firstPair(readService(object))
  return pair ? [labelText(object.metadata.namespace, pair)] : []
}

const serviceKey = ({ metadata }: KubeObject): ObjectKey => ({
  namespace: metadata.namespace ?? '',
  name: metadata.labels?.[serviceNameLabel] ?? '',
})

export const serviceIndex = (slice: KubeObject): string[] => {
  const { namespace, name } = serviceKey(slice)
  return [`${namespace}/${name}`]
}

const servicesOfPod = (pod: KubeObject, world: World): ObjectKey[] =>
  labelIndex(pod)
    .flatMap(label => world.store(services).byIndex(bySelector, label))
    .filter(object => labelsMatch(selectorOf(readService(object)), labelsOf(pod)))
    .map(keyOf)

const isOurs = (slice: KubeObject): boolean => labelsOf(slice)[managedByLabel] === managedByUs

export const endpointSliceController = (random: () => number): Controller => ({
  name: 'endpointslice',
  kind: services,
  wakes: [
    { kind: services, keysOf: object => [keyOf(object)] },
    { kind: pods, keysOf: servicesOfPod },
    { kind: endpointSlices, keysOf: slice => (isOurs(slice) ? [serviceKey(slice)] : []) },
  ],
  plan: ({ key, world }) => {
    const object = world.store(services).get(key)
    if (!object) return undefined
    const service = readService(object)
    const pair = firstPair(service)
    if (!pair || service.spec.type === 'ExternalName') return undefined
    const selected = world
      .store(pods)
      .byIndex(byLabel, labelText(key.namespace, pair))
      .filter(pod => labelsMatch(selectorOf(service), labelsOf(pod)))
    const slices = world.store(endpointSlices).byIndex(byService, `${key.namespace}/${key.name}`).filter(isOurs)
    return planEndpointSlices({ service, pods: selected.map(readPod), slices: slices.map(readEndpointSlice) }, random)
  },
})
