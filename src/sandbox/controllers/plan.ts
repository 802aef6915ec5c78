import { isDeepStrictEqual } from 'node:util'
import type { KindRef, KubeObject, Manifest, OwnerReference } from '../../api/object.ts'

/** One request that a controller wants made. `object` is what it looked at: its uid and resourceVersion are the precondition. */
export type Write =
  | { readonly verb: 'create'; readonly kind: KindRef; readonly manifest: Manifest }
  | { readonly verb: 'patch'; readonly kind: KindRef; readonly object: Seen; readonly body: Readonly<Record<string, unknown>> }
  | { readonly verb: 'status'; readonly kind: KindRef; readonly object: Seen; readonly status: unknown }
  | { readonly verb: 'delete'; readonly kind: KindRef; readonly object: Seen }
  | { readonly verb: 'bind'; readonly object: Seen; readonly nodeName: string }

/** An object as it came from a store. */
export type Seen = Pick<KubeObject, 'metadata' | 'apiVersion' | 'kind'>

/** What one pass of a controller asks for, in order. A pass whose writes are all done, or that has none, wakes again on events, or after `wakeAfterMs`. */
export interface Plan {
  readonly writes: readonly Write[]
  readonly wakeAfterMs?: number
}

export const nothing: Plan = { writes: [] }

/** The reference by which a controller says that this object is its own; garbage collection follows it. */
export const controlledBy = ({ apiVersion, kind, metadata }: Seen): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

/** Uid of the controller of an object, `''` when it has none: the index by which a controller finds what is its own. */
export const controllerUid = ({ metadata }: Seen): string => metadata.ownerReferences?.find(owner => owner.controller)?.uid ?? ''

/** Oldest first; of the same second, by name, so that the order never depends on a store. */
export const byAge = (a: Seen, b: Seen): number =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') || a.metadata.name.localeCompare(b.metadata.name)

export const sum = <T>(items: readonly T[], numberOf: (item: T) => number): number =>
  items.reduce((total, item) => total + numberOf(item), 0)

/** The status write that makes an object say this, or none when it says so already. Fields that others put there are no difference. */
export const statusWrite = (
  kind: KindRef,
  object: Seen & { readonly status?: unknown },
  status: Readonly<Record<string, unknown>>,
): Write[] => {
  const before: Readonly<Record<string, unknown>> = { ...(object.status as object | undefined) }
  const same = Object.entries(status).every(([field, value]) => isDeepStrictEqual(before[field], value))
  return same ? [] : [{ verb: 'status', kind, object, status: { ...before, ...status } }]
}
