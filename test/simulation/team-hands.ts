import {
  canaryKind,
  configMapKind,
  daemonSetKind,
  deploymentKind,
  horizontalPodAutoscalerKind,
  knativeServiceKind,
  metricTemplateKind,
  secretKind,
  serviceKind,
} from '../../src/api/kinds.ts'
import { type KindRef, type KubeObject, keyOf } from '../../src/api/object.ts'
import { additiveFields, readStatus } from '../../src/api/status.ts'
import { isForeign } from '../../src/core/take-over.ts'
import { StatusError } from '../../src/sandbox/apiserver/status.ts'
import { scaledObjectKind } from '../support/cluster-hands.ts'
import { httpRouteKind } from '../support/team.ts'
import { configurationOf, podOf } from './configuration.ts'
import { manifestsOf, rivalName, type Setup } from './setup.ts'
import type { SimStore } from './sim-store.ts'
import { targets } from './tracks.ts'
import type { Version } from './versions.ts'

type Fields = Readonly<Record<string, unknown>>

/** What people and their tools do to a team's objects, each as one request of their own. */
export interface TeamHands {
  create(object: KubeObject): void
  release(version: Version): void
  edit(spec: Fields): void
  /** As `kubectl apply --server-side` of the whole manifest does. */
  applyFromGit(replicas: 'declared' | 'left out', version: Version): void
  /** The Canary as it stands in Git, whatever it was edited to. */
  restore(): void
  scale(name: string, replicas: number): void
  configure(color: string): void
  weigh(canary: number): void
  /** Changes what Serin answers for: weights, selectors, and whether the target runs. */
  disturb(): void
  drop(kind: KindRef, name: string): void
  /** The status keeps only what every controller of the field writes. */
  forget(): void
}

export interface TeamHandsOptions {
  readonly store: SimStore
  readonly setup: Setup
  /** A tool of the team met a conflict with us: it must never. */
  onConflict(message: string): void
}

const key = { namespace: 'test', name: 'podinfo' }
const kinds: readonly KindRef[] = [
  deploymentKind,
  daemonSetKind,
  knativeServiceKind,
  canaryKind,
  configMapKind,
  secretKind,
  metricTemplateKind,
  httpRouteKind,
  serviceKind,
  horizontalPodAutoscalerKind,
  scaledObjectKind,
]

const restored = ['ConfigMap', 'Secret', 'MetricTemplate', 'HorizontalPodAutoscaler', 'ScaledObject']

const isOf = (ref: KindRef, { apiVersion, kind }: KubeObject): boolean => ref.kind === kind && ref.apiVersion === apiVersion

const kindOf = (object: KubeObject): KindRef => {
  const found = kinds.find(one => isOf(one, object))
  if (!found) throw new Error(`no kind ${object.kind}`)
  return found
}

