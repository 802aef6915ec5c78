import type { JsonObject } from './json-value.ts'
import type { Schema } from './schema.ts'

/** One column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly description?: string
  /** 0 is always shown, more only with `-o wide`. */
  readonly priority?: number
  readonly cell: (object: JsonObject, nowMs: number) => unknown
}

/** Where `kubectl scale` finds its numbers; paths of fields without the leading dot. */
export interface ScalePaths {
  readonly specReplicas: readonly string[]
  readonly statusReplicas: readonly string[]
  /** A text in serialised selector form (CRDs), or a label selector object (built-in kinds). */
  readonly selector?: readonly string[]
}

/** One served version of a kind. */
export interface Version {
  readonly name: string
  readonly served: boolean
  readonly schema: Schema
  /** Whether status is written through its own endpoint only. */
  readonly hasStatus: boolean
  readonly scale?: ScalePaths
  readonly columns?: readonly PrinterColumn[]
  readonly deprecationWarning?: string
}

/** How a kind that is stored as another one is read and written. */
interface Conversion {
  toStored(object: JsonObject): JsonObject
  fromStored(object: JsonObject): JsonObject
}

/** One resource of the API with all that the generic code must know about it. */
export interface Resource {
  readonly group: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly versions: readonly Version[]
  readonly storageVersion: string
  /** The resource in whose place objects are kept, when it is not this one. */
  readonly storedAs?: { readonly id: string; readonly apiVersion: string; readonly conversion: Conversion }
  /** Built-in kinds are typed: unknown fields are dropped or refused, wrong types cannot be decoded. */
  readonly builtin: boolean
  /** Whether `metadata.generation` counts the changes of what is wanted. */
  readonly hasGeneration: boolean
  /** Whether an update without a resourceVersion overwrites whatever is there. */
  readonly allowsUnconditionalUpdate: boolean
  /** Whether deletion waits for somebody (the node) to finish, as with pods. */
  readonly deletesGracefully: boolean
  /** Answers questions instead of storing anything: only `create` exists. */
  readonly isReview: boolean
}

/** Name of a resource across groups: `deployments.apps`, `pods`. */
export const resourceId = ({ group, plural }: { readonly group: string; readonly plural: string }): string =>
  group === '' ? plural : `${plural}.${group}`

/** Where the objects of a resource are kept. */
export const shelfOf = (resource: Resource): string => resource.storedAs?.id ?? resourceId(resource)

export const apiVersionOf = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`)

export const groupVersionOf = (apiVersion: string): { readonly group: string; readonly version: string } => {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

const verbs = {
  review: ['create'],
  builtin: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  defined: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
} as const

/** What can be asked of a resource, in the order in which discovery tells it. */
export const verbsOf = ({ isReview, builtin }: Resource): readonly string[] =>
  isReview ? verbs.review : builtin ? verbs.builtin : verbs.defined
