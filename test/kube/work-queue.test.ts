import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sleep } from '../../src/clock.ts'
import { CanaryError } from '../../src/errors.ts'
import { createDelayHeap } from '../../src/kube/delay-heap.ts'
import { createWorkQueue, type Handle, type WorkQueueOptions } from '../../src/kube/work-queue.ts'
import { kubeError } from '../support/fake-faults.ts'
import { testIo } from '../support/io.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const nothing = { afterMs: undefined }

class Refused extends CanaryError {
  readonly code = 'Refused'
  readonly disposition = 'terminal'
}

/** A queue at work; jitter always takes the longest wait. */
const atWork = async (handle: Handle, options: Partial<WorkQueueOptions> = {}) => {
  const clock = new VirtualClock()
  const stopper = new AbortController()
  const io = testIo({ clock, signal: stopper.signal })
  const queue = createWorkQueue({ clock, random: () => 1, handle, ...options })
  const run = queue.run(io)
  const stop = () => {
    stopper.abort()
    return run
  }
  onTestFinished(async () => {
    const end = stop()
    await clock.advance(60_000)
    await end
  })
  return { clock, queue, io, stop, run }
}

/** Remembers which key ran when. */
const recorder = () => {
  const ran: [string, number][] = []
  const handle: Handle = async (key, { clock }) => {
    ran.push([key, clock.monotonicMs()])
    return nothing
  }
  return { ran, handle }
}

