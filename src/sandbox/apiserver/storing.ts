import type { KubeObject } from '../../api/object.ts'
import type { Endpoint } from './catalogue.ts'
import { settle } from './decoding.ts'
import { type Kernel, storageKey } from './kernel.ts'
import { shelfOf } from './resource.ts'
import { StatusError } from './status.ts'
import { lengthWithin, noteLength } from './text-length.ts'

const objectLimitBytes = 1536 * 1024

/** A version that was judged, on its way into the store. */
export interface Version {
  readonly endpoint: Endpoint
  readonly namespace: string
  readonly name: string
  /** In storage form. */
  readonly object: KubeObject
  /** The stored version whose place it takes. */
  readonly before?: KubeObject
}

export const withRevision = (object: KubeObject, revision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
})

/** @throws {StatusError} 500 when it would be too large for etcd */
export const store = ({ storage }: Kernel, { endpoint, namespace, name, object, before }: Version): KubeObject => {
  const length = lengthWithin(objectLimitBytes, object, before)
  if (length === undefined) throw new StatusError(500, '', { message: 'etcdserver: request is too large' })
  const put = storage.put(shelfOf(endpoint.resource), storageKey(namespace, name), revision => withRevision(object, revision))
  noteLength(put, length)
  return settle(put, endpoint)
}
