import type { KubeObject } from '../../api/object.ts'
import { namedBy } from './admission.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt, withField } from './json-value.ts'
import { type Kernel, storageKey, timestamp, timeText } from './kernel.ts'
import { resourceId, shelfOf } from './resource.ts'
import { conflict, notFound } from './status.ts'
import { withRevision } from './storing.ts'
import { liveOf, stored, type Target } from './writing.ts'

type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan'

export interface DeleteOptions {
  readonly uid?: string
  readonly resourceVersion?: string
  readonly propagationPolicy?: PropagationPolicy
  readonly gracePeriodSeconds?: number
  readonly dryRun?: boolean
}

/** What became of the object: gone, or still there and waiting for a finalizer or its node. */
export interface Deletion {
  readonly object: KubeObject
  readonly gone: boolean
}

/** Finalizers of the garbage collector, which say how dependents are dealt with. */
export const policyFinalizers = { Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const

const policies: readonly string[] = ['Background', 'Foreground', 'Orphan']
const policyNames: readonly string[] = Object.values(policyFinalizers)

/** Reads the `DeleteOptions` of a request body. */
export const deleteOptionsOf = (body: unknown): DeleteOptions => {
  if (!isObject(body)) return {}
  const uid = textAt(body['preconditions'], 'uid')
  const resourceVersion = textAt(body['preconditions'], 'resourceVersion')
  const policy = textAt(body, 'propagationPolicy') || (body['orphanDependents'] === true ? 'Orphan' : '')
  const grace = body['gracePeriodSeconds']
  return {
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
    ...(policies.includes(policy) ? { propagationPolicy: policy as PropagationPolicy } : {}),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(Array.isArray(body['dryRun']) && body['dryRun'].length > 0 ? { dryRun: true } : {}),
  }
}

const checkPreconditions = ({ endpoint }: Target, { metadata }: KubeObject, options: DeleteOptions): void => {
  // Here the API calls the kind by its name, not by its plural.
  const named = { ...namedBy(endpoint, metadata.name), plural: endpoint.resource.kind }
  const { uid, resourceVersion } = options
  if (uid !== undefined && uid !== metadata.uid) {
    const words = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(named, words)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const words = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    throw conflict(named, words)
  }
}

const isOver = (live: KubeObject): boolean => ['Succeeded', 'Failed'].includes(textAt(live['status'], 'phase'))

/** Seconds that the node may take to stop a pod; 0 when nobody must stop anything. */
const graceOf = ({ endpoint }: Target, live: KubeObject, options: DeleteOptions): number => {
  if (!endpoint.resource.deletesGracefully || textAt(live['spec'], 'nodeName') === '' || isOver(live)) return 0
  const wanted = isObject(live['spec']) ? live['spec']['terminationGracePeriodSeconds'] : undefined
  return options.gracePeriodSeconds ?? (typeof wanted === 'number' ? wanted : 30)
}

const finalizersAfter = (live: KubeObject, policy: PropagationPolicy | undefined): readonly string[] => {
  const others = (live.metadata.finalizers ?? []).filter(name => policy === undefined || !policyNames.includes(name))
  const added = policy === undefined || policy === 'Background' ? undefined : policyFinalizers[policy]
  return added === undefined ? others : [...others, added]
}

const markedMetadata = (kernel: Kernel, live: KubeObject, finalizers: readonly string[]): JsonObject => {
  const marked = live.metadata as unknown as JsonObject
  return withField(
    { ...marked, deletionTimestamp: marked['deletionTimestamp'] ?? timeText(kernel.clock.nowMs()) },
    'finalizers',
    finalizers.length === 0 ? undefined : finalizers,
  )
}

/** The object as it waits for its end; the generation moves on because its end is now wanted. */
const marked = (
  kernel: Kernel,
  live: KubeObject,
  { finalizers, graceSeconds }: { finalizers: readonly string[]; graceSeconds: number },
): KubeObject => {
  const metadata = markedMetadata(kernel, live, finalizers)
  const already = live.metadata.deletionTimestamp !== undefined
  const generation = live.metadata.generation === undefined || already ? live.metadata.generation : live.metadata.generation + 1
  const timed = {
    ...metadata,
    ...(generation === undefined ? {} : { generation }),
    deletionGracePeriodSeconds: graceSeconds,
    ...(graceSeconds > 0 && !already ? { deletionTimestamp: timeText(kernel.clock.nowMs() + graceSeconds * 1000) } : {}),
  }
  return { ...live, metadata: timed as unknown as KubeObject['metadata'] }
}

const sameDeletion = (next: KubeObject, live: KubeObject): boolean =>
  live.metadata.deletionTimestamp !== undefined && JSON.stringify(next.metadata) === JSON.stringify(live.metadata)

/** A namespace is gone only when its contents are; who empties it lets it go. */
const heldByContents = ({ endpoint }: Target, live: KubeObject): boolean =>
  resourceId(endpoint.resource) === 'namespaces' &&
  isObject(live['spec']) &&
  Array.isArray(live['spec']['finalizers']) &&
  live['spec']['finalizers'].length > 0

/** The finalizer of a definition, which goes when the last object of its kind is gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

const isDefinition = ({ endpoint }: Target): boolean => resourceId(endpoint.resource) === 'customresourcedefinitions.apiextensions.k8s.io'

const deletionPending = (kernel: Kernel): JsonObject => ({
  type: 'Terminating',
  status: 'True',
  lastTransitionTime: timestamp(kernel),
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
})

/** A definition on its way out takes the objects of its kind along first. */
const definitionWaiting = (kernel: Kernel, live: KubeObject): KubeObject => {
  const finalizers = [...new Set([...(live.metadata.finalizers ?? []), cleanupFinalizer])]
  const known = listAt(live['status'], 'conditions')
  const isSaid = known.some(condition => textAt(condition, 'type') === 'Terminating')
  const next = marked(kernel, live, { finalizers, graceSeconds: 0 })
  if (isSaid) return next
  return { ...next, status: { ...objectAt(next, 'status'), conditions: [...known, deletionPending(kernel)] } }
}

const terminating = (object: KubeObject): KubeObject => ({ ...object, status: { ...(object['status'] as object), phase: 'Terminating' } })

const waitingForm = (
  kernel: Kernel,
  target: Target,
  { live, options }: { live: KubeObject; options: DeleteOptions },
): KubeObject | undefined => {
  if (isDefinition(target)) return definitionWaiting(kernel, live)
  const finalizers = finalizersAfter(live, options.propagationPolicy)
  const graceSeconds = graceOf(target, live, options)
  const held = heldByContents(target, live)
  if (finalizers.length === 0 && graceSeconds === 0 && !held) return undefined
  const next = marked(kernel, live, { finalizers, graceSeconds })
  return held ? terminating(next) : next
}

/** What is stopped by a node is marked even when no node must stop it, and answered so. */
const asLastSeen = (kernel: Kernel, { endpoint }: Target, object: KubeObject): KubeObject =>
  endpoint.resource.deletesGracefully ? marked(kernel, object, { finalizers: [], graceSeconds: 0 }) : object

/**
 * Deletes one object, or marks it when finalizers, its node or its contents must be done with it first.
 * @throws {StatusError} 404, or 409 when a precondition fails
 */
export const remove = (kernel: Kernel, target: Target, options: DeleteOptions): Deletion => {
  const live = liveOf(kernel, target)
  if (!live) throw notFound(namedBy(target.endpoint, target.name))
  checkPreconditions(target, live, options)
  const waiting = waitingForm(kernel, target, { live, options })
  const shelf = shelfOf(target.endpoint.resource)
  const key = storageKey(target.namespace, target.name)
  if (options.dryRun) return { object: waiting ?? live, gone: waiting === undefined }
  if (!waiting) return { object: asLastSeen(kernel, target, kernel.storage.remove(shelf, key) ?? live), gone: true }
  if (sameDeletion(waiting, live)) return { object: live, gone: false }
  return {
    object: kernel.storage.put(shelf, key, revision => withRevision(stored(waiting, target.endpoint.resource), revision)),
    gone: false,
  }
}
