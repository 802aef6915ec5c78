import { expect } from 'vitest'

/** Placeholder → what it stands for. */
export type Known = Readonly<Record<string, string>>

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const textWith = (text: string, known: Known): string => text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => known[name] ?? whole)

/** A copy of a value with `put` in place of every text in it; anything that is no plain JSON stays as it is. */
const mapTexts = (value: unknown, put: (text: string) => unknown): unknown => {
  if (typeof value === 'string') return put(value)
  if (Array.isArray(value)) return value.map(item => mapTexts(item, put))
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [put(key), mapTexts(item, put)]))
}

/** A request or path with its placeholders filled in. */
export const filled = <T>(value: T, known: Known): T => mapTexts(value, text => textWith(text, known)) as T

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

const expectedText = (text: string, known: Known): unknown => {
  const words = textWith(text, known)
  if (!words.includes('{{any}}')) return words
  return expect.stringMatching(new RegExp(`^${words.split('{{any}}').map(escaped).join('.+')}$`, 's'))
}

/** An expectation with its placeholders filled in; a text with `{{any}}` becomes a pattern. */
export const expected = (value: unknown, known: Known): unknown => mapTexts(value, text => expectedText(text, known))

/** What a JSON pointer leads to; undefined where it leads nowhere. */
export const valueAtPointer = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined), value)
