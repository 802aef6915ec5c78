import type { Canary } from '../api/canary.ts'
import { knativeServiceKind } from '../api/kinds.ts'
import { primaryRevisionMark } from '../api/marks.ts'
import type { KubeObject } from '../api/object.ts'
import type { Live } from '../core/live.ts'
import { contentHash } from './canonical.ts'
import {
  isRevisionOf,
  isRevisionTemplate,
  knativeRevisionKind,
  revisionNameIn,
  revisionReadiness,
  revisionTemplate,
} from './knative-revision.ts'
import type { Inspected, PinnedTemplate, Target, Workload } from './workload.ts'

const at = ({ metadata }: Canary, name: string) => ({ namespace: metadata.namespace ?? '', name })

const serviceOf = (canary: Canary, live: Live): KubeObject | undefined =>
  live.get(knativeServiceKind, at(canary, canary.spec.targetRef.name))

const latestRevisionOf = (object: KubeObject): string | undefined =>
  ((object['status'] ?? {}) as { readonly latestCreatedRevisionName?: string }).latestCreatedRevisionName || undefined

const primaryRevisionOf = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[primaryRevisionMark]

const targetOf = (object: KubeObject, revision: { readonly name: string; readonly object: KubeObject | undefined }): Target => {
  const template = revisionTemplate(revision.name, object.metadata.uid)
  return {
    object,
    ...(revision.object && { track: revision.object }),
    label: { key: 'app', value: object.metadata.name },
    template,
    templateHash: contentHash(template),
    configs: [],
    ports: [],
    replicas: 1,
  }
}

const inspect = (canary: Canary, live: Live): Inspected => {
  const what = `service.serving.knative.dev ${canary.spec.targetRef.name}.${canary.metadata.namespace ?? ''}`
  const object = serviceOf(canary, live)
  if (!object) {
    return { unusable: { reason: 'TargetMissing', message: `${what} does not exist; create it or correct spec.targetRef` } }
  }
  const name = latestRevisionOf(object)
  if (name === undefined) {
    const message = `${what} has no revision yet: status.latestCreatedRevisionName is empty; see whether Knative Serving runs`
    return { unusable: { reason: 'TargetInvalid', message } }
  }
  return { target: targetOf(object, { name, object: live.get(knativeRevisionKind, at(canary, name)) }) }
}

/**
 * What the annotation names; where somebody took that away, what was pinned. Before a first primary, and after one that was lost, the revision
 * that is there becomes it, whatever an earlier Canary left in the annotation.
 */
const primaryIn = (canary: Canary, live: Live, pin?: PinnedTemplate): KubeObject | undefined => {
  const object = serviceOf(canary, live)
  if (!object) return undefined
  const { phase = 'Initializing' } = canary.status
  const pinned = pin && isRevisionOf(pin.template, object.metadata.uid) ? revisionNameIn(pin.template) : undefined
  const named = primaryRevisionOf(object)
  const candidates = phase === 'Initializing' ? [pinned, named, latestRevisionOf(object)] : [named, pinned]
  return candidates.flatMap(name => (name === undefined ? [] : (live.get(knativeRevisionKind, at(canary, name)) ?? [])))[0]
}

/** A Knative Service without a status still says which revision is the primary. */
const standIn = (canary: Canary, live: Live): Target | undefined => {
  const object = serviceOf(canary, live)
  const name = object && primaryRevisionOf(object)
  return object && name !== undefined ? targetOf(object, { name, object: undefined }) : undefined
}

/**
 * A Knative Service: it keeps its revisions itself, so that no track is an object of its own. The canary is the latest revision, the primary
 * the one that an annotation names; the layer that routes writes both, because they are of one object. Nothing is parked: a revision without
 * requests has no pods.
 */
export const knativeService: Workload = {
  name: 'Service.serving.knative.dev',
  can: { scale: false, select: false, rebuild: false },
  kind: knativeServiceKind,
  kinds: [knativeServiceKind, knativeRevisionKind],
  inspect,
  standIn,
  primaryIn,
  accepts: isRevisionTemplate,
  pin: ({ template, templateHash }, digests) => ({ template, templateHash, configs: digests, settings: {} }),
  revisionName: ({ template }) => revisionNameIn(template),
  revisionOf: () => undefined, // it bears no mark of ours
  runs: ({ pin, live }) => live !== undefined && revisionNameIn(pin.template) === live.metadata.name,
  origin: ({ target, primary }) => targetOf(target.object, { name: primary.metadata.name, object: primary }),
  readiness: revisionReadiness,
  podSelector: ({ metadata }) => `serving.knative.dev/revision=${metadata.name}`,
  park: () => undefined,
  unpark: () => undefined,
}
