/** Reads strange values from live objects: what is not of the wanted shape counts as absent, and nothing throws. */

export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a map has no entry, or is none. */
export const isEmpty = (map: Fields | undefined): boolean => map === undefined || Object.keys(map).length === 0

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** A finite number; Kubernetes may also write 64-bit integers as text. */
export const numberOf = (value: unknown): number | undefined => {
  const read = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined
}

/** The object that a JSON text holds; undefined for anything else. */
export const parseFields = (text: string | undefined): Fields | undefined => {
  if (text === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    return isFields(parsed) ? parsed : undefined
  } catch {
    // Somebody else wrote the text: garbage in it means that it tells us nothing.
    return undefined
  }
}

/** The fields without those that are undefined, as the API server wants them. */
export const present = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
