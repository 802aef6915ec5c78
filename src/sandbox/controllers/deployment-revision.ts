import type { Manifest } from '../../api/object.ts'
import { annotationsOf, type Labels } from '../objects/view.ts'
import type { Deployment, ReplicaSet } from '../objects/workloads.ts'
import { annotations, revisionOf, sizeAnnotations } from './deployment-view.ts'
import { controlledBy } from './plan.ts'
import { labelled, podTemplateHashLabel, sameTemplate, templateHash } from './template-hash.ts'

/** Annotations of a Deployment that are its own affair and not copied to its ReplicaSets. */
const notCopied: ReadonlySet<string> = new Set(['kubectl.kubernetes.io/last-applied-configuration', ...Object.values(annotations)])

/** The ReplicaSet of the Deployment's present template; the oldest when, by an accident of the past, there are several. */
export const findFresh = (deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined =>
  replicaSets.find(replicaSet => sameTemplate(replicaSet.spec.template, deployment.spec.template))

/** The number that the present template gets: one more than any other has. */
export const nextRevision = (old: readonly ReplicaSet[]): number => Math.max(0, ...old.map(revisionOf)) + 1

const copiedAnnotations = (deployment: Deployment): Labels =>
  Object.fromEntries(Object.entries(annotationsOf(deployment)).filter(([name]) => !notCopied.has(name)))

const historyOf = (replicaSet: ReplicaSet): string => {
  const { [annotations.revision]: before = '', [annotations.revisionHistory]: history } = annotationsOf(replicaSet)
  return history ? `${history},${before}` : before
}

/** Annotations that the ReplicaSet of the present template should carry besides its own; an old one that is used again gets a new number and keeps the old one as history. */
export const freshAnnotations = (deployment: Deployment, fresh: ReplicaSet, revision: number): Labels => {
  const copied = copiedAnnotations(deployment)
  const before = revisionOf(fresh)
  if (before >= revision) return copied
  return { ...copied, [annotations.revision]: String(revision), ...(before > 0 ? { [annotations.revisionHistory]: historyOf(fresh) } : {}) }
}

export interface FreshReplicaSet {
  readonly replicas: number
  readonly revision: number
}

/** The ReplicaSet that does not exist yet for the Deployment's present template. */
export const freshReplicaSet = (deployment: Deployment, { replicas, revision }: FreshReplicaSet): Manifest => {
  const { spec, status, metadata } = deployment
  const hash = templateHash(spec.template, status.collisionCount)
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace ?? '',
      labels: { ...spec.template.metadata?.labels, [podTemplateHashLabel]: hash },
      annotations: { ...copiedAnnotations(deployment), ...sizeAnnotations(deployment), [annotations.revision]: String(revision) },
      ownerReferences: [controlledBy(deployment)],
    },
    spec: {
      replicas,
      minReadySeconds: spec.minReadySeconds,
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [podTemplateHashLabel]: hash } },
      template: labelled(spec.template, podTemplateHashLabel, hash),
    },
  }
}
