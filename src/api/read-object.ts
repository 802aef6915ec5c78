import type { z } from 'zod'
import type { KubeObject, ObjectMeta } from './object.ts'
import { atMost, type Problem } from './problem.ts'
import { type Fields, fieldsOf, readTolerantly } from './tolerant.ts'

/** An object and what there is to say about it. */
export interface Reading<T> {
  /** Always well-formed; to be acted upon only when there are no problems. */
  readonly object: T
  /** Why it cannot be carried out: expected, came, what to do. */
  readonly problems: readonly Problem[]
  /** What works but is not as it should be. */
  readonly notes: readonly Problem[]
}

/** As many messages as a condition can hold and people will read. */
export const mostMessages = 20

export interface ReadRequest<K extends string, S> {
  readonly object: KubeObject
  readonly kind: K
  readonly schema: z.ZodType<S>
  /** What stands in for each required field; see `TolerantRequest`. */
  readonly standIns: Readonly<Record<string, unknown>>
}

export interface ReadObject<K extends string, S> extends KubeObject {
  readonly kind: K
  readonly spec: S
}

/** Reads `spec` of an object of ours. Never throws, whatever the object holds. */
export const readSpecOf = <K extends string, S>({ object, kind, schema, standIns }: ReadRequest<K, S>): Reading<ReadObject<K, S>> => {
  const written = fieldsOf(object)
  const read = readTolerantly({ schema, raw: written['spec'] ?? {}, at: 'spec', standIns })
  return {
    object: { ...identityOf(written), kind, spec: read.value },
    problems: atMost(mostMessages, read.problems),
    notes: atMost(mostMessages, ignored(read.unknown)),
  }
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)

/** API version and metadata. They come from the API server, which checks them; only what every reader leans on is made sure of. */
export const identityOf = (written: Fields): { readonly apiVersion: string; readonly metadata: ObjectMeta } => {
  const { name, namespace, ...rest } = fieldsOf(written['metadata'])
  const place = typeof namespace === 'string' ? { namespace } : {}
  return { apiVersion: textOr(written['apiVersion'], 'flagger.app/v1beta1'), metadata: { ...rest, name: textOr(name, ''), ...place } }
}

/** One message for each path that the schema does not know. */
export const ignored = (paths: readonly string[]): readonly Problem[] =>
  paths.map(path => ({ path, message: 'not a field of this API, ignored; remove it, or correct its name' }))
