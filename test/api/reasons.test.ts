import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type AboutReason, aboutReason, reasons } from '../../src/api/reasons.ts'

const rows: readonly (readonly [string, AboutReason])[] = Object.entries(reasons)
const source = globSync('src/**/*.ts')
  .filter(path => !path.endsWith('api/reasons.ts'))
  .map(path => readFileSync(path, 'utf8'))
  .join('\n')
const page = readFileSync('docs/reasons.md', 'utf8')

describe.each(rows)('reason %s', (reason, about) => {
  it('says what it means in a whole sentence', () => expect(about.meaning).toMatch(/^[A-Z`].*\.$/))
  it('says what to do next in a whole sentence', () => expect(about.next).toMatch(/^[A-Z`].{10,}\.$/))
  it('is given somewhere', () => expect(source).toMatch(new RegExp(`['"]${reason}['"]|code = ['"]${reason}['"]|\\b${reason}: `)))
  it('stands in the docs with its next step', () => {
    const line = page.split('\n').find(text => text.startsWith(`| \`${reason}\` |`))
    expect(line).toContain(about.next.slice(0, 20))
  })
})

describe('the table of reasons', () => {
  it('warns of everything that a rollout ends badly with', () => {
    const silent = rows.filter(([reason, { kind, alert }]) => kind === 'ended' && reason !== 'ReturnedToPromoted' && !alert)
    expect(silent).toEqual([])
  })
  it('knows nothing of a phase', () => expect(aboutReason('Progressing')).toBeUndefined())
  it('knows nothing of what every object has', () => expect(aboutReason('toString')).toBeUndefined())
})
