import type { KubeObject, Manifest } from '../api/object.ts'
import { isFields, keyPart } from './list-keys.ts'
import { sameJson } from './same-json.ts'

/**
 * Fields as `metadata.managedFields[].fieldsV1` names them; a node without children is one whole value.
 *
 *     { 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } } } }
 */
interface FieldSet {
  readonly [element: string]: FieldSet
}

const partAt: Readonly<Record<string, (value: unknown, name: string) => unknown>> = {
  'f:': (value, name) => (isFields(value) ? value[name] : undefined),
  'k:': (value, name) => itemsOf(value).find(item => hasKey(item, JSON.parse(name))),
  'v:': (value, name) => itemsOf(value).find(item => sameJson(item, JSON.parse(name))),
  'i:': (value, name) => itemsOf(value)[Number(name)],
}

const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const hasKey = (item: unknown, key: unknown): boolean =>
  isFields(key) && Object.entries(key).every(([name, value]) => sameJson(keyPart(item, name), value))

/** Empty values, and maps of nothing else, count for nothing: servers differ in whether they own, or even keep, them. */
const isEmpty = (value: unknown): boolean => {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.values(value).every(isEmpty)
}

const sizeOf = (value: unknown): number => {
  const parts = isFields(value) ? Object.values(value) : itemsOf(value)
  return parts.filter(part => !isEmpty(part)).length
}

const covers = (value: unknown, node: FieldSet): boolean => {
  const elements = Object.entries(node).filter(([element]) => element !== '.')
  if (elements.length === 0) return true
  const parts = elements.map(([element, below]) => ({ part: partAt[element.slice(0, 2)]?.(value, element.slice(2)), below }))
  const named = parts.filter(({ part }) => !isEmpty(part)).length
  return named === sizeOf(value) && parts.every(({ part, below }) => part !== undefined && part !== null && covers(part, below))
}

/** What no field manager owns. */
const identity: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
])

const ownable = ({ apiVersion: _version, kind: _kind, metadata, ...rest }: Manifest): unknown => {
  const kept = Object.entries(metadata).filter(([field]) => !identity.has(field))
  return kept.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(kept) }
}

/**
 * Whether what the manager last applied has exactly the fields of this manifest: none that it has to give up, none that somebody else took.
 * True as well where nothing is known: it never applied the object, or spoke another version of the API.
 */
export const appliedExactly = (live: KubeObject, manifest: Manifest, manager: string): boolean => {
  const entry = live.metadata.managedFields?.find(one => one.manager === manager && one.operation === 'Apply' && !one.subresource)
  if (entry?.fieldsV1 === undefined || entry.apiVersion !== manifest.apiVersion) return true
  return covers(ownable(manifest), entry.fieldsV1 as FieldSet)
}
