import { type JsonObject, listAt, objectAt, textAt, valueAt } from './json-value.ts'
import type { PrinterColumn } from './resource.ts'

/** What stands in one cell. */
export type Cell = (object: JsonObject, nowMs: number) => unknown

export const column = (name: string, cell: Cell, type = 'string'): PrinterColumn => ({ name, type, cell })
export const count = (name: string, cell: Cell): PrinterColumn => column(name, cell, 'integer')
/** Shown with `-o wide` only. */
export const wide = (columns: readonly PrinterColumn[]): PrinterColumn[] => columns.map(one => ({ ...one, priority: 1 }))

/** A number behind a path, or 0. */
export const number = (object: unknown, ...path: readonly string[]): number => {
  const value = valueAt(object, path)
  return typeof value === 'number' ? value : 0
}

/** A value behind a path as text. */
export const text =
  (...path: readonly string[]): Cell =>
  object => {
    const value = valueAt(object, path)
    return value === undefined || value === null ? '<none>' : String(value)
  }

/** How many entries a map has. */
export const fieldCount =
  (field: string): Cell =>
  object =>
    Object.keys(objectAt(object, field)).length

export const orNone = (words: string): string => (words === '' ? '<none>' : words)

export const labelPairs = (labels: JsonObject): string =>
  orNone(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  )

/** The first few of a list, and how many more there are. */
export const few = (list: readonly string[], shown = 3): string =>
  list.length > shown ? `${list.slice(0, shown).join(',')} + ${list.length - shown} more...` : orNone(list.join(','))

export const conditionOf = (object: JsonObject, type: string): unknown =>
  listAt(object['status'], 'conditions').find(condition => textAt(condition, 'type') === type)