export const createTeamHands = ({ store, setup, onConflict }: TeamHandsOptions): TeamHands => {
  const { cluster } = store
  const manager = 'kubectl-edit'

  /** What is not there, or on its way out, cannot be changed: people see an error and go on. */
  const attempt = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof StatusError) || ![404, 409, 422].includes(error.status.code ?? 0)) throw error
    }
  }
  const merge = (kind: KindRef, name: string, body: Fields): void =>
    attempt(() => void cluster.patch(kind, { ...key, name }, { type: 'merge', body, manager }))

  const apply = (object: KubeObject): void => {
    const patch = (force: boolean) =>
      cluster.patch(kindOf(object), keyOf(object), { type: 'apply', body: object, manager: 'kubectl', force })
    try {
      patch(false)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (error.message.includes('"serin"')) onConflict(error.message)
      attempt(() => void patch(true))
    }
  }

  const manifests = manifestsOf(setup)
  const play = targets[setup.target]
  const target = manifests.find(object => isOf(play.kind, object))

  /** Services and routes are shared with Serin, and the target has a life of its own: those stay as they are. */
  const restoreOne = (found: KubeObject, wanted: KubeObject): void => {
    if (found.metadata.deletionTimestamp) return
    if (wanted.kind === 'Canary') attempt(() => void cluster.update(canaryKind, { ...found, spec: wanted['spec'] }, { manager }))
    else if (restored.includes(wanted.kind)) merge(kindOf(wanted), wanted.metadata.name, withoutMetadata(wanted))
  }

  const create = (object: KubeObject): void => void cluster.create(kindOf(object), object as unknown as Fields, { manager })

  const discard = (kind: KindRef, name: string): void =>
    attempt(() => void cluster.delete(kind, { ...key, name }, { propagationPolicy: 'Background' }))

  const hands: TeamHands = {
    create,
    release: version => merge(play.kind, 'podinfo', play.released(version, podOf(setup))),
    edit: spec => merge(canaryKind, 'podinfo', { spec }),
    applyFromGit: (replicas, version) => {
      const { spec, ...object } = target as KubeObject & { readonly spec: Fields }
      const { replicas: declared, traffic: _, ...rest } = spec // that of Knative has no shares in Git
      const wanted = replicas === 'declared' && declared !== undefined ? { replicas: declared } : {}
      const released = play.released(version, podOf(setup)) as { readonly spec: Fields }
      apply({ ...object, spec: { ...rest, ...wanted, ...released.spec } })
    },
    restore: () => {
      discard(canaryKind, rivalName)
      for (const object of manifests) {
        const found = store.stored(kindOf(object), keyOf(object))
        if (found) restoreOne(found, object)
        else create(object)
      }
    },
    scale: (name, replicas) => merge(deploymentKind, name, { spec: { replicas } }),
    configure: color => {
      for (const object of configurationOf(setup, color)) {
        const kind = kindOf(object)
        if (store.stored(kind, keyOf(object))) merge(kind, object.metadata.name, withoutMetadata(object))
        else attempt(() => create(object))
      }
    },
    weigh: canary => {
      const route = store.stored(httpRouteKind, key)
      if (route) merge(httpRouteKind, 'podinfo', { spec: weighed(route, canary) })
    },
    disturb: () => {
      const services = setup.target === 'Service' ? ['podinfo-canary'] : ['podinfo', 'podinfo-canary'] // a target says itself what it selects
      for (const name of services) merge(serviceKind, name, { spec: { selector: { app: 'nobody' } } })
      merge(play.kind, 'podinfo', play.disturbed)
      hands.weigh(40)
    },
    drop: (kind, name) => {
      if (kind === canaryKind) discard(canaryKind, rivalName) // who takes the one away does not leave the other in its place
      discard(kind, name)
    },
    forget: () => {
      const canary = store.stored(canaryKind, key)
      if (!canary || canary.metadata.deletionTimestamp) return
      const kept = Object.entries((canary['status'] ?? {}) as Fields).filter(([name]) => !additiveFields.includes(name))
      const status = Object.fromEntries(kept)
      if (!isForeign(readStatus(status))) return // another controller would begin anew as well
      cluster.update(canaryKind, { ...canary, status }, { subresource: 'status', manager: 'another' })
    },
  }
  return hands
}

const withoutMetadata = ({ apiVersion: _, kind: __, metadata: ___, ...rest }: KubeObject): Fields => rest

interface RouteSpec {
  readonly rules: readonly { readonly backendRefs?: readonly { readonly name: string }[] }[]
}

const weighed = (route: KubeObject, canary: number): RouteSpec => {
  const { rules } = route['spec'] as RouteSpec
  const weightOf = (name: string): number => (name.endsWith('-canary') ? canary : 100 - canary)
  return {
    rules: rules.map(rule => ({ ...rule, backendRefs: (rule.backendRefs ?? []).map(ref => ({ ...ref, weight: weightOf(ref.name) })) })),
  }
}
