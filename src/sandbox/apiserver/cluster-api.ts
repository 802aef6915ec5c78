import type { KindRef, KubeObject, ObjectKey } from '../../api/object.ts'
import { namedBy } from './admission.ts'
import type { Endpoint } from './catalogue.ts'
import { create } from './creating.ts'
import { decode, spokenAs } from './decoding.ts'
import { followDefinitions } from './definitions.ts'
import { type DeleteOptions, type Deletion, remove } from './deleting.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { type JsonObject, objectAt, textAt } from './json-value.ts'
import { createKernel, type Kernel, type KernelOptions } from './kernel.ts'
import { decodingOf, type PatchType, patch } from './patching.ts'
import { type ListQuery, list, type Page } from './reading.ts'
import { scaleOf, withScale } from './scaling.ts'
import { badRequest, noSuchPath, notFound } from './status.ts'
import { type Event, type Watch, type WatchQuery, watch } from './watching.ts'
import { liveOf, replace, type Subresource, type Target, type WriteOptions } from './writing.ts'

/** Which resource, in which version. A `KindRef` is one. */
export type ResourceRef = Pick<KindRef, 'apiVersion' | 'plural'>

export interface PatchBody {
  readonly type: PatchType
  readonly body: unknown
  readonly subresource?: Subresource
}

/**
 * The Kubernetes API without sockets: every verb is a plain function call, synchronous and repeatable (clock and chance come from outside).
 * The HTTP server and the deterministic simulation both stand on it. Objects handed out are shared: nobody changes them in place.
 * Every method throws a `StatusError` that carries the answer the wire would carry.
 */
export interface ClusterApi {
  readonly kernel: Kernel
  get(ref: ResourceRef, key: ObjectKey): KubeObject
  list(ref: ResourceRef, query?: ListQuery): Page
  watch(ref: ResourceRef, query: WatchQuery, onEvent: (event: Event) => void): Watch
  create(ref: ResourceRef, object: JsonObject, options?: WriteOptions): KubeObject
  update(ref: ResourceRef, object: JsonObject, options?: WriteOptions & { readonly subresource?: Subresource }): KubeObject
  patch(ref: ResourceRef, key: ObjectKey, patch: PatchBody & WriteOptions): KubeObject
  delete(ref: ResourceRef, key: ObjectKey, options?: DeleteOptions): Deletion
  /** Forgets the watch history, as a compaction does: watches and pages from before get 410. */
  compact(): void
  /** Ends the work behind the scenes. */
  stop(): void
}

const namespaceOf = (object: JsonObject): string => textAt(object['metadata'], 'namespace')

/** @throws {StatusError} 404 when the version has no such door */
const checkDoor = ({ endpoint, subresource, name }: Target): void => {
  const isMissing = (subresource === 'status' && !endpoint.version.hasStatus) || (subresource === 'scale' && !endpoint.version.scale)
  if (!isMissing) return
  // Who serves defined kinds takes a door that is not there for an object that is not there.
  throw endpoint.resource.builtin ? noSuchPath() : notFound(namedBy(endpoint, name))
}

/** One object, or its scale. */
export const getAt = (kernel: Kernel, target: Target): KubeObject => {
  checkDoor(target)
  const live = liveOf(kernel, target)
  if (!live) throw notFound(namedBy(target.endpoint, target.name))
  const { scale } = target.endpoint.version
  return target.subresource === 'scale' && scale ? (scaleOf(live, scale) as KubeObject) : spokenAs(live, target.endpoint)
}

const scaleAnswer = (target: Target, object: KubeObject): KubeObject => {
  const { scale } = target.endpoint.version
  return target.subresource === 'scale' && scale ? (scaleOf(object, scale) as KubeObject) : object
}

interface Update {
  readonly body: unknown
  readonly options: WriteOptions
}

const wantedBy = (target: Target, live: KubeObject, { body, options }: Update): JsonObject => {
  const { endpoint } = target
  const spoken = target.subresource === 'scale' ? withScale(endpoint, spokenAs(live, endpoint), body) : body
  return decode(spoken, target.endpoint, { ...decodingOf(options), live })
}

/** Replaces one object, its status or its scale. */
export const updateAt = (kernel: Kernel, target: Target, update: Update): KubeObject => {
  checkDoor(target)
  const name = textAt(objectAt(update.body, 'metadata'), 'name')
  if (name !== target.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`)
  const live = liveOf(kernel, target)
  if (!live) throw notFound(namedBy(target.endpoint, target.name))
  const wanted = wantedBy(target, live, update)
  return scaleAnswer(target, replace(kernel, { target, live, wanted, options: update.options }))
}

export const createAt = (kernel: Kernel, target: Target, { body, options }: Update): KubeObject => {
  const wanted = decode(body, target.endpoint, decodingOf(options))
  const namespace = namespaceOf(wanted)
  if (namespace !== '' && namespace !== target.namespace && target.endpoint.resource.namespaced) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  return create(kernel, { target, wanted, options })
}

export const patchAt = (kernel: Kernel, target: Target, { type, body, ...options }: PatchBody & WriteOptions): KubeObject => {
  checkDoor(target)
  return scaleAnswer(target, patch(kernel, { target, type, body, options }))
}

/** An API with nothing in it but what every cluster has. */
export const createClusterApi = (options: KernelOptions): ClusterApi => {
  const kernel = createKernel(options)
  followDefinitions(kernel)
  const collector = startGarbageCollector(kernel)

  const endpointOf = ({ apiVersion, plural }: ResourceRef): Endpoint => {
    const found = kernel.catalogue.byPlural(apiVersion, plural)
    if (!found) throw noSuchPath()
    return found
  }
  const targetOf = (ref: ResourceRef, { namespace, name }: ObjectKey, subresource: Subresource = ''): Target => {
    const endpoint = endpointOf(ref)
    return { endpoint, namespace: endpoint.resource.namespaced ? namespace : '', name, subresource }
  }
  const keyOf = (object: JsonObject): ObjectKey => ({ namespace: namespaceOf(object), name: textAt(object['metadata'], 'name') })

  const api: ClusterApi = {
    kernel,
    get: (ref, key) => getAt(kernel, targetOf(ref, key)),
    list: (ref, query = {}) => {
      const endpoint = endpointOf(ref)
      const page = list(kernel, endpoint, query)
      return { ...page, items: page.items.map(item => spokenAs(item, endpoint)) }
    },
    watch: (ref, query, onEvent) => {
      const endpoint = endpointOf(ref)
      return watch(kernel, { endpoint, query }, ({ type, object }) =>
        onEvent({ type, object: type === 'BOOKMARK' ? object : spokenAs(object, endpoint) }),
      )
    },
    create: (ref, object, write = {}) => createAt(kernel, targetOf(ref, keyOf(object)), { body: object, options: write }),
    update: (ref, object, { subresource = '', ...write } = {}) =>
      updateAt(kernel, targetOf(ref, keyOf(object), subresource), { body: object, options: write }),
    patch: (ref, key, { subresource = '', ...rest }) => patchAt(kernel, targetOf(ref, key, subresource), rest),
    delete: (ref, key, how = {}) => remove(kernel, targetOf(ref, key), how),
    compact: () => kernel.storage.compact(),
    stop: () => collector.stop(),
  }
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    api.create(
      { apiVersion: 'v1', plural: 'namespaces' },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      { manager: 'kube-apiserver' },
    )
  }
  return api
}