describe('the work queue', () => {
  it('works on keys in the order they came', async () => {
    const { ran, handle } = recorder()
    const { clock, queue } = await atWork(handle, { workers: 1 })
    for (const key of ['a', 'b', 'c']) queue.add(key)
    await clock.advance(0)
    expect(ran.map(([key]) => key)).toEqual(['a', 'b', 'c'])
  })

  it('runs a key once, however often it was added before', async () => {
    const { ran, handle } = recorder()
    const { clock, queue } = await atWork(handle)
    for (let n = 0; n < 5; n++) queue.add('a')
    await clock.advance(0)
    expect(ran.length).toBe(1)
  })

  it('runs a key once more, however often it was added during its work', async () => {
    let runs = 0
    const { clock, queue } = await atWork(async (_key, io) => {
      runs++
      await sleep(io.clock, 100)
      return nothing
    })
    queue.add('a')
    await clock.advance(50)
    for (let n = 0; n < 5; n++) queue.add('a')
    await clock.advance(1000)
    expect(runs).toBe(2)
  })

  it('never has two workers on one key, and never more workers than it may', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(30)), { maxLength: 60 }), async additions => {
        const busy = new Set<string>()
        const wrong: string[] = []
        const last = new Map<string, number>()
        const { clock, queue } = await atWork(
          async (key, io) => {
            if (busy.has(key) || busy.size >= 3) wrong.push(key)
            busy.add(key)
            last.set(key, io.clock.monotonicMs())
            await sleep(io.clock, 7)
            busy.delete(key)
            return nothing
          },
          { workers: 3 },
        )
        const added = new Map<string, number>()
        for (const [key, waitMs] of additions) {
          queue.add(key)
          added.set(key, clock.monotonicMs())
          await clock.advance(waitMs)
        }
        await clock.advance(1000)
        expect(wrong).toEqual([])
        for (const [key, atMs] of added) expect(last.get(key)).toBeGreaterThanOrEqual(atMs)
      }),
      { numRuns: 30 },
    ))

  it('waits with a key that is due later', async () => {
    const { ran, handle } = recorder()
    const { clock, queue } = await atWork(handle)
    queue.addAfter('a', 500)
    await clock.advance(2000)
    expect(ran).toEqual([['a', 500]])
  })

  it('takes the earliest of several times', async () => {
    const { ran, handle } = recorder()
    const { clock, queue } = await atWork(handle)
    for (const delayMs of [800, 300, 500]) queue.addAfter('a', delayMs)
    await clock.advance(2000)
    expect(ran).toEqual([['a', 300]])
  })

  it('takes a run for all that was due later', async () => {
    const { ran, handle } = recorder()
    const { clock, queue } = await atWork(handle)
    queue.addAfter('a', 500)
    queue.add('a')
    await clock.advance(2000)
    expect(ran).toEqual([['a', 0]])
  })

  it('keeps what is added while it runs, however soon the run wants to look again', async () => {
    const { ran, handle } = recorder()
    const { clock, queue } = await atWork(async (key, io) => {
      if (ran.length === 0) queue.addAfter(key, 100)
      await handle(key, io)
      return { afterMs: ran.length < 2 ? 1000 : undefined }
    })
    queue.add('a')
    await clock.advance(3000)
    expect(ran.map(([, atMs]) => atMs)).toEqual([0, 100])
  })

  it('gives a run that failed its time back', async () => {
    const ran: number[] = []
    const { clock, queue } = await atWork(async (_key, io) => {
      ran.push(io.clock.monotonicMs())
      if (ran.length === 1) throw new Refused('not like this')
      return nothing
    })
    queue.addAfter('a', 500)
    queue.add('a')
    await clock.advance(2000)
    expect(ran).toEqual([0, 500])
  })

  it('comes again when the work says so', async () => {
    const ran: number[] = []
    const { clock, queue } = await atWork(async (_key, io) => {
      ran.push(io.clock.monotonicMs())
      return { afterMs: ran.length < 3 ? 1000 : undefined }
    })
    queue.add('a')
    await clock.advance(10_000)
    expect(ran).toEqual([0, 1000, 2000])
  })

  it('keeps one timer for ten thousand keys that are due later, each on time', async () => {
    const late: number[] = []
    const { clock, queue } = await atWork(async (key, io) => {
      late.push(io.clock.monotonicMs() - Number(key))
      return nothing
    })
    for (let n = 0; n < 10_000; n++) {
      const dueMs = 1 + ((n * 7919) % 10_000)
      queue.addAfter(String(dueMs), dueMs)
    }
    expect(clock.pending).toBe(1)
    await clock.advance(10_000)
    expect([late.length, Math.max(...late)]).toEqual([10_000, 0])
  })

  it('doubles its wait with every failure of a key, up to a minute', async () => {
    const ran: number[] = []
    const { clock, queue } = await atWork(async (_key, io) => {
      ran.push(io.clock.monotonicMs())
      throw new Error('no')
    })
    queue.add('a')
    await clock.advance(10 * 60_000)
    const waits = ran.slice(1).map((atMs, n) => atMs - (ran[n] ?? 0))
    expect(waits.slice(0, 5)).toEqual([5, 10, 20, 40, 80])
    expect(waits.at(-1)).toBe(60_000)
  })

  it('spreads its waits over the whole step', async () => {
    const { clock, queue } = await atWork(() => Promise.reject(new Error('no')), { random: () => 0.5 })
    queue.add('a')
    await clock.advance(0)
    expect(clock.nextInMs).toBe(2.5)
  })

  it('forgets failures after a success', async () => {
    let runs = 0
    const { clock, queue } = await atWork(async () => {
      runs++
      if (runs === 4) return nothing
      throw new Error('no')
    })
    queue.add('a')
    await clock.advance(100)
    queue.add('a')
    await clock.advance(0)
    expect([runs, clock.nextInMs]).toEqual([5, 5])
  })

  it('stays away as long as the server asks', async () => {
    const { clock, queue } = await atWork(() => Promise.reject(kubeError('TooManyRequests', 'busy', 30_000)))
    queue.add('a')
    await clock.advance(0)
    expect(clock.nextInMs).toBe(30_000)
  })

  it('does not repeat what only a change can cure', async () => {
    let runs = 0
    const { clock, queue, io } = await atWork(async () => {
      runs++
      throw new Refused('no such provider')
    })
    queue.add('a')
    await clock.advance(10 * 60_000)
    expect(runs).toBe(1)
    expect(io.log.lines).toMatchObject([{ level: 'error', fields: { key: 'a', code: 'Refused', error: 'no such provider' } }])
  })

  it('logs each failure once, with what follows', async () => {
    const { clock, queue, io } = await atWork(() => Promise.reject(kubeError('Conflict', 'somebody was faster')))
    queue.add('a')
    await clock.advance(0)
    expect(io.log.lines).toMatchObject([
      { level: 'warn', fields: { key: 'a', code: 'Conflict', error: 'somebody was faster', failures: 1, retryMs: 5 } },
    ])
  })

  it('lets one key fail without holding up another', async () => {
    const { ran, handle } = recorder()
    const { clock, queue } = await atWork(async (key, io) => (key === 'bad' ? Promise.reject(new Error('no')) : handle(key, io)), {
      workers: 1,
    })
    queue.add('bad')
    queue.add('good')
    await clock.advance(0)
    expect(ran.map(([key]) => key)).toEqual(['good'])
  })

  it('forgets a key that is due later', async () => {
    const { ran, handle } = recorder()
    const { clock, queue } = await atWork(handle)
    queue.addAfter('a', 500)
    queue.forget('a')
    await clock.advance(1000)
    expect(ran).toEqual([])
  })

  it('keeps what was added before it began', async () => {
    const { ran, handle } = recorder()
    const clock = new VirtualClock()
    const queue = createWorkQueue({ clock, handle })
    queue.add('now')
    queue.addAfter('later', 100)
    const stopper = new AbortController()
    const run = queue.run(testIo({ clock, signal: stopper.signal }))
    await clock.advance(100)
    stopper.abort()
    await run
    expect(ran.map(([key]) => key)).toEqual(['now', 'later'])
  })

  it('lets others have their turn when work never waits for anything', async () => {
    let seenByTimer = -1
    let runs = 0
    const { clock, queue } = await atWork(async () => {
      runs++
      clock.stall(10)
      return nothing
    })
    for (let n = 0; n < 100; n++) queue.add(String(n))
    clock.schedule(5, () => {
      seenByTimer = runs
    })
    await clock.advance(2000)
    expect(runs).toBe(100)
    expect(seenByTimer).toBeLessThan(5)
  })

  it('tells its depth, how long keys waited, and how work ended', async () => {
    const told: unknown[] = []
    const { clock, queue } = await atWork(
      async (key, io) => {
        await sleep(io.clock, 100)
        if (key === 'b') throw new Refused('no')
        return nothing
      },
      {
        workers: 1,
        observer: {
          depth: keys => void told.push(keys),
          started: (...facts) => void told.push(['started', ...facts]),
          finished: (...facts) => void told.push(['finished', ...facts]),
        },
      },
    )
    queue.add('a')
    queue.add('b')
    await clock.advance(1000)
    expect(told).toEqual([
      1,
      2,
      1,
      ['started', 'a', 0],
      ['finished', 'a', 100, 'done'],
      0,
      ['started', 'b', 100],
      ['finished', 'b', 100, 'terminal'],
    ])
  })
})

