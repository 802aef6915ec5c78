import { isObject, type JsonObject } from './json-value.ts'

/** One step of a path: a field, an index, every item, or the items whose field equals a text. */
type Step = (values: readonly unknown[]) => readonly unknown[]

const field =
  (name: string): Step =>
  values =>
    values.flatMap(value => (isObject(value) && Object.hasOwn(value, name) ? [value[name]] : []))

const every: Step = values => values.flatMap(value => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []))

const at =
  (index: number): Step =>
  values =>
    values.flatMap(value => (Array.isArray(value) && value.at(index) !== undefined ? [value.at(index)] : []))

const where =
  (name: string, wanted: string): Step =>
  values =>
    every(values).filter(item => isObject(item) && String(item[name]) === wanted)

const bracket = (inside: string): Step => {
  if (inside === '*') return every
  if (/^-?\d+$/.test(inside)) return at(Number(inside))
  const [, name, wanted] = /^\?\(\s*@\.([\w-]+)\s*==\s*["'](.*?)["']\s*\)$/.exec(inside) ?? []
  if (name !== undefined && wanted !== undefined) return where(name, wanted)
  return field(inside.replace(/^['"]|['"]$/g, ''))
}

const token = /\.((?:[^.[\]\\]|\\.)+)|\[((?:\?\(.*?\)|[^\]]+))\]/g

const stepsOf = (path: string): Step[] =>
  [...path.matchAll(token)].map(([, name, inside]) =>
    name === undefined ? bracket(inside ?? '') : name === '*' ? every : field(name.replaceAll('\\', '')),
  )

/**
 * How a printer column of a definition gets its cell, from a path such as `.a.b`, `.a[0]`, `.a[*].b` or `.a[?(@.b=="c")].d`.
 * Only the first value is shown, as the real API does.
 */
export const jsonPathCell = (path: string, type: string): ((object: JsonObject, nowMs: number) => unknown) => {
  const steps = stepsOf(path.startsWith('.') ? path : `.${path}`)
  return object => {
    const [value] = steps.reduce<readonly unknown[]>((values, step) => step(values), [object])
    if (value === undefined || value === null) return null
    if (type === 'integer' || type === 'number' || type === 'boolean') return value
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
}
