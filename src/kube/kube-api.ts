import { fieldManager as manager } from '../api/marks.ts'
import type { KindRef, KubeObject, Manifest, ObjectKey } from '../api/object.ts'
import type { Io } from '../io.ts'

/** The one field manager under which Serin applies. */
export const fieldManager = manager

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  /** `''` or absent asks the quorum. */
  readonly resourceVersion?: string
  /** Ask for `PartialObjectMetadata` only. */
  readonly metadataOnly?: boolean
}

/** One page of a list. `continue` is `''` on the last page. */
export interface ListPage {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
  readonly continue: string
}

export interface WatchOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly resourceVersion: string
  readonly timeoutSeconds: number
  readonly metadataOnly?: boolean
  /** Called with every sign of life: when the server accepts the watch, then with every chunk of bytes. */
  readonly onContact?: () => void
}

/** A line of a watch as the server wrote it. ERROR carries a `Status`, BOOKMARK only a resourceVersion. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject
}

export type Patch =
  | {
      readonly type: 'merge'
      readonly body: Readonly<Record<string, unknown>>
      /** To the size alone, as scalers write it: body and answer are a `Scale`, at the version of the object. */
      readonly subresource?: 'scale'
    }
  | { readonly type: 'json'; readonly body: readonly Readonly<Record<string, unknown>>[] }

/** What the object must still be for a write to happen. */
export interface Preconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

/** How an object goes. */
interface DeleteOptions extends Preconditions {
  /** Seconds that a pod gets to end in good order; 0 removes it at once, as a node agent does when its containers have ended. Absent: what the pod says. */
  readonly gracePeriodSeconds?: number
}

/**
 * The Kubernetes API as the rest of the house uses it. Every method has a deadline and obeys `io.signal`.
 * Answers are what the server stored. Writes pass the fence (leader election) before they leave.
 *
 * Errors: every method rejects with a `KubeError` (kube/errors.ts), whose `code` is `Conflict` (409, retry), `Gone` (410, retry),
 * `NotFound` (404), `Forbidden` (403, terminal), `Invalid` (422, terminal), `Unauthorized` (401, retry), `TooManyRequests` (429, retry, with
 * `retryAfterMs`), `ServerError` (5xx, retry), `Unreachable` (no answer, retry) or `Fenced` (we no longer lead, nothing was sent).
 */
export interface KubeApi {
  /** The object, or undefined when it does not exist. */
  get(kind: KindRef, key: ObjectKey, io: Io): Promise<KubeObject | undefined>
  list(kind: KindRef, options: ListOptions, io: Io): Promise<ListPage>
  /** Ends when the server ends it; rejects when the stream breaks. */
  watch(kind: KindRef, options: WatchOptions, io: Io): AsyncIterable<WatchEvent>
  create(kind: KindRef, manifest: Manifest, io: Io): Promise<KubeObject>
  /** Server-side apply as `fieldManager`, forced; `metadata.resourceVersion` and `metadata.uid` in the manifest are preconditions. */
  apply(kind: KindRef, manifest: Manifest, io: Io): Promise<KubeObject>
  /** `metadata.resourceVersion` inside a merge patch, or a `test` operation in a JSON patch, is the precondition. */
  patch(kind: KindRef, key: ObjectKey, patch: Patch, io: Io): Promise<KubeObject>
  /** Replaces the status subresource; `metadata.resourceVersion` is the precondition. Answers with what the server kept. */
  updateStatus(kind: KindRef, object: KubeObject, io: Io): Promise<KubeObject>
  /** Resolves when the object is on its way out, or was never there. */
  delete(kind: KindRef, key: ObjectKey, options: DeleteOptions, io: Io): Promise<void>
  /** The API server's clock: its last Date header plus monotonic time since; the local clock before any answer. Milliseconds since 1970. */
  serverNowMs(): number
}

/** Objects of one kind as last seen, frozen. Nothing here asks the server. */
export interface Store {
  get(key: ObjectKey): KubeObject | undefined
  /** All of them, or those of one namespace. */
  list(namespace?: string): readonly KubeObject[]
  /** Those for which the named index function gave `value`. */
  byIndex(index: string, value: string): readonly KubeObject[]
}

/** What happened to one object between two states of the store. */
export type StoreEvent =
  | { readonly type: 'added'; readonly object: KubeObject }
  | { readonly type: 'updated'; readonly object: KubeObject; readonly before: KubeObject }
  | { readonly type: 'deleted'; readonly object: KubeObject }

/** Keeps a store true, whatever the server or the network does. */
export interface Reflector {
  readonly kind: KindRef
  readonly store: Store
  hasSynced(): boolean
  /** Monotonic milliseconds of the last byte from the server. */
  lastContactMs(): number
  lastVersion(): string
  /** Adds a handler; it hears what is in the store now as `added`, then every change. An error it throws is logged and harms nobody else. */
  onEvent(handler: (event: StoreEvent) => void): void
  /** Runs until `io.signal` aborts. Never rejects, never gives up. After it resolves no socket, timer or callback is left. */
  run(io: Io): Promise<void>
}

/** What a store keeps of an object: all that is decided by, or metadata only. Returning undefined keeps nothing. */
export type Projection = (object: KubeObject) => KubeObject | undefined
