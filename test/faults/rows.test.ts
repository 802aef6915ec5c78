import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8')

/** Numbers and files of the table of rows. */
const rows = [...page.matchAll(/^\| (\d+) \|.*\| `(row-[a-z0-9-]+)` \|$/gm)].map(([, number = '', file = '']) => ({
  number: Number(number),
  file,
}))
const files = readdirSync(import.meta.dirname).filter(name => name.startsWith('row-'))

describe('the page on reliability', () => {
  it('has each of the 48 rows once, in order', () =>
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 48 }, (_, at) => at + 1)))

  it('names the file of each row, and leaves none out', () =>
    expect(rows.map(({ file }) => `${file}.test.ts`).toSorted()).toEqual(files.toSorted()))

  it('calls each file by the number of its row', () =>
    expect(rows.filter(({ number, file }) => !file.startsWith(`row-${String(number).padStart(2, '0')}-`))).toEqual([]))

  it('names tests and rooms that exist', () => {
    const named = [...page.matchAll(/`(test\/[a-z0-9/-]+)(\.ts)?`/g)].map(([, path = '', extension = '']) => `${path}${extension}`)
    const isThere = (path: string) => [path, `${path}.test.ts`, `${path}.property.test.ts`].some(one => existsSync(join(root, one)))
    expect(named.filter(path => !isThere(path))).toEqual([])
  })
})
