import { createHash } from 'node:crypto'
import type { Catalogue } from './catalogue.ts'
import type { JsonObject } from './json-value.ts'
import { apiVersionOf, type Resource, type Version, verbsOf } from './resource.ts'

/** Position of a version in Kubernetes' order: v2, v1, v1beta2, v1beta1, v1alpha1. */
const versionRank = (name: string): readonly number[] => {
  const [, major = '', stage, minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name) ?? []
  const maturity = stage === undefined ? 2 : stage === 'beta' ? 1 : 0
  return major === '' ? [-1, 0, 0] : [maturity, Number(major), Number(minor)]
}

const byPriority = (left: string, right: string): number => {
  const [a, b] = [versionRank(left), versionRank(right)]
  const at = a.findIndex((part, index) => part !== b[index])
  return at < 0 ? 0 : (b[at] ?? 0) - (a[at] ?? 0)
}

/** A group with its resources by version, best version first. */
export interface Group {
  readonly name: string
  readonly versions: readonly { readonly name: string; readonly resources: readonly (readonly [Resource, Version])[] }[]
}

/** What the catalogue serves now, by group and version. */
export const groupsOf = (catalogue: Catalogue): readonly Group[] => {
  const groups = new Map<string, Map<string, (readonly [Resource, Version])[]>>()
  for (const resource of catalogue.all()) {
    for (const version of resource.versions.filter(({ served }) => served)) {
      const versions = groups.get(resource.group) ?? new Map<string, (readonly [Resource, Version])[]>()
      versions.set(version.name, [...(versions.get(version.name) ?? []), [resource, version]])
      groups.set(resource.group, versions)
    }
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions.keys()].sort(byPriority).map(version => ({ name: version, resources: versions.get(version) ?? [] })),
  }))
}

const statusVerbs = ['get', 'patch', 'update']
const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

/** The field with its list, or nothing: discovery leaves empty lists out. */
const unlessEmpty = (field: string, list: readonly unknown[]): JsonObject => (list.length === 0 ? {} : { [field]: list })

/** Changes with the version in which objects are kept. */
const storageHash = ({ group, storageVersion, kind }: Resource): string =>
  createHash('sha256').update(`${group}/${storageVersion}/${kind}`).digest().subarray(0, 8).toString('base64')

const resourceEntries = ([resource, version]: readonly [Resource, Version]): JsonObject[] => {
  const { plural: name, singular: singularName, namespaced, kind, shortNames, categories } = resource
  const entry = {
    name,
    singularName,
    namespaced,
    kind,
    verbs: verbsOf(resource),
    ...unlessEmpty('shortNames', shortNames),
    ...unlessEmpty('categories', categories),
    ...(resource.isReview ? {} : { storageVersionHash: storageHash(resource) }),
  }
  return [
    entry,
    ...(kind === 'Pod' && resource.group === ''
      ? [{ name: `${name}/binding`, singularName: '', namespaced, kind: 'Binding', verbs: ['create'] }]
      : []),
    ...(version.hasStatus ? [{ name: `${name}/status`, singularName: '', namespaced, kind, verbs: statusVerbs }] : []),
    ...(version.scale ? [{ name: `${name}/scale`, singularName: '', namespaced, ...scaleKind, verbs: statusVerbs }] : []),
  ]
}

/** `/api/v1` and `/apis/GROUP/VERSION`; undefined when nothing is served there. */
export const resourceList = (catalogue: Catalogue, group: string, version: string): JsonObject | undefined => {
  const found = groupsOf(catalogue)
    .find(({ name }) => name === group)
    ?.versions.find(({ name }) => name === version)
  if (!found) return undefined
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(group, version),
    resources: found.resources.flatMap(resourceEntries),
  }
}

const versionEntry = (group: string, version: string): JsonObject => ({ groupVersion: apiVersionOf(group, version), version })

const groupEntry = ({ name, versions }: Group): JsonObject => ({
  name,
  versions: versions.map(version => versionEntry(name, version.name)),
  preferredVersion: versionEntry(name, versions[0]?.name ?? ''),
})

/** `/apis`. */
export const groupList = (catalogue: Catalogue): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groupsOf(catalogue)
    .filter(({ name }) => name !== '')
    .map(groupEntry),
})

/** `/apis/GROUP`; undefined when nothing is served there. */
export const oneGroup = (catalogue: Catalogue, name: string): JsonObject | undefined => {
  const found = groupsOf(catalogue).find(group => group.name === name && name !== '')
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found) }
}

/** `/api`. */
export const coreVersions = (address: string): JsonObject => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
})

const aggregatedDoors = (version: Version, responseKind: JsonObject): JsonObject[] => [
  ...(version.hasStatus ? [{ subresource: 'status', responseKind, verbs: statusVerbs }] : []),
  ...(version.scale ? [{ subresource: 'scale', responseKind: scaleKind, verbs: statusVerbs }] : []),
]

const aggregatedResource = ([resource, version]: readonly [Resource, Version]): JsonObject => {
  const responseKind = { group: resource.group, version: version.name, kind: resource.kind }
  return {
    resource: resource.plural,
    responseKind,
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: verbsOf(resource),
    ...unlessEmpty('shortNames', resource.shortNames),
    ...unlessEmpty('categories', resource.categories),
    ...unlessEmpty('subresources', aggregatedDoors(version, responseKind)),
  }
}

/** The media type of aggregated discovery, with which `kubectl` learns everything in two requests. */
export const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

export const wantsAggregated = (accept: string): boolean =>
  accept.split(',').some(choice => choice.includes('as=APIGroupDiscoveryList') && /v=v2(;|$)/.test(choice.trim()))

/** `/api` (only the core group) or `/apis` (all others) as aggregated discovery. */
export const aggregatedDiscovery = (catalogue: Catalogue, core: boolean): JsonObject => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: groupsOf(catalogue)
    .filter(({ name }) => (name === '') === core)
    .map(({ name, versions }) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: versions.map(version => ({
        version: version.name,
        resources: version.resources.map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
})
