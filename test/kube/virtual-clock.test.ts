import { describe, expect, it } from 'vitest'
import { sleep } from '../../src/clock.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

describe('VirtualClock', () => {
  it('runs timers in the order of their due time, and of scheduling within an instant', async () => {
    const clock = new VirtualClock()
    const seen: string[] = []
    clock.schedule(20, () => seen.push('b'))
    clock.schedule(10, () => seen.push('a'))
    clock.schedule(20, () => seen.push('c'))
    await clock.advance(20)
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  it('lets promises settle between timers, so that a chain of sleeps runs in one advance', async () => {
    const clock = new VirtualClock(0)
    const wokeAtMs: number[] = []
    const run = async () => {
      for (let turn = 0; turn < 3; turn++) {
        await sleep(clock, 10)
        wokeAtMs.push(clock.nowMs())
      }
    }
    const running = run()
    await clock.advance(35)
    await running
    expect(wokeAtMs).toEqual([10, 20, 30])
    expect(clock.nowMs()).toBe(35)
    expect(clock.pending).toBe(0)
  })

  it('forgets a cancelled timer', async () => {
    const clock = new VirtualClock()
    const cancel = clock.schedule(5, () => expect.unreachable())
    cancel()
    await clock.advance(10)
    expect(clock.pending).toBe(0)
  })

  it('steps the wall without moving monotonic time', () => {
    const clock = new VirtualClock(1000)
    clock.jumpWall(-400)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([600, 0])
  })

  it('runs late timers after a stall at the time it woke', async () => {
    const clock = new VirtualClock(0)
    let ranAtMs = -1
    clock.schedule(10, () => {
      ranAtMs = clock.monotonicMs()
    })
    clock.stall(500)
    await clock.advance(0)
    expect(ranAtMs).toBe(500)
  })
})
