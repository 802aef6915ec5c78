import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readText } from './chart-files.ts'

const root = join(import.meta.dirname, '../..')

/** What stands in the first column of the tables of a page: `O-01, O-02`, `45 to 53`, `W-04 to W-09`. */
const numbersOf = (page: string, prefix: string): readonly number[] =>
  [...page.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = '']) => cell.split(', ')).flatMap(part => spread(part, prefix))

const spread = (part: string, prefix: string): readonly number[] => {
  const ends = part.split(' to ').map(text => (text.startsWith(prefix) ? Number(text.slice(prefix.length)) : Number.NaN))
  const [from = Number.NaN, to = from] = ends
  return Number.isNaN(from + to) ? [] : Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1)

const pages = ['api', 'operator', 'routing', 'targets', 'webhooks-alerts'] as const
const textOf = (name: (typeof pages)[number]): string => readText(`docs/compatibility/${name}.md`)

describe('the pages on compatibility', () => {
  it.each([
    ['operator', 'O-', 45],
    ['webhooks-alerts', 'W-', 46],
    ['webhooks-alerts', 'L-', 15],
    ['routing', '', 230],
  ] as const)('have, on %s, a line for each of the statements %s1 to %i', (name, prefix, last) => {
    const told = new Set(numbersOf(textOf(name), prefix))
    expect(upTo(last).filter(number => !told.has(number))).toEqual([])
  })

  it.each(pages)('name, on %s, only tests that exist', name => {
    const named = [...textOf(name).matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path)
    expect(named.filter(path => !existsSync(join(root, path)))).toEqual([])
  })
})
