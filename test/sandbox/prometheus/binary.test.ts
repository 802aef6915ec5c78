import { describe, expect, it } from 'vitest'
import { prometheus2 } from '../../../src/sandbox/prometheus/engine/semantics.ts'
import { ask, askWith, load } from './load.ts'

const store = load(10, {
  'errors{pod="a",code="500"}': '1',
  'errors{pod="a",code="503"}': '3',
  'errors{pod="b",code="500"}': '2',
  'requests{pod="a"}': '10',
  'requests{pod="b"}': '20',
  'requests{pod="c"}': '30',
  'info{pod="a",version="v1"}': '1',
  'info{pod="b",version="v2"}': '1',
  odd: 'NaN',
})

describe('a vector with a scalar', () => {
  it.each([
    ['requests * 2', { '{pod="a"}': 20, '{pod="b"}': 40, '{pod="c"}': 60 }],
    ['100 - requests', { '{pod="a"}': 90, '{pod="b"}': 80, '{pod="c"}': 70 }],
    ['requests > 15', { 'requests{pod="b"}': 20, 'requests{pod="c"}': 30 }],
    ['15 < requests', { 'requests{pod="b"}': 20, 'requests{pod="c"}': 30 }],
    ['requests > bool 15', { '{pod="a"}': 0, '{pod="b"}': 1, '{pod="c"}': 1 }],
    ['requests == 10', { 'requests{pod="a"}': 10 }],
    ['odd == odd', {}],
    ['odd != odd', { odd: Number.NaN }],
    ['requests{pod="a"} / 0', { '{pod="a"}': Number.POSITIVE_INFINITY }],
    ['requests{pod="a"} % 4', { '{pod="a"}': 2 }],
    ['requests{pod="a"} ^ 2', { '{pod="a"}': 100 }],
    ['requests{pod="a"} atan2 10', { '{pod="a"}': Math.PI / 4 }],
  ])('%s', (query, answer) => {
    expect(ask(store, query, 0)).toEqual(answer)
  })
})

describe('two vectors', () => {
  it.each([
    ['requests + requests', { '{pod="a"}': 20, '{pod="b"}': 40, '{pod="c"}': 60 }],
    ['errors{code="500"} / on(pod) requests', { '{pod="a"}': 0.1, '{pod="b"}': 0.1 }],
    ['errors{code="500"} / ignoring(code) requests', { '{pod="a"}': 0.1, '{pod="b"}': 0.1 }],
    ['errors / requests', {}],
    ['errors / on(pod) group_left requests', { '{code="500", pod="a"}': 0.1, '{code="503", pod="a"}': 0.3, '{code="500", pod="b"}': 0.1 }],
    ['requests - on(pod) group_right errors', { '{code="500", pod="a"}': 9, '{code="503", pod="a"}': 7, '{code="500", pod="b"}': 18 }],
    ['requests * on(pod) group_left(version) info', { '{pod="a", version="v1"}': 10, '{pod="b", version="v2"}': 20 }],
    ['requests > on(pod) group_left(version) info * 15', { 'requests{pod="b", version="v2"}': 20 }],
    ['requests{pod="a"} < on() requests{pod="b"}', { '{}': 10 }],
    ['requests{pod="a"} < bool on() requests{pod="b"}', { '{}': 1 }],
    ['requests{pod="a"} == requests{pod="a"}', { 'requests{pod="a"}': 10 }],
    ['sum(errors{code="999"}) / sum(errors) * 100', {}],
    ['requests * on() 2', { '{pod="a"}': 20, '{pod="b"}': 40, '{pod="c"}': 60 }],
  ])('%s', (query, answer) => {
    expect(ask(store, query, 0)).toEqual(answer)
  })
})

describe('set operators', () => {
  it.each([
    ['requests and info', {}],
    ['requests and on(pod) info', { 'requests{pod="a"}': 10, 'requests{pod="b"}': 20 }],
    ['requests unless on(pod) info', { 'requests{pod="c"}': 30 }],
    ['info or on(pod) requests', { 'info{pod="a", version="v1"}': 1, 'info{pod="b", version="v2"}': 1, 'requests{pod="c"}': 30 }],
    ['nope or vector(0)', { '{}': 0 }],
    ['requests{pod="a"} and on() vector(1) == 2', {}],
  ])('%s', (query, answer) => {
    expect(ask(store, query, 0)).toEqual(answer)
  })
})

describe('matching that has no single answer', () => {
  it.each([
    [
      'requests / on(pod) errors',
      'found duplicate series for the match group {pod="a"} on the right hand-side of the operation: [{__name__="errors", code="500", pod="a"}, ' +
        '{__name__="errors", code="503", pod="a"}];many-to-many matching not allowed: matching labels must be unique on one side',
    ],
    ['errors / on(pod) requests', 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'],
    ['errors / on(pod) group_right requests', 'on the left hand-side of the operation'],
    ['errors * on(pod) group_left(code) requests', 'multiple matches for labels: grouping labels must ensure unique matches'],
  ])('%s is refused', (query, message) => {
    expect(() => ask(store, query, 0)).toThrow(message)
  })

  it('is refused even if the comparison lets only one through', () => {
    expect(() => ask(store, 'errors{pod="a"} > on(pod) requests / 5', 0)).toThrow('many-to-one matching must be explicit')
  })

  it('was not refused in version 2 if the comparison lets only one through', () => {
    expect(askWith({ semantics: prometheus2 })(store, 'errors{pod="a"} > on(pod) requests / 5', 0)).toEqual({ '{pod="a"}': 3 })
  })
})
