import type { Figures } from './benchmark.ts'

const isGroup = (value: Figures[string]): value is Figures => typeof value === 'object' && value !== null && !Array.isArray(value)

const rowsOf = (figures: Figures, path: readonly string[]): readonly (readonly [string, string])[] =>
  Object.entries(figures).flatMap(([name, value]) =>
    isGroup(value) ? rowsOf(value, [...path, name]) : [[[...path, name].join('.'), value === null ? '-' : String(value)]],
  )

/** Figures for people: one line each, groups as dotted names. */
export const tableText = (figures: Figures): string => {
  const rows = rowsOf(figures, [])
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}
