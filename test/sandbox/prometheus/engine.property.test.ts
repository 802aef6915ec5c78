import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEngine } from '../../../src/sandbox/prometheus/engine/engine.ts'
import type { Vector } from '../../../src/sandbox/prometheus/engine/value.ts'
import type { Storage } from '../../../src/sandbox/prometheus/storage/storage.ts'
import { createStorage } from '../../../src/sandbox/prometheus/storage/storage.ts'

/** Some counters that are sampled irregularly and start anew now and then. */
const counters = fc.array(
  fc.record({
    ns: fc.constantFrom('a', 'b', 'c'),
    pod: fc.nat({ max: 3 }),
    samples: fc.array(fc.record({ gapMs: fc.integer({ min: 500, max: 20_000 }), growth: fc.nat({ max: 50 }), restarts: fc.boolean() }), {
      maxLength: 20,
    }),
  }),
  { maxLength: 8 },
)

type Counters = typeof counters extends fc.Arbitrary<infer T> ? T : never

const storeOf = (given: Counters): Storage => {
  const storage = createStorage()
  for (const { ns, pod, samples } of given) {
    let timeMs = 0
    let value = 0
    for (const { gapMs, growth, restarts } of samples) {
      timeMs += gapMs
      value = restarts ? growth : value + growth
      storage.append({ __name__: 'x_total', ns, pod: String(pod) }, timeMs, value)
    }
  }
  return storage
}

const vectorAt = (storage: Storage, query: string, timeMs: number): Vector => {
  const value = createEngine(storage).instant(query, timeMs)
  if (value.type !== 'vector') throw new Error(`expected a vector, got ${value.type}`)
  return value.samples
}

const total = (samples: Vector): number => samples.reduce((sum, { value }) => sum + value, 0)
const instant = fc.nat({ max: 300_000 })
const window = fc.constantFrom('10s', '1m', '3m')

const holds = (query: (range: string) => string, check: (samples: Vector, storage: Storage, timeMs: number) => void): void => {
  fc.assert(
    fc.property(counters, instant, window, (given, timeMs, range) => {
      const storage = storeOf(given)
      check(vectorAt(storage, query(range), timeMs), storage, timeMs)
    }),
  )
}

describe('whatever the samples', () => {
  it.each(['rate', 'increase', 'irate'])('%s of a counter is never negative', name => {
    holds(
      range => `${name}(x_total[${range}])`,
      samples => {
        for (const { value } of samples) expect(value).toBeGreaterThanOrEqual(0)
      },
    )
  })

  it('a sum by a label adds up to the sum of everything', () => {
    holds(
      () => 'sum by (ns) (x_total)',
      (samples, storage, timeMs) => expect(total(samples)).toBe(total(vectorAt(storage, 'sum(x_total)', timeMs))),
    )
  })

  it('an average lies between the extremes', () => {
    holds(
      () => 'avg(x_total) >= min(x_total) and avg(x_total) <= max(x_total) or absent(x_total)',
      samples => expect(samples.length).toBe(1),
    )
  })

  it('topk and bottomk share a vector between them', () => {
    holds(
      () => 'topk(3, x_total) or bottomk(100, x_total)',
      (samples, storage, timeMs) => expect(samples.length).toBe(vectorAt(storage, 'x_total', timeMs).length),
    )
  })

  it('and splits a vector into what unless leaves and what it takes', () => {
    holds(
      () => '(x_total and on(ns) x_total{pod="1"}) or (x_total unless on(ns) x_total{pod="1"})',
      (samples, storage, timeMs) => expect(samples.length).toBe(vectorAt(storage, 'x_total', timeMs).length),
    )
  })

  it('a range query is an instant query at every step', () => {
    fc.assert(
      fc.property(counters, window, (given, range) => {
        const storage = storeOf(given)
        const query = `sum by (ns) (rate(x_total[${range}]))`
        const rows = createEngine(storage).range(query, { startMs: 0, endMs: 300_000, stepMs: 37_000 })
        for (const { labels, points } of rows) {
          const again = [...points.times].map(
            timeMs => vectorAt(storage, query, timeMs).find(one => one.labels.join() === labels.join())?.value,
          )
          expect(again).toEqual([...points.values])
        }
      }),
    )
  })
})
