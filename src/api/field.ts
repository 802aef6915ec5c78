import * as z from 'zod'

/*
 * Building blocks of the schemas. One schema serves two masters: our reading of stored objects (strict) and the CRD (never stricter than
 * what works in the field today). Where they differ, a schema carries notes for the CRD generator in its metadata:
 *   admitMissing  the API server accepts its absence, because the reader fills it in or names it in a condition
 *   presumed      the value that its absence, or 0, stands for; said in the description, not written into the object
 *   written       the zod default is also the CRD's `default`, written into the object by the API server
 *   pattern       checked by the API server only; the reader takes any text and says what it made of it
 */

/** A whole number. The CRD says `number`, as the field's does: `1.0` passes, `1.5` does not. */
export const Whole = z.number().refine(Number.isSafeInteger, { error: 'expected a whole number' }).meta({ multipleOf: 1 })

/** Minutes or seconds. The pattern is anchored on the left only: `1m30s` and `500ms` pass, `1h` does not; whoever reads it says what is left. */
export const DurationText = z.string().meta({ pattern: '^[0-9]+(m|s)' })

export const StringMap = z.record(z.string(), z.string())

/** Name of another object of the namespace; its `apiVersion` follows from the kind where a manifest leaves it out. */
export const objectRef = <const K extends readonly [string, ...string[]]>(kinds: K) =>
  z.object({
    apiVersion: z.string().describe('API version of the object.').meta({ admitMissing: true }),
    kind: z.enum(kinds).describe('Kind of the object.'),
    name: z.string().describe('Name of the object, in the namespace of the Canary.'),
  })

/** Labels and annotations to put on a generated object. */
export const ExtraMetadata = z.object({
  labels: StringMap.optional().describe('Labels to add.'),
  annotations: StringMap.optional().describe('Annotations to add.'),
})
