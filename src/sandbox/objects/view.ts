import * as z from 'zod'
import type { KubeObject, ObjectMeta } from '../../api/object.ts'

/** An object of the API with the fields that its schema names, typed; whatever else it carries is still there. */
export type View<S> = S & { readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta }

/**
 * Reads objects of one kind by a schema, each version of an object once: stores hand out the same frozen value until it changes.
 * @throws {z.ZodError} the object is not of this shape
 */
export const viewOf = <S extends z.ZodType>(schema: S): ((object: KubeObject) => View<z.output<S>>) => {
  const read = new WeakMap<KubeObject, View<z.output<S>>>()
  return object => {
    const known = read.get(object)
    if (known) return known
    // The schema is loose, so metadata, apiVersion and kind pass through as they were.
    const view = schema.parse(object) as View<z.output<S>>
    read.set(object, view)
    return view
  }
}

export const Labels = z.record(z.string(), z.string())
export type Labels = z.infer<typeof Labels>

export const IntOrString = z.union([z.int(), z.string()])
export type IntOrString = z.infer<typeof IntOrString>

export const Condition = z.looseObject({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().nullish(),
  lastUpdateTime: z.string().nullish(),
  observedGeneration: z.int().optional(),
})
export type Condition = z.infer<typeof Condition>

/** RFC 3339 in whole seconds, as the API writes times. */
export const timestamp = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')

/** The annotations or labels of an object; none is the empty record. */
export const annotationsOf = (object: { readonly metadata: ObjectMeta }): Labels => object.metadata.annotations ?? {}
export const labelsOf = (object: { readonly metadata: ObjectMeta }): Labels => object.metadata.labels ?? {}

/** What replaces the status of an object. Field owners are left out: sent back, they would be understood as a wish to change them. */
export const withStatus = (object: KubeObject, status: unknown): KubeObject => {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata, status }
}
