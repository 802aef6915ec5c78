import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FlagKind, nearest, readCommandLine } from '../../src/config/command-line.ts'

const kinds: Readonly<Record<string, FlagKind>> = { port: 'value', name: 'value', fast: 'switch' }
const read = (...argv: string[]) => readCommandLine(argv, flag => kinds[flag])

/** fast-check's own takes seconds to prepare on a busy machine. */
const anyCharacter = fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

describe('a command line', () => {
  it.each([
    [['-port=1'], [['port', '1']]],
    [['--port=1'], [['port', '1']]],
    [['-port', '1'], [['port', '1']]],
    [['-port', '-1'], [['port', '-1']]],
    [['-port='], [['port', '']]],
    [['-name=a=b'], [['name', 'a=b']]],
    [['-name', 'two\nlines'], [['name', 'two\nlines']]],
    [['-fast'], [['fast', 'true']]],
    [
      ['-fast=false', '-port', '1'],
      [
        ['fast', 'false'],
        ['port', '1'],
      ],
    ],
    [
      ['-port=1', '-port=2'],
      [
        ['port', '1'],
        ['port', '2'],
      ],
    ],
  ])('%j holds %j', (argv, flags) => {
    expect(read(...argv)).toEqual({ ok: true, flags, rest: [] })
  })

  it.each([
    [['-fast', 'true'], ['true']],
    [['--', '-port=1'], ['-port=1']],
    [
      ['here', '-port=1'],
      ['here', '-port=1'],
    ],
    [['-'], ['-']],
  ])('%j leaves %j', (argv, rest) => {
    expect(read(...argv)).toMatchObject({ ok: true, rest })
  })

  it('names an unknown flag', () => {
    expect(read('-prot=1')).toEqual({ ok: false, reason: 'unknown flag -prot', unknownFlag: 'prot' })
  })

  it('names a flag without a value', () => {
    expect(read('-port')).toEqual({ ok: false, reason: 'flag -port needs a value' })
  })

  it('gives back any value that is written after an equals sign', () =>
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), value => {
        expect(read(`-name=${value}`)).toMatchObject({ flags: [['name', value]] })
      }),
    ))
})

describe('the nearest known words', () => {
  const known = ['mesh-provider', 'metrics-server', 'port', 'slack-url']

  it.each([
    ['mesh-provder', ['mesh-provider']],
    ['prot', ['port']],
    ['slack_url', ['slack-url']],
    ['something-else-altogether', []],
  ])('to %s are %j', (written, words) => {
    expect(nearest(written, known)).toEqual(words)
  })
})
