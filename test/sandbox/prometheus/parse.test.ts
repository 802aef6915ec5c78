import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from '../../../src/sandbox/prometheus/promql/parse.ts'
import { QueryError } from '../../../src/sandbox/prometheus/promql/query-error.ts'
import { ask, load } from './load.ts'

const nothing = load(10, {})
const messageFor = (query: string): string => {
  try {
    parse(query)
  } catch (thrown) {
    return thrown instanceof QueryError ? `${thrown.errorType} ${thrown.message}` : `not a query error: ${thrown}`
  }
  return 'no error'
}

describe('numbers', () => {
  it.each([
    ['1', 1],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['0x1F', 31],
    ['017', 15],
    ['089', 89],
    ['1_000_000', 1_000_000],
    ['Inf', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    ['1m', 60],
    ['1h30m', 5400],
    ['1d', 86_400],
    ['500ms', 0.5],
  ])('%s is %d', (text, value) => {
    expect(ask(nothing, text, 0)).toBe(value)
  })
})

describe('operators', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', -4],
    ['2 ^ -1', 0.5],
    ['2 ^ -1 ^ 2', 0.5],
    ['2 ^ -1 * 3', 1.5],
    ['- 2 * 3', -6],
    ['1 - -1', 2],
    ['1 -1', 0],
    ['--1', 1],
    ['7 % 4 * 2', 6],
    ['-5 % 3', -2],
    ['1 + 1 == bool 2', 1],
    ['1 > bool 2 + 3', 0],
    ['1 ^ NaN', 1],
    ['1 / 0', Number.POSITIVE_INFINITY],
    ['0 / 0', Number.NaN],
    ['1 # the rest is a comment', 1],
  ])('%s is %d', (query, value) => {
    expect(ask(nothing, query, 0)).toBe(value)
  })

  it.each([
    ['x + x offset 1m * 2', 'x + ((x offset 1m) * 2)'],
    ['x ^ x offset 1m', 'x ^ (x offset 1m)'],
    ['-x offset 1m', '-(x offset 1m)'],
    ['x + x @ 60', 'x + (x @ 60)'],
    ['x or x and x unless x', 'x or ((x and x) unless x)'],
    ['x + x > x', '(x + x) > x'],
  ])('%s means %s', (query, same) => {
    const store = load(10, { x: '1+1x20' })
    expect(ask(store, query, 120)).toEqual(ask(store, same, 120))
  })
})

describe('texts', () => {
  it.each([
    [`"a\\"b"`, 'a"b'],
    [`'a\\'b'`, "a'b"],
    ['`a\\nb`', 'a\\nb'],
    ['"\\n\\t\\x41\\101\\u00e9\\U0001F600"', '\n\tAAé😀'],
  ])('%s', (query, value) => {
    expect(ask(nothing, query, 0)).toBe(value)
  })
})

describe('a wrong query', () => {
  it.each([
    ['', '1:1: parse error: no expression found in input'],
    ['sum(', '1:5: parse error: unexpected end of input'],
    ['x y', '1:3: parse error: unexpected "y"'],
    ['x{a="b"', '1:8: parse error: unexpected end of input'],
    ['x +\n  y z', '2:5: parse error: unexpected "z"'],
    ['nofunc(x)', '1:1: parse error: unknown function with name "nofunc"'],
    ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['{a=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['x{__name__="y"}', '1:1: parse error: metric name must not be set twice: "x" or "y"'],
    ['x{a=~"("}', '1:3: parse error: error parsing regexp: unterminated group in "("'],
    ['rate(x)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['rate(x[1m], 1)', '1:1: parse error: expected 1 argument(s) in call to "rate", got 2'],
    ['round()', '1:1: parse error: expected at least 1 argument(s) in call to "round", got 0'],
    ['round(x, 1, 2)', '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3'],
    ['sum(x[1m])', '1:5: parse error: expected type instant vector in aggregation expression, got range vector'],
    ['sum()', '1:1: parse error: no arguments for aggregate expression provided'],
    ['topk(x)', '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1'],
    ['count_values(1, x)', '1:14: parse error: expected type string in aggregation parameter, got scalar'],
    ['1 == 1', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['x + bool x', '1:3: parse error: bool modifier can only be used on comparison operators'],
    ['x and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['x and on(a) group_left x', '1:1: parse error: no grouping allowed for "and" operation'],
    ['x > on(a) 1', '1:1: parse error: vector matching only allowed between instant vectors'],
    ['x + on(a) group_left(a) x', '1:3: parse error: label "a" must not occur in ON and GROUP clause at once'],
    ['"a" + 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    ['-"a"', '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"'],
    ['(x)[1m]', '1:4: parse error: ranges only allowed for vector selectors'],
    ['x offset 1m[1m]', '1:12: parse error: no offset modifiers allowed before range'],
    ['x[0s]', '1:3: parse error: duration must be greater than 0'],
    [
      'sum(x) offset 1m',
      '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
    ['x offset 1m offset 2m', '1:1: parse error: offset may not be set multiple times'],
    ['x @ 1 @ 2', '1:1: parse error: @ <timestamp> may not be set multiple times'],
    ['x @ Inf', '1:1: parse error: timestamp out of bounds for @ modifier: Inf'],
    ['time()[1m:1s]', '1:1: parse error: subquery is only allowed on instant vector, got scalar instead'],
    ['"\\q"', '1:1: parse error: unsupported escape \\q in quoted string'],
  ])('%j is answered with %s', (query, message) => {
    expect(messageFor(query)).toBe(`bad_data ${message}`)
  })
})

describe('what the library can parse and nothing here evaluates', () => {
  it.each([
    ['mad_over_time(x[1m])', 'function "mad_over_time" is not supported'],
    ['limitk(1, x)', 'aggregation "limitk" is not supported'],
    ['x[5m+1m]', 'duration expressions are not supported'],
    ['x + fill(0) y', 'fill modifiers are not supported'],
    ['x smoothed', 'smoothed modifier is not supported'],
    ['x </ y', 'operator </ is not supported'],
    ['{"x.y"}', 'quoted names in selectors are not supported'],
    ['sum by ("x.y") (x)', 'quoted label names are not supported'],
    [`${'('.repeat(600)}x${')'.repeat(600)}`, 'expressions nested deeper than 500 are not supported'],
    [`x${' + x'.repeat(600)}`, 'expressions nested deeper than 500 are not supported'],
  ])('%.30s says so', (query, message) => {
    expect(messageFor(query)).toContain(`: parse error: ${message}`)
  })
})

it('no text makes the parser throw anything but a query error', () => {
  const words = 'x sum rate ( ) [ ] { } , = != =~ !~ "a" 5m 1 - + * ^ @ offset by on group_left and or bool start() : 0x `'.split(' ')
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words), { maxLength: 15 }).map(parts => parts.join(' ')),
  )
  fc.assert(
    fc.property(text, query => {
      expect(messageFor(query)).toMatch(/^no error$|^bad_data \d+:\d+: parse error: /)
    }),
    { numRuns: 1000 },
  )
})
