import type { KubeObject } from '../../api/object.ts'
import type { Endpoint } from './catalogue.ts'
import { isObject, type JsonObject, objectAt } from './json-value.ts'
import type { PrinterColumn } from './resource.ts'

const unitSeconds = { d: 86_400, h: 3600, m: 60 } as const

/** A span as `kubectl` shows ages: `45s`, `3m20s`, `17m`, `4h12m`, `2d3h`, `41d`. */
const ageText = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const { d, h, m } = unitSeconds
  const two = (big: number, small: number, units: string): string => {
    const rest = Math.floor((seconds % big) / small)
    return `${Math.floor(seconds / big)}${units.charAt(0)}${rest === 0 ? '' : `${rest}${units.charAt(1)}`}`
  }
  if (seconds < 2 * m) return `${seconds}s`
  if (seconds < 10 * m) return two(m, 1, 'ms')
  if (seconds < 3 * h) return `${Math.floor(seconds / m)}m`
  if (seconds < 8 * h) return two(h, m, 'hm')
  if (seconds < 2 * d) return `${Math.floor(seconds / h)}h`
  return seconds < 8 * d ? two(d, h, 'dh') : `${Math.floor(seconds / d)}d`
}

/** How long ago a timestamp was; `<unknown>` when there is none. */
export const agoText = (timestamp: unknown, nowMs: number): string => {
  const ms = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  return Number.isNaN(ms) ? '<unknown>' : ageText(nowMs - ms)
}

/** Age of an object, the last column of most tables. */
export const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'string',
  cell: (object, nowMs) => agoText(objectAt(object, 'metadata')['creationTimestamp'], nowMs),
}

/** Name of an object, the first column of every table that does not place it elsewhere. */
export const nameColumn: PrinterColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  cell: object => objectAt(object, 'metadata')['name'],
}

const columnsOf = ({ version }: Endpoint): readonly PrinterColumn[] => {
  const declared = version.columns ?? [ageColumn]
  return declared.some(({ format }) => format === 'name') ? declared : [nameColumn, ...declared]
}

/** The columns of a kind as a `Table` defines them. */
export const tableColumns = (endpoint: Endpoint): readonly JsonObject[] =>
  columnsOf(endpoint).map(({ name, type, format = '', description = '', priority = 0 }) => ({ name, type, format, description, priority }))

/** The cells of one object. */
export const tableRow = (object: KubeObject, endpoint: Endpoint, nowMs: number): readonly unknown[] =>
  columnsOf(endpoint).map(({ cell }) => {
    const value = cell(object as JsonObject, nowMs)
    return isObject(value) ? JSON.stringify(value) : (value ?? null)
  })