describe('stopping the work queue', () => {
  it('begins nothing new and waits for what is being done', async () => {
    const done: string[] = []
    const { clock, queue, stop } = await atWork(
      async (key, io) => {
        await sleep(io.clock, 100)
        done.push(key)
        return { afterMs: 10 }
      },
      { workers: 1 },
    )
    queue.add('a')
    queue.add('b')
    await clock.advance(50)
    const end = stop()
    await clock.advance(1000)
    await end
    expect([done, clock.pending]).toEqual([['a'], 0])
  })

  it('aborts what is still being done when the grace is over', async () => {
    const { clock, queue, stop } = await atWork(
      async (_key, io) => {
        await sleep(io.clock, 3_600_000, io.signal)
        return nothing
      },
      { graceMs: 1500 },
    )
    queue.add('a')
    await clock.advance(0)
    const end = stop().then(() => clock.monotonicMs())
    await clock.advance(5000)
    expect(await end).toBe(1500)
  })

  it('does not disturb work before that', async () => {
    let aborted: boolean | undefined
    const { clock, queue, stop } = await atWork(async (_key, io) => {
      await sleep(io.clock, 100)
      aborted = io.signal.aborted
      return nothing
    })
    queue.add('a')
    await clock.advance(0)
    const end = stop()
    await clock.advance(100)
    await end
    expect(aborted).toBe(false)
  })

  it('keeps what is due later for the next run, as a leader that comes back needs', async () => {
    const { ran, handle } = recorder()
    const { clock, queue, stop } = await atWork(handle)
    queue.addAfter('a', 1000)
    await stop()
    await clock.advance(5000)
    const again = new AbortController()
    const run = queue.run(testIo({ clock, signal: again.signal }))
    await clock.advance(0)
    again.abort()
    await run
    expect(ran).toEqual([['a', 5000]])
  })

  it('leaves no timer behind when keys are still due later', async () => {
    const { clock, queue, stop } = await atWork(async () => nothing)
    queue.addAfter('a', 1000)
    await stop()
    expect(clock.pending).toBe(0)
  })
})

describe('the delay heap', () => {
  it('gives keys back in the order of their earliest time', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...'abcdefgh'), fc.nat(100))), fc.constantFrom(...'abcdefgh'), (pushes, removed) => {
        const heap = createDelayHeap()
        const earliest = new Map<string, number>()
        for (const [key, atMs] of pushes) {
          heap.push(key, atMs)
          earliest.set(key, Math.min(earliest.get(key) ?? Number.POSITIVE_INFINITY, atMs))
        }
        heap.remove(removed)
        earliest.delete(removed)
        expect(heap.size).toBe(earliest.size)
        expect(heap.nextAtMs()).toBe(earliest.size === 0 ? undefined : Math.min(...earliest.values()))
        const taken = heap.takeDue(100)
        expect(taken.map(key => earliest.get(key))).toEqual([...earliest.values()].sort((a, b) => a - b))
        expect(heap.nextAtMs()).toBeUndefined()
      }),
    ))

  it('leaves what is not due', () => {
    const heap = createDelayHeap()
    heap.push('a', 10)
    heap.push('b', 20)
    expect([heap.takeDue(15), heap.nextAtMs()]).toEqual([['a'], 20])
  })
})
