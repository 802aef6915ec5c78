import { isObject } from './json-value.ts'

const known = new WeakMap<object, number>()

/** Length of the JSON text of a value that nobody changes in place: parts that stay from version to version are measured once. */
export const textLength = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)?.length ?? 'null'.length
  const length = known.get(value) ?? wholeLength(value)
  known.set(value, length)
  return length
}

const wholeLength = (value: object): number => joined(isObject(value) ? fieldLengths(value) : Object.values(value).map(textLength))

const fieldLengths = (value: Readonly<Record<string, unknown>>): readonly number[] =>
  Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => JSON.stringify(name).length + ':'.length + textLength(field))

/** With a comma between each two, and a bracket at both ends. */
const joined = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length + 1, lengths.length > 0 ? 1 : 2)
