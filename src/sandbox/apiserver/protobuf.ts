/** One field of a message as it travels: its number, and its value as a number or as bytes. */
export interface WireField {
  readonly number: number
  readonly value: bigint | Uint8Array
}

/** The bytes are no message. */
export class WireInvalid extends Error {}

const varintAt = (bytes: Uint8Array, start: number): { readonly value: bigint; readonly next: number } => {
  let value = 0n
  for (let at = start, shift = 0n; at < bytes.length; at += 1, shift += 7n) {
    const byte = bytes[at] ?? 0
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return { value, next: at + 1 }
  }
  throw new WireInvalid('a number does not end')
}

const fixedAt = (bytes: Uint8Array, start: number, length: number): bigint => {
  let value = 0n
  for (let at = length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[start + at] ?? 0)
  return value
}

const slice = (bytes: Uint8Array, start: number, length: number): Uint8Array => {
  if (start + length > bytes.length) throw new WireInvalid('a field is longer than its message')
  return bytes.subarray(start, start + length)
}

const valueAt = (bytes: Uint8Array, start: number, wireType: number): { readonly value: bigint | Uint8Array; readonly next: number } => {
  switch (wireType) {
    case 0:
      return varintAt(bytes, start)
    case 1:
      return { value: fixedAt(bytes, start, 8), next: start + 8 }
    case 5:
      return { value: fixedAt(bytes, start, 4), next: start + 4 }
    case 2: {
      const length = varintAt(bytes, start)
      return { value: slice(bytes, length.next, Number(length.value)), next: length.next + Number(length.value) }
    }
    default:
      throw new WireInvalid(`wire type ${wireType} is not known`)
  }
}

/** The fields of a protobuf message in their order. @throws {WireInvalid} */
export const wireFields = (bytes: Uint8Array): readonly WireField[] => {
  const fields: WireField[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at)
    const { value, next } = valueAt(bytes, tag.next, Number(tag.value & 7n))
    fields.push({ number: Number(tag.value >> 3n), value })
    at = next
  }
  return fields
}

/** The last value under a number as bytes; empty when there is none. */
export const bytesAt = (fields: readonly WireField[], number: number): Uint8Array => {
  const found = fields.findLast(field => field.number === number)?.value
  return found instanceof Uint8Array ? found : new Uint8Array()
}

/** The last value under a number as a signed number; 0 when there is none. */
export const numberAt = (fields: readonly WireField[], number: number): number => {
  const found = fields.findLast(field => field.number === number)?.value
  return typeof found === 'bigint' ? signed(found) : 0
}

export const signed = (value: bigint): number => Number(BigInt.asIntN(64, value))

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
