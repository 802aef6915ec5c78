import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mutants } from './all.ts'
import { edited } from './mutant.ts'

const src = resolve(import.meta.dirname, '../../src')

describe('the ways in which the controller is broken on purpose', () => {
  it.each(mutants)('still fit the source: $name', ({ edits }) => {
    for (const edit of edits) expect(edited(readFileSync(join(src, edit.file), 'utf8'), edit)).toContain(edit.put)
  })

  it('have a name each', () => expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length))
})
