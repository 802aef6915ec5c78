import { setMaxListeners } from 'node:events'
import { sleep } from '../clock.ts'
import { formatDurationMs } from '../duration.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import { type LoadReport, LoadTally, type Sample } from './load-report.ts'
import { type HttpSenderOptions, httpSender, type LoadRequest, type LoadSender } from './load-sender.ts'

/** How much load, for how long. Without `durationMs` and `requests` it runs until its signal aborts; with both, the first reached ends it. */
export interface LoadPlan extends LoadRequest, HttpSenderOptions {
  /** Requests a second of each worker; as fast as answers come when absent. */
  readonly ratePerWorker?: number
  readonly durationMs?: number
  readonly requests?: number
  /** Time for one request, connection and body included; 0 is no limit. Default 20 s. */
  readonly timeoutMs?: number
  /** Hears every request as it ends: live counters. */
  readonly onSample?: (sample: Sample) => void
}

const defaultTimeoutMs = 20_000

/**
 * Sends load by `concurrency` workers, each one request at a time. At the end of the duration requests in flight are finished and counted;
 * when the signal aborts they are cut off and not counted. Never rejects for what the server does: that is in the report.
 */
export const runLoad = (plan: LoadPlan, io: Io, sender: LoadSender = httpSender(plan)): Promise<LoadReport> =>
  new LoadRun(plan, io, sender).run()

class LoadRun {
  readonly #plan: LoadPlan
  readonly #io: Io
  readonly #sender: LoadSender
  readonly #tally = new LoadTally()
  readonly #inFlight = new Set<AbortController>()
  /** Aborts when no further request should start. */
  readonly #ending = new AbortController()
  #left: number

  constructor(plan: LoadPlan, io: Io, sender: LoadSender) {
    this.#plan = plan
    this.#io = io
    this.#sender = sender
    this.#left = plan.requests ?? Number.POSITIVE_INFINITY
    // Every worker that waits for its turn listens.
    setMaxListeners(0, this.#ending.signal)
  }

  async run(): Promise<LoadReport> {
    const { clock, signal } = this.#io
    const startMs = clock.monotonicMs()
    const { durationMs, concurrency } = this.#plan
    const cancelEnd = durationMs === undefined ? () => {} : clock.schedule(durationMs, () => this.#ending.abort())
    signal.addEventListener('abort', this.#cutOff, { once: true })
    if (signal.aborted) this.#cutOff()
    try {
      await Promise.all(Array.from({ length: concurrency }, (_, worker) => this.#work(this.#turnsOf(worker))))
    } finally {
      cancelEnd()
      signal.removeEventListener('abort', this.#cutOff)
      await this.#sender.close()
    }
    return this.#tally.report(clock.monotonicMs() - startMs)
  }

  readonly #cutOff = (): void => {
    this.#ending.abort()
    for (const request of this.#inFlight) request.abort(this.#io.signal.reason)
  }

  async #work(turn: () => Promise<void>): Promise<void> {
    for (await turn(); !this.#ending.signal.aborted; await turn()) {
      this.#left -= 1
      if (this.#left <= 0) this.#ending.abort()
      const sample = await this.#sendOne()
      if (sample === undefined) return
      this.#tally.add(sample)
      this.#plan.onSample?.(sample)
    }
  }

  /**
   * What a worker awaits before each request: nothing without a rate, else its next tick. Workers are spread over the interval, so that the
   * load is even. A worker that is late sends at once and drops the ticks that it missed: a slow server gets less load, not a burst.
   */
  #turnsOf(worker: number): () => Promise<void> {
    const { concurrency, ratePerWorker } = this.#plan
    const { clock } = this.#io
    if (ratePerWorker === undefined) return async () => {}
    const intervalMs = 1000 / ratePerWorker
    let tickMs = clock.monotonicMs() + (intervalMs * (worker + 1)) / concurrency
    return async () => {
      const waitMs = tickMs - clock.monotonicMs()
      if (waitMs > 0) await sleep(clock, waitMs, this.#ending.signal)
      const missed = Math.max(0, Math.floor((clock.monotonicMs() - tickMs) / intervalMs))
      tickMs += (missed + 1) * intervalMs
    }
  }

  /** One request and what came of it; undefined when the program's end cut it off. */
  async #sendOne(): Promise<Sample | undefined> {
    const { clock, signal } = this.#io
    const timeoutMs = this.#plan.timeoutMs ?? defaultTimeoutMs
    const request = new AbortController()
    const giveUp = () => request.abort(new Error(`no answer within ${formatDurationMs(timeoutMs)}`))
    const cancelGiveUp = timeoutMs === 0 ? () => {} : clock.schedule(timeoutMs, giveUp)
    const sentMs = clock.monotonicMs()
    this.#inFlight.add(request)
    try {
      const answer = await this.#sender.send(this.#plan, request.signal)
      return { kind: 'answered', sentMs, latencyMs: clock.monotonicMs() - sentMs, ...answer }
    } catch (thrown) {
      if (signal.aborted) return undefined
      const error = messageOf(request.signal.aborted ? request.signal.reason : thrown)
      return { kind: 'failed', sentMs, latencyMs: clock.monotonicMs() - sentMs, error }
    } finally {
      cancelGiveUp()
      this.#inFlight.delete(request)
    }
  }
}
