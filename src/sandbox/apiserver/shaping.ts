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
  /** What went through this very shaping before: parts that are taken from it are done. */
  readonly done?: JsonObject | undefined
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
  /** What stands here in what is done. */
  readonly done: unknown
}

const below = ({ shaping, path, done }: Place, field: string): Place => ({
  shaping,
  path: path === '' ? field : `${path}.${field}`,
  done: isObject(done) ? done[field] : undefined,
})

const itemOf = ({ shaping, path, done }: Place, at: number): Place => ({
  shaping,
  path: `${path}[${at}]`,
  done: Array.isArray(done) ? done[at] : undefined,
})

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
  return isObject(place.done) && place.done[field] === value ? value : shapeAt(value, schema, below(place, field))
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
    return value.map((item, at) => shapeAt(item, itemSchema(schema), itemOf(place, at)))
  }
  if (value === place.done) return value
  if (!isObject(value)) return shapeLeaf(value, schema)
  const shaped = shapeFields(value, schema, place)
  if (place.shaping.defaults) addDefaults(shaped, schema, place)
  return shaped
}

/** A copy without the fields the schema does not know (pruning) and with its defaults filled in where asked. */
export const shape = (value: unknown, schema: Schema, shaping: Shaping): unknown =>
  shapeAt(value, schema, { shaping, path: '', done: shaping.done })
