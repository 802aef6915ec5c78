import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Canary, providerOf } from '../../src/api/canary.ts'
import { canaryKind, knativeServiceKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject, ObjectKey } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { oncePerObject } from '../../src/controller/memo.ts'
import type { Live } from '../../src/core/live.ts'
import type { Traffic } from '../../src/core/traffic.ts'
import { routers } from '../../src/routing/registry.ts'
import { type ClusterApi, createClusterApi } from '../../src/sandbox/apiserver/cluster-api.ts'
import { groupVersionOf, type Resource, resourceId } from '../../src/sandbox/apiserver/resource.ts'
import { knativeRevisionKind } from '../../src/targets/knative-revision.ts'
import { read } from '../support/claims.ts'
import { scaledObjectKind } from '../support/cluster-hands.ts'

/** The API server's database as it is, whatever anybody's cache says. */
export interface StoreView {
  stored(kind: KindRef, key: ObjectKey): KubeObject | undefined
  storedAll(kind: KindRef): readonly KubeObject[]
}

/** The embedded API server's store, with the kinds of a cluster that has Serin and two meshes. */
export interface SimStore extends StoreView {
  readonly cluster: ClusterApi
  /** The version that was the newest so many milliseconds ago. */
  versionBefore(ms: number): number
}

type Fields = Readonly<Record<string, unknown>>

const crdFiles = ['canaries', 'metrictemplates', 'alertproviders'].map(plural => `${plural}.flagger.app.yaml`)

const ownDefinitions = (): readonly Fields[] =>
  crdFiles.map(file => parse(readFileSync(join(import.meta.dirname, '../../crds', file), 'utf8')) as Fields)

/** A kind of a mesh or of KEDA, as far as it matters here: an object with a spec and a status. */
const definitionOf = ({ apiVersion, kind, plural }: KindRef): Fields => {
  const [group = '', version = ''] = apiVersion.split('/')
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const openAPIV3Schema = { type: 'object', properties: { spec: anything, status: anything } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema } }],
    },
  }
}

const istio = (kind: string, plural: string): KindRef => ({ apiVersion: 'networking.istio.io/v1beta1', kind, plural, namespaced: true })
export const virtualServiceKind = istio('VirtualService', 'virtualservices')
export const destinationRuleKind = istio('DestinationRule', 'destinationrules')

const foreignKinds = [virtualServiceKind, destinationRuleKind, scaledObjectKind, knativeServiceKind, knativeRevisionKind]

export const namespaceKind = { apiVersion: 'v1', plural: 'namespaces' }
export const namespaceOf = (name: string): Fields => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

const still: Clock = { nowMs: () => 0, monotonicMs: () => 0, schedule: () => () => {} }
const definitionKind = { apiVersion: 'apiextensions.k8s.io/v1', plural: 'customresourcedefinitions' }

/** Reading definitions is slow, and what comes of it never changes: it is done once for all runs of a process. */
const learnKinds = (): readonly Resource[] => {
  const api = createClusterApi({ clock: still, random: () => 0.5 })
  return [...ownDefinitions(), ...foreignKinds.map(definitionOf)].flatMap(definition => {
    const { spec } = api.create(definitionKind, definition) as KubeObject & { readonly spec: { group: string; names: { plural: string } } }
    return api.kernel.catalogue.byId(resourceId({ group: spec.group, plural: spec.names.plural })) ?? []
  })
}

let kinds: readonly Resource[] | undefined

const historyMs = 60_000

const shelfOf = oncePerObject(({ apiVersion, plural }: KindRef) => resourceId({ group: groupVersionOf(apiVersion).group, plural }))

/** What is stored as it is asked for needs no API to be read: rooms and rules look at it hundreds of times in a run. */
const isSpokenBy = (kind: KindRef, object: KubeObject): boolean => object.apiVersion === kind.apiVersion

export const createSimStore = (clock: Clock, random: () => number): SimStore => {
  const cluster = createClusterApi({ clock, random })
  const { storage } = cluster.kernel
  kinds ??= learnKinds()
  for (const resource of kinds) cluster.kernel.catalogue.add(resource)
  for (const name of ['test', 'serin', 'gateway']) cluster.create(namespaceKind, namespaceOf(name))
  const versions: { readonly atMs: number; readonly version: number }[] = []
  storage.subscribeAll((_, { revision }) => {
    versions.push({ atMs: clock.monotonicMs(), version: revision })
    while ((versions[0]?.atMs ?? 0) < clock.monotonicMs() - historyMs) versions.shift()
  })
  return {
    cluster,
    stored: (kind, key) => {
      const found = storage.get(shelfOf(kind), `${key.namespace}/${key.name}`)
      return found && !isSpokenBy(kind, found) ? cluster.get(kind, key) : found
    },
    storedAll: kind => {
      const found = storage.list(shelfOf(kind))
      return found.every(object => isSpokenBy(kind, object)) ? found : cluster.list(kind).items
    },
    versionBefore: ms => {
      const untilMs = clock.monotonicMs() - ms
      return versions.findLast(one => one.atMs <= untilMs)?.version ?? versions[0]?.version ?? storage.revision()
    },
  }
}

export const canaryOf = (raw: KubeObject): Canary => read(raw).canary

const teamKey = { namespace: 'test', name: 'podinfo' }

/** How traffic is split now, as the route in the store says it. */
export const trafficOf = (store: StoreView): Traffic | undefined => {
  const found = store.stored(canaryKind, teamKey)
  if (!found) return undefined
  const canary = canaryOf(found)
  const live: Live = { get: store.stored }
  const name = providerOf(canary, 'gatewayapi:v1')
  return routers.has(name) ? routers.get(name).observe(canary, live).traffic : undefined
}
