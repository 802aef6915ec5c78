import { fieldManager } from '../../src/api/marks.ts'
import { type KindRef, type KubeObject, keyOf, keyText, type Manifest, type ObjectKey } from '../../src/api/object.ts'
import { KubeError } from '../../src/kube/errors.ts'
import type { ListOptions, ListPage, Patch, Preconditions } from '../../src/kube/kube-api.ts'
import { type FakeCluster, kindText } from './fake-cluster.ts'
import { kubeError } from './fake-faults.ts'
import { applied, fieldsOf, patched } from './fake-merge.ts'

const conflict = (kind: KindRef, key: ObjectKey, why: string) =>
  kubeError('Conflict', `${kind.plural} ${keyText(key)}: 409 Conflict: ${why}`)

const labelsFit = (object: KubeObject, selector: string): boolean =>
  selector
    .split(',')
    .filter(Boolean)
    .every(term => {
      const [name = '', value] = term.split('=')
      const label = object.metadata.labels?.[name]
      return value === undefined ? label !== undefined : label === value
    })

/** Whether a list or watch with these options shows the object. Field selectors are not understood. */
export const isWanted = (
  object: KubeObject,
  { namespace, labelSelector = '', fieldSelector = '' }: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>,
): boolean =>
  (namespace === undefined || object.metadata.namespace === namespace) &&
  labelsFit(object, labelSelector) &&
  fieldsFit(object, fieldSelector)

const fieldAt = (object: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>> | undefined)?.[name], object)

const fieldsFit = (object: KubeObject, selector: string): boolean =>
  selector.split(',').every(term => {
    const [path = '', value] = term.split('=')
    return path === '' || fieldAt(object, path) === value
  })

/** The object, or only its metadata. */
export const shown = (object: KubeObject, metadataOnly: boolean | undefined): KubeObject =>
  metadataOnly ? { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata } : object

const check = (kind: KindRef, live: KubeObject, { uid, resourceVersion }: Preconditions) => {
  if (uid !== undefined && uid !== live.metadata.uid) throw conflict(kind, keyOf(live), 'the uid is another')
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
    throw conflict(kind, keyOf(live), 'the object has been modified')
  }
}

/** The size of an object, as its scale subresource shows it: nobody's ownership with it. */
const scaleOf = (object: KubeObject): KubeObject => {
  const { managedFields: _, labels: __, annotations: ___, ...metadata } = object.metadata
  const { replicas } = object['spec'] as { readonly replicas?: number }
  return { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas } }
}

/** Nothing but the metadata of an immutable ConfigMap or Secret changes. */
const checkContents = (live: KubeObject, next: KubeObject): void => {
  if (live['immutable'] !== true) return
  const changed = ['immutable', 'data', 'binaryData'].find(field => JSON.stringify(live[field]) !== JSON.stringify(next[field]))
  const words = `${live.kind} "${live.metadata.name}" is invalid: ${changed}: Forbidden: field is immutable when \`immutable\` is set`
  if (changed) throw kubeError('Invalid', words)
}

/** What each verb does to the cluster, and when it refuses. Every kind has a status subresource: other verbs leave status alone. */
export const createFakeRules = (cluster: FakeCluster) => {
  const lastApplied = new Map<string, Manifest>()
  const find = (kind: KindRef, key: ObjectKey) => cluster.get(kindText(kind), key)

  const existing = (kind: KindRef, key: ObjectKey): KubeObject => {
    const live = find(kind, key)
    if (!live) throw kubeError('NotFound', `${kind.plural} ${keyText(key)}: 404 NotFound`)
    return live
  }

  const saveKeepingStatus = (live: KubeObject, { status: _, ...next }: KubeObject): KubeObject => {
    checkContents(live, next as KubeObject)
    return cluster.save({ ...next, ...('status' in live && { status: live['status'] }) } as KubeObject)
  }

  const create = (kind: KindRef, manifest: Manifest): KubeObject => {
    const key = keyOf(manifest)
    if (find(kind, key)) {
      const message = `${kind.plural} ${keyText(key)}: 409 AlreadyExists`
      throw new KubeError('Conflict', message, { httpStatus: 409, reason: 'AlreadyExists' })
    }
    const { status: _, metadata, ...rest } = manifest
    const { resourceVersion: __, uid: ___, ...given } = metadata
    return cluster.save({ ...rest, metadata: given } as KubeObject)
  }

  const withOwner = (kind: KindRef, manifest: Manifest, result: KubeObject): KubeObject => {
    const others = result.metadata.managedFields?.filter(({ manager }) => manager !== fieldManager) ?? []
    const ours = {
      manager: fieldManager,
      operation: 'Apply' as const,
      apiVersion: kind.apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: fieldsOf(manifest),
    }
    return { ...result, metadata: { ...result.metadata, managedFields: [...others, ours] } }
  }

  const applyOver = (kind: KindRef, live: KubeObject, manifest: Manifest): KubeObject => {
    check(kind, live, manifest.metadata)
    const before = lastApplied.get(live.metadata.uid ?? '') ?? {}
    return saveKeepingStatus(live, withOwner(kind, manifest, applied(live, before, manifest) as KubeObject))
  }

  const applyNew = (kind: KindRef, manifest: Manifest): KubeObject => {
    // A version keeps apply from creating nothing, as in the real one.
    if (manifest.metadata.uid !== undefined) throw conflict(kind, keyOf(manifest), 'the object does not exist')
    return create(kind, withOwner(kind, manifest, manifest))
  }

  return {
    find,
    create,
    apply: (kind: KindRef, manifest: Manifest): KubeObject => {
      const live = find(kind, keyOf(manifest))
      const saved = live ? applyOver(kind, live, manifest) : applyNew(kind, manifest)
      lastApplied.set(saved.metadata.uid ?? '', manifest)
      return saved
    },
    patch: (kind: KindRef, key: ObjectKey, patch: Patch): KubeObject => {
      const live = existing(kind, key)
      if (patch.type === 'merge') check(kind, live, (patch.body['metadata'] ?? {}) as Preconditions)
      const saved = saveKeepingStatus(live, patched(live, patch) as KubeObject)
      return patch.type === 'merge' && patch.subresource ? scaleOf(saved) : saved
    },
    updateStatus: (kind: KindRef, object: KubeObject): KubeObject => {
      const live = existing(kind, keyOf(object))
      check(kind, live, object.metadata)
      return cluster.save({ ...live, status: object['status'] })
    },
    remove: (kind: KindRef, key: ObjectKey, preconditions: Preconditions): void => {
      const live = find(kind, key)
      if (!live) return
      check(kind, live, preconditions)
      cluster.remove(kindText(kind), key)
    },
    page: (kind: KindRef, options: ListOptions): ListPage => {
      const [at = '', start = '0'] = options.continue ? options.continue.split(':') : [cluster.version()]
      if (options.continue && cluster.since(kindText(kind), Number(at)) === undefined)
        throw kubeError('Gone', 'the continue token is too old')
      const all = cluster.list(kindText(kind)).filter(object => isWanted(object, options))
      const end = options.limit === undefined ? all.length : Number(start) + options.limit
      const items = all.slice(Number(start), end).map(object => shown(object, options.metadataOnly))
      return { items, resourceVersion: at, continue: end < all.length ? `${at}:${end}` : '' }
    },
  }
}
