import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mutants } from './all.ts'
import { edited } from './mutant.ts'
import { rulesElsewhere, rulesOfWorlds } from './rules.ts'

const root = resolve(import.meta.dirname, '../..')

describe('the ways in which the controller is broken on purpose', () => {
  it.each(mutants)('still fit the source: $name', ({ edits }) => {
    for (const edit of edits) expect(edited(readFileSync(join(root, 'src', edit.file), 'utf8'), edit)).toContain(edit.put)
  })

  it('have a name each', () => expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length))

  it.each(mutants)('break rules that there are: $name', ({ breaks }) => expect(breaks.filter(rule => !(rule in rulesOfWorlds))).toEqual([]))

  it.each(Object.entries(rulesOfWorlds))('are at least one for %s, %s', rule =>
    expect(mutants.filter(({ breaks }) => breaks[0] === rule)).not.toEqual([]),
  )
})

const watching = [
  ...readdirSync(join(root, 'test/simulation')).map(file => `test/simulation/${file}`),
  ...['traffic-rules', 'rollout-rules', 'visitor-rules', 'capacity-rules', 'claims'].map(name => `test/support/${name}.ts`),
]
/** What can be reported begins with the number of the rule. */
const numbers = (text: string): readonly string[] => [...text.matchAll(/[`'"]([SLCVG]\d+): /g)].map(([, number = '']) => number)

describe('the rules', () => {
  it('of simulated worlds are those that these can report', () => {
    const reported = watching.flatMap(file => numbers(readFileSync(join(root, file), 'utf8')))
    expect([...new Set(reported)].toSorted()).toEqual(Object.keys(rulesOfWorlds).toSorted())
  })

  it.each(Object.entries(rulesElsewhere))('that simulated worlds do not look at have tests of their own: %s', (_, { tests }) =>
    expect(tests.filter(file => !existsSync(join(root, 'test', file)))).toEqual([]),
  )

  it('are all of the list but the one about comparing judges, which there are none of yet', () => {
    const all = [...Array.from({ length: 30 }, (_, index) => `S${index + 1}`), ...Array.from({ length: 9 }, (_, index) => `L${index + 1}`)]
    const known = { ...rulesOfWorlds, ...rulesElsewhere }
    expect(all.filter(rule => !(rule in known))).toEqual(['S29'])
  })
})
