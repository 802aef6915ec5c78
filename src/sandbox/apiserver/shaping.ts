import { isObject, type JsonObject } from './json-value.ts'
import { anything, itemSchema, type Schema } from './schema.ts'

/** How a value is brought into the form its schema allows. */
export interface Shaping {
  /** Built-in kinds are decoded into types: null is absence there. */
  readonly typed: boolean
  /** Applied configurations claim only, and all of, what they say: no defaults for them, and what is empty stays. */
  readonly defaults: boolean
  /** Hears the path of every field that the schema does not know and that is therefore dropped. */
  readonly onUnknown: (path: string) => void
}

const implicitFields: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', ...anything },
}

const keeps = (schema: Schema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true

/** What governs a field; undefined when the schema does not know it. */
const governing = (schema: Schema, field: string): Schema | undefined => {
  const { properties, additionalProperties } = schema
  if (properties && Object.hasOwn(properties, field)) return properties[field]
  if (typeof additionalProperties === 'object') return additionalProperties
  if (keeps(schema)) return anything
  return schema['x-kubernetes-embedded-resource'] ? implicitFields[field] : undefined
}

const vanishes = (value: unknown, schema: Schema): boolean =>
  schema['x-omit-empty'] === true && typeof value === 'object' && value !== null && Object.keys(value).length === 0

const isAbsent = (value: unknown, schema: Schema, { typed, defaults }: Shaping): boolean => {
  if (value === undefined || (typed && defaults && vanishes(value, schema))) return true
  return value === null && (typed || schema.nullable !== true)
}

interface Place {
  readonly shaping: Shaping
  readonly path: string
}

const below = ({ shaping, path }: Place, field: string): Place => ({ shaping, path: path === '' ? field : `${path}.${field}` })

/** Parts that came whole out of a shaping with defaults: going through them again would change nothing. */
const shapedBy = new WeakMap<object, { readonly schema: Schema; readonly typed: boolean }>()

const isShaped = (value: unknown, schema: Schema, { typed, defaults }: Shaping): boolean => {
  const known = defaults && isObject(value) ? shapedBy.get(value) : undefined
  return known !== undefined && known.schema === schema && known.typed === typed
}

/** A field of the object itself, such as its spec: most writes leave one of them as it was. */
const shapeWhole = (value: unknown, schema: Schema, place: Place): unknown => {
  if (isShaped(value, schema, place.shaping)) return value
  const shaped = shapeAt(value, schema, place)
  if (place.shaping.defaults && isObject(shaped)) shapedBy.set(shaped, { schema, typed: place.shaping.typed })
  return shaped
}

const shapeFields = (value: JsonObject, schema: Schema, place: Place): Record<string, unknown> => {
  const shaped: Record<string, unknown> = {}
  for (const field of Object.keys(value)) {
    const child = governing(schema, field)
    if (!child) place.shaping.onUnknown(below(place, field).path)
    else if (child === anything || !isAbsent(value[field], child, place.shaping))
      shaped[field] = shapeField(value[field], child, [place, field])
  }
  return shaped
}

/** Paths are put together only where something is below them. */
const shapeField = (value: unknown, schema: Schema, [place, field]: readonly [Place, string]): unknown => {
  if (typeof value !== 'object' || value === null) return shapeLeaf(value, schema)
  return (place.path === '' ? shapeWhole : shapeAt)(value, schema, below(place, field))
}

const shapeLeaf = (value: unknown, schema: Schema): unknown =>
  schema.format === 'quantity' && typeof value === 'number' ? String(value) : value

const fieldsWithDefaults = new WeakMap<Schema, readonly (readonly [string, Schema])[]>()

const defaultsOf = (schema: Schema): readonly (readonly [string, Schema])[] => {
  const known = fieldsWithDefaults.get(schema)
  if (known) return known
  const found = Object.entries(schema.properties ?? {}).filter(([, child]) => child.default !== undefined)
  fieldsWithDefaults.set(schema, found)
  return found
}

const addDefaults = (shaped: Record<string, unknown>, schema: Schema, place: Place): void => {
  for (const [field, child] of defaultsOf(schema)) {
    if (shaped[field] === undefined) shaped[field] = shapeAt(child.default, child, below(place, field))
  }
}

const shapeAt = (value: unknown, schema: Schema, place: Place): unknown => {
  if (Array.isArray(value)) {
    return value.map((item, at) => shapeAt(item, itemSchema(schema), { shaping: place.shaping, path: `${place.path}[${at}]` }))
  }
  if (!isObject(value)) return shapeLeaf(value, schema)
  const shaped = shapeFields(value, schema, place)
  if (place.shaping.defaults) addDefaults(shaped, schema, place)
  return shaped
}

/** A copy without the fields the schema does not know (pruning) and with its defaults filled in where asked. */
export const shape = (value: unknown, schema: Schema, shaping: Shaping): unknown => shapeAt(value, schema, { shaping, path: '' })
