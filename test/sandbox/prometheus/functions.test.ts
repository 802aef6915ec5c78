import { describe, expect, it } from 'vitest'
import { ask, load } from './load.ts'

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number

describe('functions over time', () => {
  const store = load(10, { x: '_ 4 2 NaN 8 2 -1' })

  it.each([
    ['sum_over_time(x[20s])', 1],
    ['avg_over_time(x[20s])', 0.5],
    ['min_over_time(x[1m])', -1],
    ['max_over_time(x[1m])', 8],
    ['count_over_time(x[1m])', 6],
    ['last_over_time(x[1m])', -1],
    ['first_over_time(x[1m])', 4],
    ['present_over_time(x[1m])', 1],
    ['sum_over_time(x[1m])', nan],
    ['quantile_over_time(0.5, x[30s])', 2],
    ['quantile_over_time(2, x[30s])', inf],
    ['quantile_over_time(-1, x[30s])', minusInf],
    ['stdvar_over_time(x[30s])', 14],
    ['stddev_over_time(x[20s])', 1.5],
  ])('%s', (query, value) => {
    expect(Object.values(ask(store, query, 60) as object)).toEqual([value])
  })

  it.each(['last_over_time', 'first_over_time'])('%s keeps the name', name => {
    expect(Object.keys(ask(store, `${name}(x[1m])`, 60) as object)).toEqual(['x'])
  })

  it('the others drop the name', () => {
    expect(ask(store, 'count_over_time(x[1m])', 60)).toEqual({ '{}': 6 })
  })

  it('a sum keeps the digits that a plain sum loses', () => {
    expect(ask(load(10, { x: '10000000000000000 1 -10000000000000000' }), 'sum_over_time(x[1m])', 20)).toEqual({ '{}': 1 })
  })

  it('a mean does not overflow', () => {
    const huge = Number.MAX_VALUE
    expect(ask(load(10, { x: `${huge} ${huge}` }), 'avg_over_time(x[1m])', 20)).toEqual({ '{}': huge })
  })
})

describe('functions of a value', () => {
  it.each([
    ['abs(x)', -2.5, 2.5],
    ['ceil(x)', 2.1, 3],
    ['floor(x)', -2.1, -3],
    ['round(x)', 2.5, 3],
    ['round(x)', -2.5, -2],
    ['round(x, 5)', 12.5, 15],
    ['round(x, 0.1)', 2.449, 2.4],
    ['clamp(x, 0, 10)', 12, 10],
    ['clamp(x, 0, 10)', -1, 0],
    ['clamp_min(x, 3)', 2, 3],
    ['clamp_max(x, 3)', nan, nan],
    ['clamp_min(x, Inf)', nan, inf],
    ['exp(x)', 0, 1],
    ['ln(x)', 0, minusInf],
    ['ln(x)', -1, nan],
    ['log2(x)', 8, 3],
    ['log10(x)', 1000, 3],
    ['sqrt(x)', -1, nan],
    ['sgn(x)', -7, -1],
    ['deg(x)', Math.PI, 180],
    ['hour(x)', 1_700_000_000, 22],
    ['minute(x)', 1_700_000_000, 13],
    ['day_of_week(x)', 1_700_000_000, 2],
    ['day_of_month(x)', 1_700_000_000, 14],
    ['day_of_year(x)', 1_700_000_000, 318],
    ['days_in_month(x)', 1_709_164_800, 29],
    ['month(x)', 1_700_000_000, 11],
    ['year(x)', 1_700_000_000, 2023],
    ['year(x)', nan, nan],
    ['-x', 3, -3],
  ])('%s of %d is %d', (query, value, result) => {
    const store = load(10, { x: '_' })
    store.append({ __name__: 'x' }, 0, value)
    expect(ask(store, query, 0)).toEqual({ '{}': result })
  })

  it('clamp between limits that are the wrong way round leaves nothing', () => {
    expect(ask(load(10, { x: '1' }), 'clamp(x, 5, 1)', 0)).toEqual({})
  })
})

