import { quantityFields } from './builtin-directives.ts'
import fieldNumbers from './builtin-field-numbers.json' with { type: 'json' }
import { typeFieldsOf } from './builtin-schema.ts'
import type { JsonObject } from './json-value.ts'
import { bytesAt, numberAt, signed, textOf, type WireField, WireInvalid, wireFields } from './protobuf.ts'

/** Some typed clients (`kubectl create deployment` is one) send built-in kinds as protobuf and cannot be talked out of it. */
export const protobufType = 'application/vnd.kubernetes.protobuf'

const numbers: Readonly<Record<string, Readonly<Record<string, number | readonly number[]>>>> = fieldNumbers

const magic = 'k8s\0'

/** One value of a field; undefined is absence. */
type Read = (value: bigint | Uint8Array) => unknown

const asBytes = (value: bigint | Uint8Array): Uint8Array => {
  if (value instanceof Uint8Array) return value
  throw new WireInvalid('expected bytes, got a number')
}

const asNumber = (value: bigint | Uint8Array): number => (typeof value === 'bigint' ? signed(value) : 0)

const doubleOf = (value: bigint | Uint8Array): number => {
  const bits = Buffer.alloc(8)
  bits.writeBigUInt64LE(typeof value === 'bigint' ? value : 0n)
  return bits.readDoubleLE()
}

const timeOf: Read = value => {
  const fields = wireFields(asBytes(value))
  const seconds = numberAt(fields, 1)
  if (fields.length === 0 || seconds <= 0) return undefined
  const fraction = String(Math.floor(numberAt(fields, 2) / 1000)).padStart(6, '0')
  const text = new Date(seconds * 1000).toISOString().slice(0, 19)
  return Number(fraction) === 0 ? `${text}Z` : `${text}.${fraction}Z`
}

const intOrString: Read = value => {
  const fields = wireFields(asBytes(value))
  return numberAt(fields, 1) === 0 ? numberAt(fields, 2) : textOf(bytesAt(fields, 3))
}

const rawJson: Read = value => {
  const raw = textOf(bytesAt(wireFields(asBytes(value)), 1))
  return raw === '' ? undefined : JSON.parse(raw)
}

/** Texts that were never set travel as empty ones; JSON leaves them out, and defaults count on that. */
const optionalText: Read = value => textOf(asBytes(value)) || undefined

const scalars: Readonly<Record<string, Read>> = {
  string: optionalText,
  boolean: value => asNumber(value) !== 0,
  byte: value => Buffer.from(asBytes(value)).toString('base64'),
  int32: asNumber,
  int64: asNumber,
  double: doubleOf,
  'date-time': timeOf,
  V1MicroTime: timeOf,
  IntOrString: intOrString,
  quantity: value => textOf(bytesAt(wireFields(asBytes(value)), 1)),
  any: rawJson,
}

const readerOf = (attribute: string): Read => scalars[attribute] ?? (value => messageOf(attribute, wireFields(asBytes(value))))

/** Numbers and truths whose zero means something, because the API keeps them apart from "not said". */
const meaningfulZeros = new Set([
  'replicas',
  'minReplicas',
  'revisionHistoryLimit',
  'terminationGracePeriodSeconds',
  'gracePeriodSeconds',
  'defaultMode',
  'partition',
  'backoffLimit',
  'parallelism',
  'completions',
  'suspend',
  'immutable',
  'automountServiceAccountToken',
  'enableServiceLinks',
  'allowPrivilegeEscalation',
  'runAsNonRoot',
  'runAsUser',
  'runAsGroup',
  'fsGroup',
])

const isUnsaid = (field: string, value: unknown): boolean => (value === 0 || value === false) && !meaningfulZeros.has(field)

interface Place {
  readonly type: string
  readonly field: string
  readonly attribute: string
}

const addEntry = (into: Record<string, unknown>, { field, attribute }: Place, value: bigint | Uint8Array): void => {
  const entry = wireFields(asBytes(value))
  const read = attribute === 'string' ? (bytes: Uint8Array) => textOf(bytes) : readerOf(attribute)
  into[field] = { ...(into[field] as JsonObject | undefined), [textOf(bytesAt(entry, 1))]: read(bytesAt(entry, 2)) }
}

const addItem = (into: Record<string, unknown>, { field, attribute }: Place, value: bigint | Uint8Array): void => {
  const list = (into[field] as readonly unknown[] | undefined) ?? []
  const item = attribute === 'string' ? textOf(asBytes(value)) : readerOf(attribute)(value)
  into[field] = [...list, item]
}

const addSingle = (into: Record<string, unknown>, { field, attribute }: Place, value: bigint | Uint8Array): void => {
  const read = readerOf(attribute)(value)
  if (read !== undefined && !isUnsaid(field, read)) into[field] = read
}

const addField = (into: Record<string, unknown>, place: Place, value: bigint | Uint8Array): void => {
  const { type, field } = place
  const attribute = quantityFields.has(`${type}.${field}`) ? place.attribute.replace('string', 'quantity') : place.attribute
  const inner = attribute.slice(1, -1)
  if (attribute.startsWith('{')) addEntry(into, { type, field, attribute: inner }, value)
  else if (attribute.startsWith('[')) addItem(into, { type, field, attribute: inner }, value)
  else addSingle(into, { type, field, attribute }, value)
}

const sameNumber = (number: number | readonly number[], path: readonly number[]): boolean =>
  typeof number === 'number' ? path.length === 1 && number === path[0] : number.every((part, at) => part === path[at]) && path.length === 2

/** Fields of a message together with those of messages that JSON writes in place of them. */
const flattened = (type: string, fields: readonly WireField[]): { path: readonly number[]; value: bigint | Uint8Array }[] => {
  const outers = new Set(Object.values(numbers[type] ?? {}).flatMap(number => (typeof number === 'number' ? [] : [number[0]])))
  return fields.flatMap(({ number, value }) =>
    outers.has(number)
      ? wireFields(asBytes(value)).map(inner => ({ path: [number, inner.number], value: inner.value }))
      : [{ path: [number], value }],
  )
}

const messageOf = (type: string, fields: readonly WireField[]): JsonObject => {
  const known = Object.entries(numbers[type] ?? {})
  if (known.length === 0) throw new WireInvalid(`${type} is not known in its binary form`)
  const message: Record<string, unknown> = {}
  for (const { path, value } of flattened(type, fields)) {
    const field = known.find(([, number]) => sameNumber(number, path))?.[0]
    if (field !== undefined) addField(message, { type, field, attribute: typeFieldsOf(type)[field] ?? 'any' }, value)
  }
  return message
}

/**
 * The object in a body of Kubernetes' protobuf form, as the JSON that says the same.
 * @param typeOf the built-in type of a kind; undefined when we have none
 * @throws {WireInvalid} when it is none, or of a kind we do not know
 */
export const protobufObject = (body: Uint8Array, typeOf: (apiVersion: string, kind: string) => string | undefined): JsonObject => {
  if (textOf(body.subarray(0, 4)) !== magic) throw new WireInvalid('the body is no Kubernetes object')
  const envelope = wireFields(body.subarray(4))
  const meta = wireFields(bytesAt(envelope, 1))
  const apiVersion = textOf(bytesAt(meta, 1))
  const kind = textOf(bytesAt(meta, 2))
  const type = typeOf(apiVersion, kind)
  if (type === undefined) throw new WireInvalid(`${apiVersion} ${kind} is not known`)
  return { ...messageOf(type, wireFields(bytesAt(envelope, 2))), apiVersion, kind }
}
