import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generators } from '../../scripts/generated/all.ts'

const root = join(import.meta.dirname, '../..')

describe('generated files', () => {
  it.each(generators)('$path is what npm run generate writes', ({ path, content }) =>
    expect(readFileSync(join(root, path), 'utf8')).toBe(content()),
  )

  it('are written once each', () => {
    const paths = generators.map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
  })

  it.each(generators)('$path names no machine and no registry', ({ content }) =>
    expect(content()).not.toMatch(/\/work\/|\/root\/|registry\./),
  )
})
