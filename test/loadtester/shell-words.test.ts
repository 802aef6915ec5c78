import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simpleWords } from '../../src/loadtester/shell-words.ts'

/** A word as a careful person would quote it. */
const singleQuoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** fast-check's own takes seconds to prepare on a busy machine. */
const anyCharacter = fc.integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

describe('the words of a command', () => {
  it.each([
    ['hey -z 1m -q 10 -c 2 http://app.test/', ['hey', '-z', '1m', '-q', '10', '-c', '2', 'http://app.test/']],
    ['  hey\t-z  1m \n', ['hey', '-z', '1m']],
    ["hey -H 'Cookie: type=insider'", ['hey', '-H', 'Cookie: type=insider']],
    ['hey -H "X-Who: it\'s \\"me\\""', ['hey', '-H', 'X-Who: it\'s "me"']],
    ['hey -d \'{"a":1}\'', ['hey', '-d', '{"a":1}']],
    ['hey -H X:\\ y a"b"\'c\'', ['hey', '-H', 'X: y', 'abc']],
    ["hey ''", ['hey', '']],
    ['hey -z 1m \\\n  -q 10 \\\n  http://app/', ['hey', '-z', '1m', '-q', '10', 'http://app/']],
    ['hey http://app/?a=b*', ['hey', 'http://app/?a=b*']],
    ['hey "a\\nb"', ['hey', 'a\\nb']],
  ])('of %j are what sh passes on', (command, words) => {
    expect(simpleWords(command)).toEqual(words)
  })

  it.each([
    'hey http://a/ && hey http://b/',
    'hey http://a/?x=1&y=2',
    'hey http://a/ | tee log',
    'hey http://a/ > log',
    'hey $URL',
    'hey "$URL"',
    'hey `cat url`',
    '(hey http://a/)',
    'hey ~/x',
    'hey # all',
    'hey a\nhey b',
    "hey 'open",
    'hey "open',
  ])('of %j are left to a shell', command => {
    expect(simpleWords(command)).toBeUndefined()
  })

  it('come back as they were before quoting, whatever they hold', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: anyCharacter }).filter(word => !word.includes('\0'))), words => {
        expect(simpleWords(words.map(singleQuoted).join(' '))).toEqual(words)
      }),
    ))
})
