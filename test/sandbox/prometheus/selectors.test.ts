import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../src/sandbox/prometheus/engine/engine.ts'
import { prometheus2 } from '../../../src/sandbox/prometheus/engine/semantics.ts'
import { ask, askWith, load } from './load.ts'

describe('an instant selector', () => {
  const store = load(10, { 'x{pod="a"}': '1 2 3', 'x{pod="b"}': '1 2 stale', 'x{pod="c"}': '1 2 stale 4', 'y{pod="a"}': '9' })

  it('takes the newest sample up to its instant', () => {
    expect(ask(store, 'x{pod="a"}', 19)).toEqual({ 'x{pod="a"}': 2 })
  })

  it('looks back five minutes', () => {
    expect([ask(store, 'x{pod="a"}', 319.999), ask(store, 'x{pod="a"}', 320)]).toEqual([{ 'x{pod="a"}': 3 }, {}])
  })

  it('looks back one instant further in version 2', () => {
    const askOld = askWith({ semantics: prometheus2 })
    expect([askOld(store, 'x{pod="a"}', 320), askOld(store, 'x{pod="a"}', 320.001)]).toEqual([{ 'x{pod="a"}': 3 }, {}])
  })

  it('looks back as far as it is told', () => {
    expect(askWith({ lookbackMs: 10_000 })(store, 'x{pod="a"}', 50)).toEqual({})
  })

  it('leaves out a series that ended', () => {
    expect(ask(store, 'x', 25)).toEqual({ 'x{pod="a"}': 3 })
  })

  it('sees a series again that came back', () => {
    expect(ask(store, 'x{pod="c"}', 35)).toEqual({ 'x{pod="c"}': 4 })
  })

  it('finds metrics by a pattern on their name', () => {
    expect(ask(store, '{__name__=~"x|y",pod="a"}', 20)).toEqual({ 'x{pod="a"}': 3, 'y{pod="a"}': 9 })
  })

  it.each([
    ['x{pod="a"} offset 10s', 20, 2],
    ['x{pod="a"} offset -10s', 10, 3],
    ['x{pod="a"} @ 10', 20, 2],
    ['x{pod="a"} @ 20 offset 10s', 0, 2],
    ['x{pod="a"} offset 10s @ 20', 0, 2],
    ['x{pod="a"} @ end()', 20, 3],
  ])('%s at %d', (query, at, value) => {
    expect(ask(store, query, at)).toEqual({ 'x{pod="a"}': value })
  })
})

describe('a range selector', () => {
  it('holds the samples since its old end, without those exactly there', () => {
    expect(ask(load(10, { x: '0+1x6' }), 'x[30s]', 60)).toEqual({ x: [4, 5, 6] })
  })

  it('holds the samples of a series that ended since', () => {
    expect(ask(load(10, { x: '1 2 stale' }), 'x[30s]', 25)).toEqual({ x: [1, 2] })
  })

  it('leaves out series without a sample in it', () => {
    expect(ask(load(10, { x: '1 2' }), 'x[10s]', 60)).toEqual({})
  })
})

describe('a subquery', () => {
  const store = load(10, { x: '0+1x30' })

  it('asks at multiples of its step', () => {
    expect(ask(store, 'vector(time())[60s:25s]', 110)).toEqual({ '{}': [75, 100] })
  })

  it('leaves out its old end', () => {
    expect(ask(store, 'vector(time())[60s:30s]', 120)).toEqual({ '{}': [90, 120] })
  })

  it('asks at the old end too in version 2', () => {
    expect(askWith({ semantics: prometheus2 })(store, 'vector(time())[60s:30s]', 120)).toEqual({ '{}': [60, 90, 120] })
  })

  it('takes the step of the server when it names none', () => {
    expect(askWith({ subqueryStepMs: 10_000 })(store, 'vector(time())[30s:]', 120)).toEqual({ '{}': [100, 110, 120] })
  })

  it('feeds functions over time', () => {
    expect(ask(store, 'max_over_time(rate(x[20s])[60s:10s])', 200)).toEqual({ '{}': expect.closeTo(0.1, 12) })
  })

  it('can be shifted', () => {
    expect(ask(store, 'vector(time())[20s:10s] offset 30s', 120)).toEqual({ '{}': [80, 90] })
  })
})

it('evaluate asks with the usual settings', () => {
  expect(evaluate('count_over_time(x[20s])', 30_000, load(10, { x: '1 2 3 4' }))).toMatchObject({ type: 'vector', samples: [{ value: 2 }] })
})
