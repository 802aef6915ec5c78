import { describe, expect, it } from 'vitest'
import type { Benchmark } from '../../bench/benchmark.ts'
import { helpText, readCommandLine } from '../../bench/command-line.ts'

const lap: Benchmark = {
  name: 'lap',
  summary: 'runs in circles',
  settings: { rounds: { meaning: 'how often', initial: 10, least: 1, most: 100 } },
  texts: { who: { meaning: 'somebody else runs' } },
  run: async () => ({}),
}
const read = (...argv: readonly string[]) => readCommandLine(argv, [lap])

describe('the command line of the benchmarks', () => {
  it('takes a name with settings as they are', () =>
    expect(read('lap')).toEqual({ kind: 'run', benchmark: lap, json: false, settings: { rounds: 10 }, texts: { who: '' } }))

  it('takes a text', () => expect(read('lap', '--who', 'a hare')).toMatchObject({ texts: { who: 'a hare' } }))

  it('takes other settings and the wish for JSON', () =>
    expect(read('lap', '--rounds', '3', '--json')).toMatchObject({ kind: 'run', benchmark: lap, json: true, settings: { rounds: 3 } }))

  it('takes a setting with an equals sign', () => expect(read('lap', '--rounds=3')).toMatchObject({ settings: { rounds: 3 } }))

  it.each([[[]], [['--help']], [['lap', '-h']]])('answers %j with help', argv => expect(read(...argv)).toEqual({ kind: 'help' }))

  it('names the benchmarks it knows when it does not know one', () =>
    expect(read('lpa')).toEqual({ kind: 'refused', message: 'expected one of lap, got "lpa"' }))

  it.each(['0', '101', '1.5', 'many', ''])('refuses %j rounds and says what it expects', rounds =>
    expect(read('lap', `--rounds=${rounds}`)).toEqual({
      kind: 'refused',
      message: `--rounds: expected a whole number from 1 to 100, got ${JSON.stringify(rounds)}`,
    }),
  )

  it('refuses a setting it does not have', () => expect(read('lap', '--laps', '3').kind).toBe('refused'))
})

describe('the help of the benchmarks', () => {
  it('lists each with its settings and their first values', () => {
    expect(helpText([lap])).toMatch(/lap +runs in circles\n +--rounds N +how often \(10\)/)
  })
})
