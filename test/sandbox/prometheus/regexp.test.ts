import { describe, expect, it } from 'vitest'
import { anchored } from '../../../src/sandbox/prometheus/storage/regexp.ts'

describe('a pattern', () => {
  it.each([
    ['5..', '503', true],
    ['5..', '5030', false],
    ['5.*', '5', true],
    ['a|b', 'b', true],
    ['a|bc', 'abc', false],
    ['a.c', 'a\nc', true],
    ['', '', true],
    ['.+', '', false],
    ['(?i)abc', 'aBC', true],
    ['(?i:a)bc', 'ABC', false],
    ['(?P<n>a)b', 'ab', true],
    ['[]x]+', ']x', true],
    ['[^]]', ']', false],
    ['x]', 'x]', true],
    ['a{', 'a{', true],
    ['a{2}', 'aa', true],
    ['[[:alpha:]]+', 'aZ', true],
    ['[[:alpha:]]+', 'a1', false],
    ['\\Qa.c\\E', 'abc', false],
    ['\\Aabc\\z', 'abc', true],
    ['\\pL+', 'é', true],
    ['\\p{Greek}', 'Ω', true],
    ['\\x{1F600}', '😀', true],
    ['.', '😀', true],
    ['a\\-b_c', 'a-b_c', true],
    ['kube(ew)?_demo__web_canary__.*__web_canary(_[0-9]+)?', 'kube_demo__web_canary__all__web_canary_0', true],
    ['app-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)', 'app-7d4f-x2', true],
    ['app-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)', 'app-primary-7d4f-x2', false],
  ])('%s matches %s whole: %s', (pattern, text, matches) => {
    expect(anchored(pattern).test(text)).toBe(matches)
  })

  it.each([
    '(',
    'a)(b',
    'a**',
    'a++',
    '*',
    '[b-a]',
    'a(?=b)',
    '(?<!a)b',
    '(a)\\1',
    '\\C',
    'x{1001}',
    '[[:^alpha:]]',
    '[[:constructor:]]',
    'a(?i)b',
  ])('%s is refused', pattern => {
    expect(() => anchored(pattern)).toThrow(/^error parsing regexp: /)
  })
})
