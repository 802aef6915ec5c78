import type { Canary } from '../../src/api/canary.ts'
import type { Json, KubeObject, Manifest } from '../../src/api/object.ts'
import type { Live } from '../../src/core/live.ts'
import { deployment } from '../../src/targets/deployment.ts'
import type { PodTemplate } from '../../src/targets/pod-template.ts'
import type { PrimarySource, Target, TargetOptions } from '../../src/targets/workload.ts'
import { aCanary } from '../support/builders.ts'

type Fields = Readonly<Record<string, unknown>>

/** What the controller runs with when nobody sets a flag. */
export const flags: TargetOptions = { selectorLabels: ['app', 'name', 'app.kubernetes.io/name'], includeLabelPrefix: [] }

/** A cluster in which exactly these objects exist. */
export const liveOf = (...objects: readonly KubeObject[]): Live => {
  const inKind = (kind: string) => objects.filter(object => object.kind === kind)
  return {
    get: (kind, key) => inKind(kind.kind).find(({ metadata }) => metadata.name === key.name && metadata.namespace === key.namespace),
  }
}

export interface DeploymentChanges {
  readonly name?: string
  readonly metadata?: Fields
  readonly spec?: Fields
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly pod?: Fields
  readonly container?: Fields
}

/** A Deployment of two pods as an API server stores it, named and labelled podinfo. */
export const aTarget = ({ name = 'podinfo', metadata, spec, labels, annotations, pod, container }: DeploymentChanges = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'test', generation: 1, labels: { app: 'podinfo' }, ...metadata },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'podinfo' } },
    template: {
      metadata: { labels: { app: 'podinfo', ...labels }, ...(annotations && { annotations }) },
      spec: { containers: [{ name: 'podinfod', image: 'podinfo:1', resources: {}, ...container }], ...pod },
    },
    ...spec,
  },
})

/** The usable target of a Canary. */
export const inspected = (object: KubeObject, canary: Canary = aCanary(), options: TargetOptions = flags): Target => {
  const found = deployment.inspect(canary, liveOf(object), options)
  if ('unusable' in found) throw new Error(found.unusable.message)
  return found.target
}

export interface PrimaryOf extends Partial<Omit<PrimarySource, 'target'>> {
  readonly digests?: Readonly<Record<string, string>>
}

/** The primary made from a target as it is. */
export const primaryOf = (object: KubeObject, { digests = {}, ...changes }: PrimaryOf = {}): Manifest => {
  const canary =
    changes.canary ?? aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: object.metadata.name } } })
  const options = changes.options ?? flags
  const target = inspected(object, canary, options)
  return deployment.primary({ canary, target, pin: deployment.pin(target, digests), live: undefined, replicas: 2, options, ...changes })
}

export const templateIn = (object: KubeObject): PodTemplate => (object['spec'] as { readonly template: PodTemplate }).template
export const specIn = (object: KubeObject): Readonly<Record<string, Json>> => object['spec'] as Readonly<Record<string, Json>>

/** A Deployment that a controller made for the Canary of the builders, still to be rolled out. */
export const ownedByCanary = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    ownerReferences: [
      { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'canary-uid', controller: true, blockOwnerDeletion: true },
    ],
  },
})
