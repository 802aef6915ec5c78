import fc from 'fast-check'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { exposition } from '../../src/telemetry/exposition.ts'

/** Lines that say something, whatever stands between them. */
const lines = (text: string): readonly string[] => text.split('\n').filter(line => line !== '')

describe('the exposition', () => {
  it('says what prom-client says, whatever the labels', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string(), fc.string(), fc.integer())), async samples => {
        const registry = new Registry()
        const registers = [registry]
        const gauge = new Gauge({ name: 'g', help: 'a "gauge"\nof \\', labelNames: ['a', 'b'], registers })
        const counter = new Counter({ name: 'c_total', help: 'c', labelNames: ['a'], registers })
        const histogram = new Histogram({ name: 'h', help: 'h', labelNames: ['a', 'b'], buckets: [0.5, 10], registers })
        for (const [a, b, value] of samples) {
          gauge.set({ a, b }, value)
          counter.inc({ a })
          histogram.observe({ a, b }, value)
        }
        expect(lines(await exposition(registry).text())).toEqual(lines(await registry.metrics()))
      }),
    ))

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [0.1, '0.1'],
  ])('writes %d as %s', async (value, text) => {
    const registry = new Registry()
    new Gauge({ name: 'g', help: 'g', registers: [registry] }).set(value)
    expect(await exposition(registry).text()).toBe(`# HELP g g\n# TYPE g gauge\ng ${text}\n`)
  })

  it('lets others have their turn between slices of many series', async () => {
    const registry = new Registry()
    const gauge = new Gauge({ name: 'g', help: 'g', labelNames: ['a'], registers: [registry] })
    for (let n = 0; n < 6000; n += 1) gauge.set({ a: String(n) }, n)
    let turns = 0
    const count = (): void => {
      turns += 1
      immediate = setImmediate(count)
    }
    let immediate = setImmediate(count)
    const text = await exposition(registry).text()
    clearImmediate(immediate)
    expect(lines(text)).toHaveLength(6002)
    expect(turns).toBeGreaterThanOrEqual(3)
  })
})
