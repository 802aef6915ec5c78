import { describe, expect, it } from 'vitest'
import { sleep } from '../../src/clock.ts'
import { type LoadPlan, runLoad } from '../../src/loadtester/load-generator.ts'
import type { LoadReport, Sample } from '../../src/loadtester/load-report.ts'
import type { LoadSender } from '../../src/loadtester/load-sender.ts'
import { testIo } from '../support/io.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

interface FakeSender extends LoadSender {
  /** Virtual time of each request. */
  readonly sentMs: number[]
  closed: boolean
}

/** Answers after so many milliseconds of virtual time; a status of 0 refuses the connection. */
const answering = (clock: VirtualClock, answerMs: (n: number) => number, status = 200): FakeSender => {
  const sender: FakeSender = {
    sentMs: [],
    closed: false,
    send: async (_request, signal) => {
      sender.sentMs.push(clock.monotonicMs())
      await sleep(clock, answerMs(sender.sentMs.length), signal)
      signal.throwIfAborted()
      if (status === 0) throw new Error('connect ECONNREFUSED')
      return { status, bytes: 10, headers: {} }
    },
    close: async () => {
      sender.closed = true
    },
  }
  return sender
}

const aPlan = (parts: Partial<LoadPlan>): LoadPlan => ({ url: 'http://app/', concurrency: 1, ...parts })

interface Setting {
  readonly plan: Partial<LoadPlan>
  readonly answerMs?: (n: number) => number
  readonly status?: number
  readonly forMs: number
}

const runFor = async ({ plan, answerMs = () => 1, status = 200, forMs }: Setting): Promise<{ report: LoadReport; sender: FakeSender }> => {
  const io = testIo()
  const sender = answering(io.clock, answerMs, status)
  const running = runLoad(aPlan(plan), io, sender)
  await io.clock.advance(forMs)
  const report = await running
  expect(io.clock.pending).toBe(0)
  return { report, sender }
}

describe('the load generator', () => {
  it('sends at the rate of all its workers for the duration', async () => {
    const { report } = await runFor({ plan: { concurrency: 2, ratePerWorker: 10, durationMs: 10_000 }, forMs: 10_000 })
    expect(report.requests).toBeGreaterThanOrEqual(198)
    expect(report.requests).toBeLessThanOrEqual(200)
  })

  it('spreads its workers over the interval', async () => {
    const { sender } = await runFor({ plan: { concurrency: 4, ratePerWorker: 10, durationMs: 110 }, forMs: 110 })
    expect(sender.sentMs).toEqual([25, 50, 75, 100])
  })

  it('drops the ticks that a slow answer covers instead of catching up', async () => {
    const { sender } = await runFor({
      plan: { ratePerWorker: 10, durationMs: 1000 },
      answerMs: n => (n === 1 ? 350 : 1),
      forMs: 1000,
    })
    expect(sender.sentMs).toEqual([100, 450, 500, 600, 700, 800, 900])
  })

  it('never has more requests in flight than workers', async () => {
    const io = testIo()
    const sender = answering(io.clock, () => 5)
    let inFlight = 0
    let most = 0
    const counting: LoadSender = {
      ...sender,
      send: async (request, signal) => {
        inFlight += 1
        most = Math.max(most, inFlight)
        return sender.send(request, signal).finally(() => {
          inFlight -= 1
        })
      },
    }
    const running = runLoad(aPlan({ concurrency: 3, requests: 30 }), io, counting)
    await io.clock.advance(1000)
    await running
    expect(most).toBe(3)
  })

  it.each([1, 3, 7])('sends exactly the number asked for, with %i workers', async concurrency => {
    const { report } = await runFor({ plan: { concurrency, requests: 20 }, forMs: 1000 })
    expect(report.requests).toBe(20)
  })

  it('counts a request that is in flight when the duration ends', async () => {
    const { report } = await runFor({ plan: { durationMs: 100 }, answerMs: () => 70, forMs: 200 })
    expect(report.requests).toBe(2)
    expect(report.durationMs).toBe(140)
  })

  it('cuts requests off uncounted when its signal aborts', async () => {
    const ending = new AbortController()
    const io = testIo({ signal: ending.signal })
    const sender = answering(io.clock, n => (n === 1 ? 10 : 10_000))
    const running = runLoad(aPlan({}), io, sender)
    await io.clock.advance(100)
    ending.abort(new Error('stop'))
    const report = await running
    expect(report.requests).toBe(1)
    expect(io.clock.pending).toBe(0)
    expect(sender.closed).toBe(true)
  })

  it('sends nothing when its signal aborted before', async () => {
    const io = testIo({ signal: AbortSignal.abort() })
    const sender = answering(io.clock, () => 1)
    expect((await runLoad(aPlan({}), io, sender)).requests).toBe(0)
  })

  it('gives up on a request after its time limit', async () => {
    const { report } = await runFor({ plan: { requests: 1, timeoutMs: 500 }, answerMs: () => 10_000, forMs: 500 })
    expect([...report.errors]).toEqual([['no answer within 500ms', 1]])
  })

  it('counts status codes and bytes', async () => {
    const { report } = await runFor({ plan: { requests: 4 }, status: 503, forMs: 100 })
    expect([...report.statusCodes]).toEqual([[503, 4]])
    expect(report.bytes).toBe(40)
  })

  it('counts refused connections by their reason', async () => {
    const { report } = await runFor({ plan: { requests: 3 }, status: 0, forMs: 100 })
    expect([...report.errors]).toEqual([['connect ECONNREFUSED', 3]])
    expect(report.latencies.count).toBe(0)
  })

  it('tells of each request as it ends', async () => {
    const samples: Sample[] = []
    await runFor({ plan: { requests: 2, onSample: sample => samples.push(sample) }, answerMs: () => 5, forMs: 100 })
    expect(samples).toMatchObject([
      { kind: 'answered', sentMs: 0, latencyMs: 5, status: 200 },
      { kind: 'answered', sentMs: 5, latencyMs: 5, status: 200 },
    ])
  })
})
