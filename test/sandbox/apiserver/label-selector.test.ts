import { describe, expect, it } from 'vitest'
import { labelTests } from '../../../src/sandbox/apiserver/label-selector.ts'
import { refusal } from './a-cluster.ts'

const selects = (selector: string, labels: Readonly<Record<string, string>>): boolean => labelTests(selector).every(test => test(labels))

describe('a label selector', () => {
  it.each([
    ['', {}, true],
    ['a=1', { a: '1' }, true],
    ['a==1', { a: '2' }, false],
    ['a!=1', {}, true],
    ['a=', { a: '' }, true],
    ['a in (1, 2),b', { a: '2', b: '' }, true],
    ['a in ()', { a: '' }, true],
    ['a notin (1)', {}, true],
    ['!a', { a: '1' }, false],
    ['a>3', { a: '10' }, true],
    ['a<3', {}, false],
    ['example.com/a-b_c=1', { 'example.com/a-b_c': '1' }, true],
  ])('%s of %o says %s', (selector, labels, expected) => {
    expect(selects(selector, labels)).toBe(expected)
  })

  it.each([
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in 1', "unable to parse requirement: found '1' expected: '('"],
    ['a in (1', "unable to parse requirement: found '', expected: ')'"],
    ['a=1 b', "found 'b', expected: ',' or 'end of string'"],
    ['=', "found '=', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
  ])('%s is refused with what was expected instead', (selector, message) => {
    expect(refusal(() => labelTests(selector))).toMatchObject({ code: 400, message })
  })
})
