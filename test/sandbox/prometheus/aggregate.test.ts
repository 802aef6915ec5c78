import { describe, expect, it } from 'vitest'
import { ask, load } from './load.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number

const store = load(10, {
  'x{ns="a",pod="1"}': '4',
  'x{ns="a",pod="2"}': '8',
  'x{ns="b",pod="1"}': '1',
  'x{ns="b",pod="2"}': '1',
  'n{i="1"}': 'NaN',
  'n{i="2"}': '3',
})

describe('aggregations', () => {
  it.each([
    ['sum(x)', { '{}': 14 }],
    ['sum by (ns) (x)', { '{ns="a"}': 12, '{ns="b"}': 2 }],
    ['sum(x) by (ns)', { '{ns="a"}': 12, '{ns="b"}': 2 }],
    ['sum without (ns) (x)', { '{pod="1"}': 5, '{pod="2"}': 9 }],
    ['sum by (nope) (x)', { '{}': 14 }],
    ['sum by (__name__) (x)', { x: 14 }],
    ['avg by (ns) (x)', { '{ns="a"}': 6, '{ns="b"}': 1 }],
    ['min(x)', { '{}': 1 }],
    ['max(x)', { '{}': 8 }],
    ['count by (ns) (x)', { '{ns="a"}': 2, '{ns="b"}': 2 }],
    ['group by (ns) (x)', { '{ns="a"}': 1, '{ns="b"}': 1 }],
    ['stddev by (ns) (x)', { '{ns="a"}': 2, '{ns="b"}': 0 }],
    ['stdvar by (ns) (x)', { '{ns="a"}': 4, '{ns="b"}': 0 }],
    ['quantile(0.5, x)', { '{}': 2.5 }],
    ['quantile(1.5, x)', { '{}': inf }],
    ['quantile(NaN, x)', { '{}': nan }],
    ['count_values("v", x)', { '{v="4"}': 1, '{v="8"}': 1, '{v="1"}': 2 }],
    ['count_values by (ns) ("v", x)', { '{ns="a", v="4"}': 1, '{ns="a", v="8"}': 1, '{ns="b", v="1"}': 2 }],
    ['topk(1, x)', { 'x{ns="a", pod="2"}': 8 }],
    ['topk by (pod) (1, x)', { 'x{ns="a", pod="1"}': 4, 'x{ns="a", pod="2"}': 8 }],
    ['bottomk(1, x{ns="a"})', { 'x{ns="a", pod="1"}': 4 }],
    ['topk(0, x)', {}],
    ['topk(9, x{ns="b"})', { 'x{ns="b", pod="1"}': 1, 'x{ns="b", pod="2"}': 1 }],
    ['sum(nope)', {}],
    ['min(n)', { '{}': 3 }],
    ['max(n)', { '{}': 3 }],
    ['sum(n)', { '{}': nan }],
    ['avg(n)', { '{}': nan }],
    ['topk(1, n)', { 'n{i="2"}': 3 }],
    ['bottomk(1, n)', { 'n{i="2"}': 3 }],
    ['quantile(0, n)', { '{}': nan }],
  ])('%s', (query, answer) => {
    expect(ask(store, query, 0)).toEqual(answer)
  })

  it('topk gives the largest first', () => {
    expect(Object.values(ask(store, 'topk(2, x)', 0) as object)).toEqual([8, 4])
  })

  it.each([
    ['topk(NaN, x)', 'Parameter value is NaN'],
    ['topk(1e30, x)', 'Scalar value 1e+30 overflows int64'],
    ['count_values("", x)', 'invalid label name'],
  ])('%s is refused', (query, message) => {
    expect(() => ask(store, query, 0)).toThrow(message)
  })

  it('a value that counts as a label is written without exponent', () => {
    const odd = load(10, { 'x{i="1"}': '0.0000001', 'x{i="2"}': '1000000000000000000000000' })
    expect(ask(odd, 'count_values("v", x)', 0)).toEqual({ '{v="0.0000001"}': 1, '{v="1000000000000000000000000"}': 1 })
  })
})
