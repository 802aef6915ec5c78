import type { Pod } from '../objects/pod.ts'
import { annotationsOf, type Labels, labelsOf } from '../objects/view.ts'

/** What a pod may tell its own containers about itself. */
export interface PodSelf {
  readonly pod: Pod
  readonly podIp: string
  readonly hostIp: string
}

const simple: Readonly<Record<string, (self: PodSelf) => string>> = {
  'metadata.name': ({ pod }) => pod.metadata.name,
  'metadata.namespace': ({ pod }) => pod.metadata.namespace ?? '',
  'metadata.uid': ({ pod }) => pod.metadata.uid ?? '',
  'spec.nodeName': ({ pod }) => pod.spec.nodeName ?? '',
  'spec.serviceAccountName': ({ pod }) => pod.spec.serviceAccountName ?? 'default',
  'status.podIP': ({ podIp }) => podIp,
  'status.podIPs': ({ podIp }) => podIp,
  'status.hostIP': ({ hostIp }) => hostIp,
  'status.hostIPs': ({ hostIp }) => hostIp,
}

const wholeMap = (values: Labels): string =>
  Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join('\n')

const maps: Readonly<Record<string, (pod: Pod) => Labels>> = { 'metadata.labels': labelsOf, 'metadata.annotations': annotationsOf }

/** The value of a `fieldRef`; undefined when the API knows no such path. */
export const fieldValue = (fieldPath: string, self: PodSelf): string | undefined => {
  const known = simple[fieldPath]
  if (known) return known(self)
  const [, base = '', key] = /^(metadata\.(?:labels|annotations))(?:\['([^']+)'\])?$/.exec(fieldPath) ?? []
  const values = maps[base]?.(self.pod)
  if (!values) return undefined
  return key === undefined ? wholeMap(values) : (values[key] ?? '')
}
