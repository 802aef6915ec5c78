import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const pages = ['reliability.md', 'reliability/fault-matrix.md', 'reliability/invariants.md', 'reliability/promises.md']
const textOf = (page: string): string => readFileSync(join(root, 'docs', page), 'utf8')

/** Numbers and files of the table of rows. */
const rows = [...textOf('reliability/fault-matrix.md').matchAll(/^\| (\d+) \|.*\| `(row-[a-z0-9-]+)` \|$/gm)].map(
  ([, number = '', file = '']) => ({
    number: Number(number),
    file,
  }),
)
const files = readdirSync(import.meta.dirname).filter(name => name.startsWith('row-'))

describe('the pages on reliability', () => {
  it('have each of the 48 rows once, in order', () =>
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 48 }, (_, at) => at + 1)))

  it('name the file of each row, and leave none out', () =>
    expect(rows.map(({ file }) => `${file}.test.ts`).toSorted()).toEqual(files.toSorted()))

  it('call each file by the number of its row', () =>
    expect(rows.filter(({ number, file }) => !file.startsWith(`row-${String(number).padStart(2, '0')}-`))).toEqual([]))

  it.each(pages)('name tests and rooms that exist: %s', page => {
    const named = [...textOf(page).matchAll(/`(test\/[a-z0-9/-]+)(\.ts)?`/g)].map(([, path = '', extension = '']) => `${path}${extension}`)
    const isThere = (path: string) => [path, `${path}.test.ts`, `${path}.property.test.ts`].some(one => existsSync(join(root, one)))
    expect(named.filter(path => !isThere(path))).toEqual([])
  })
})
