import fc from 'fast-check'
import type { Schema } from '../../src/api/structural-schema.ts'

/** Texts that a schema's pattern admits; those of durations include some that are none. */
const textFor = (pattern: string | undefined): fc.Arbitrary<string> => {
  if (pattern === undefined) return fc.string({ maxLength: 12 })
  return pattern.startsWith('^[0-9]+(m|s)')
    ? fc.constantFrom('10s', '1m30s', '500ms', '3s', '10sfoo', '1min')
    : fc.stringMatching(new RegExp(pattern))
}

const sized = (text: fc.Arbitrary<string>, { minLength = 0, maxLength = 253 }: Schema): fc.Arbitrary<string> =>
  text.filter(one => one.length <= maxLength).map(one => (one.length < minLength ? 'a' : one))

const objectFor = ({ properties = {}, required = [], oneOf, additionalProperties }: Schema): fc.Arbitrary<object> => {
  if (additionalProperties)
    return fc.dictionary(
      fc.string({ maxLength: 6 }).filter(key => key !== '__proto__'),
      fromSchema(additionalProperties),
      { maxKeys: 3 },
    )
  const fields = Object.entries(properties).map(([name, schema]) => [name, fromSchema(schema)] as const)
  if (oneOf) return fc.oneof(...fields.map(([name, value]) => fc.record({ [name]: value })))
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] as never })
}

/** Values that a structural schema admits, its CEL rules aside. */
export const fromSchema = (schema: Schema): fc.Arbitrary<unknown> => {
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema['x-kubernetes-int-or-string']) return fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.string({ maxLength: 6 }))
  const { minimum = -3, maximum = 120 } = schema
  switch (schema.type) {
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: minimum, max: maximum })
    case 'number':
      return schema.multipleOf === 1
        ? fc.integer({ min: minimum, max: maximum })
        : fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}), { maxLength: Math.min(4, schema.maxItems ?? 4) })
    case 'object':
      return objectFor(schema)
    default:
      return sized(textFor(schema.pattern), schema)
  }
}