describe('functions that make or take vectors', () => {
  const store = load(10, { 'x{a="1"}': '5 6', 'x{a="2"}': 'NaN', 'x{a="3"}': '2', y: '7 _' })

  it.each([
    ['time()', 15, 15],
    ['pi()', 0, Math.PI],
    ['scalar(y)', 10, 7],
    ['scalar(x)', 0, nan],
    ['scalar(nope)', 0, nan],
  ])('%s', (query, at, value) => {
    expect(ask(store, query, at)).toBe(value)
  })

  it.each([
    ['vector(3)', { '{}': 3 }],
    ['timestamp(y)', { '{}': 0 }],
    ['timestamp((y))', { '{}': 0 }],
    ['timestamp(y + 1)', { '{}': 15 }],
    ['absent(y)', {}],
    ['absent(nope{a="1",b!="2",c=~"3"})', { '{a="1"}': 1 }],
    ['absent(nope{a="1",a="2"})', { '{}': 1 }],
    ['absent(sum(nope{a="1"}))', { '{}': 1 }],
    ['absent_over_time(nope{a="1"}[1m])', { '{a="1"}': 1 }],
    ['absent_over_time(y[1m])', {}],
    ['nope or vector(0)', { '{}': 0 }],
    ['hour()', { '{}': 0 }],
  ])('%s', (query, answer) => {
    expect(ask(store, query, 15)).toEqual(answer)
  })

  it.each([
    ['sort(x)', ['3', '1', '2']],
    ['sort_desc(x)', ['1', '3', '2']],
  ])('%s puts NaN last', (query, order) => {
    expect(Object.keys(ask(store, query, 0) as object)).toEqual(order.map(a => `x{a="${a}"}`))
  })
})

describe('label functions', () => {
  const store = load(10, { 'x{pod="web-1",ns="a"}': '1' })
  const seriesOf = (query: string): string[] => Object.keys(ask(store, query, 0) as object)

  it.each([
    ['label_replace(x, "n", "$1", "pod", "web-(.*)")', 'x{n="1", ns="a", pod="web-1"}'],
    ['label_replace(x, "n", "${2}$1", "pod", "(web)-(.*)")', 'x{n="1web", ns="a", pod="web-1"}'],
    ['label_replace(x, "n", "$num", "pod", "web-(?P<num>.*)")', 'x{n="1", ns="a", pod="web-1"}'],
    ['label_replace(x, "n", "$1x", "pod", "web-(.*)")', 'x{ns="a", pod="web-1"}'],
    ['label_replace(x, "n", "$$1", "pod", ".*")', 'x{n="$1", ns="a", pod="web-1"}'],
    ['label_replace(x, "n", "v", "pod", "web")', 'x{ns="a", pod="web-1"}'],
    ['label_replace(x, "ns", "", "pod", ".*")', 'x{pod="web-1"}'],
    ['label_replace(x, "n", "v", "nope", "")', 'x{n="v", ns="a", pod="web-1"}'],
    ['label_join(x, "n", "/", "ns", "nope", "pod")', 'x{n="a//web-1", ns="a", pod="web-1"}'],
  ])('%s', (query, series) => {
    expect(seriesOf(query)).toEqual([series])
  })

  it('refuse an empty label name', () => {
    expect(() => seriesOf('label_replace(x, "", "v", "pod", ".*")')).toThrow('invalid destination label name in label_replace(): ""')
  })

  it('refuse a wrong pattern', () => {
    expect(() => seriesOf('label_replace(x, "n", "v", "pod", "(")')).toThrow('invalid regular expression in label_replace()')
  })

  it('refuse to make two series one', () => {
    const two = load(10, { 'x{a="1"}': '1', 'x{a="2"}': '2' })
    expect(() => ask(two, 'label_replace(x, "a", "", "", "")', 0)).toThrow('vector cannot contain metrics with the same labelset')
  })
})

it('dropping the name may not make two series one', () => {
  const two = load(10, { x: '1', y: '2' })
  expect(() => ask(two, 'abs({__name__=~"x|y"})', 0)).toThrow('vector cannot contain metrics with the same labelset')
})
