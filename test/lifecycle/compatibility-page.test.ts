import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/compatibility/lifecycle.md'), 'utf8')

/** What stands in the first column of a table: `4`, `21–29`, `45, 46`, `S-3`. */
const numbers = [...page.matchAll(/^\| ((?:S-)?\d[^|]*) \|/gm)].flatMap(([, text = '']) => text.split(', ')).flatMap(spread)

function spread(text: string): readonly string[] {
  const [from, to] = text.split('–').map(Number)
  if (to === undefined || from === undefined) return [text]
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index))
}

const upTo = (last: number, prefix = ''): readonly string[] => Array.from({ length: last }, (_, index) => `${prefix}${index + 1}`)

describe('the page on the lifecycle', () => {
  it('has a line for each statement of the field, and one only', () =>
    expect(numbers.filter(number => !number.startsWith('S-')).toSorted((a, b) => Number(a) - Number(b))).toEqual(upTo(130)))

  it('has a line for each hazard of the field', () =>
    expect([...new Set(numbers.filter(number => number.startsWith('S-')))]).toEqual(upTo(58, 'S-')))

  it('names tests that exist', () => {
    const named = [...page.matchAll(/`([a-z]+\/[a-z0-9-]+)`/g)].map(([, name = '']) => name)
    expect(named.filter(name => !existsSync(join(root, 'test', `${name}.test.ts`)))).toEqual([])
  })

  it('names them in their own words', () => {
    const cells = page
      .split('\n')
      .flatMap(line => (line.startsWith('| ') ? (line.split(' | ').at(-1) ?? '').replace(/ ?\|$/, '').split('; ') : []))
    const missing = cells.flatMap(cell => {
      const [, name = '', words = ''] = /`([a-z]+\/[a-z0-9-]+)`: (.+)$/.exec(cell) ?? []
      const text = name === '' ? '' : readFileSync(join(root, 'test', `${name}.test.ts`), 'utf8')
      return words
        .split(', ')
        .filter(word => !text.includes(word))
        .map(word => `${name}: ${word}`)
    })
    expect(missing).toEqual([])
  })
})
