import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createServerTime } from '../../src/kube/server-time.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const startMs = Date.parse('2026-06-01T12:00:00Z')
const header = (ms: number): string => new Date(ms).toUTCString()

describe('the server time', () => {
  it('is the local clock before any answer', () => {
    const clock = new VirtualClock(startMs)
    expect(createServerTime(clock).nowMs()).toBe(startMs)
  })

  it('is the Date header plus the time that passed since', async () => {
    const clock = new VirtualClock(0)
    const time = createServerTime(clock)
    time.learn(header(startMs), clock.monotonicMs())
    await clock.advance(2500)
    expect(time.nowMs()).toBe(startMs + 2500)
  })

  it('does not care what the local clock says', () => {
    const clock = new VirtualClock(0)
    const time = createServerTime(clock)
    time.learn(header(startMs), clock.monotonicMs())
    clock.jumpWall(3_600_000)
    expect(time.nowMs()).toBe(startMs)
  })

  it('does not fall back when a header was cut to its second', async () => {
    const clock = new VirtualClock(0)
    const time = createServerTime(clock)
    time.learn(header(startMs), clock.monotonicMs())
    await clock.advance(900)
    time.learn(header(startMs), clock.monotonicMs())
    expect(time.nowMs()).toBe(startMs + 900)
  })

  it('follows a server that was set forward', () => {
    const clock = new VirtualClock(0)
    const time = createServerTime(clock)
    time.learn(header(startMs), clock.monotonicMs())
    time.learn(header(startMs + 3_600_000), clock.monotonicMs())
    expect(time.nowMs()).toBe(startMs + 3_600_000)
  })

  it('follows a server that was set back, by no more than its step', () => {
    const clock = new VirtualClock(0)
    const time = createServerTime(clock)
    time.learn(header(startMs), clock.monotonicMs())
    time.learn(header(startMs - 3_600_000), clock.monotonicMs())
    expect(time.nowMs()).toBe(startMs - 3_600_000 + 1000)
  })

  it.each([undefined, '', 'yesterday', ['a', 'b']])('ignores the header %j', value => {
    const clock = new VirtualClock(startMs)
    const time = createServerTime(clock)
    time.learn(value, 0)
    expect(time.nowMs()).toBe(startMs)
  })

  it('never runs backwards and never ahead of a steady server, whatever the network adds', async () => {
    const exchanges = fc.array(fc.record({ idle: fc.nat(5000), there: fc.nat(800), back: fc.nat(800) }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(exchanges, fc.nat(999), async (steps, phase) => {
        const clock = new VirtualClock(0)
        const time = createServerTime(clock)
        const serverMs = () => startMs + phase + clock.monotonicMs()
        let lastMs = Number.NEGATIVE_INFINITY
        for (const { idle, there, back } of steps) {
          clock.stall(idle)
          const sentAtMs = clock.monotonicMs()
          clock.stall(there)
          const stamped = header(serverMs())
          clock.stall(back)
          time.learn(stamped, sentAtMs)
          expect(time.nowMs()).toBeGreaterThanOrEqual(lastMs)
          expect(time.nowMs()).toBeLessThanOrEqual(serverMs())
          expect(time.nowMs()).toBeGreaterThan(serverMs() - 1000 - back - idle)
          lastMs = time.nowMs()
        }
      }),
    )
  })
})
