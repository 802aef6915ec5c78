import type { JsonObject } from './json-value.ts'

/** Field of `events.k8s.io` → field of the core kind, in which events are stored. */
const names: Readonly<Record<string, string>> = {
  regarding: 'involvedObject',
  note: 'message',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
  reportingController: 'reportingComponent',
}

const backwards = Object.fromEntries(Object.entries(names).map(([newer, core]) => [core, newer]))

const renamed = (object: JsonObject, by: Readonly<Record<string, string>>): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([field, value]) => [by[field] ?? field, value]))

const optional = ['reportingController', 'reportingInstance']

/** The newer kind leaves out who reported when nobody said so. */
const withoutBlanks = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([field, value]) => value !== '' || !optional.includes(field)))

/** Events are one kind under two groups: the same objects, some fields under other names. */
export const eventConversion = {
  toStored: (object: JsonObject): JsonObject => renamed(object, names),
  fromStored: (object: JsonObject): JsonObject => withoutBlanks(renamed(object, backwards)),
}
