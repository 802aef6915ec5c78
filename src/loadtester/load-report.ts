import { type Latencies, LatencyHistogram } from './latency-histogram.ts'

/** One request as the load generator saw it. `sentMs` is monotonic time. */
export type Sample = { readonly sentMs: number; readonly latencyMs: number } & (
  | { readonly kind: 'answered'; readonly status: number; readonly bytes: number; readonly headers: AnswerHeaders }
  | { readonly kind: 'failed'; readonly error: string }
)

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** What a run of load came to. */
export interface LoadReport {
  readonly durationMs: number
  /** Requests that were answered or failed; those cut off by the end of the program are not counted. */
  readonly requests: number
  readonly statusCodes: ReadonlyMap<number, number>
  /** Why requests got no answer, and how many. */
  readonly errors: ReadonlyMap<string, number>
  readonly bytes: number
  /** Of answered requests. */
  readonly latencies: Latencies
}

/** More kinds of error than this are counted together, so that a message with a number in it cannot fill the memory. */
const mostErrorKinds = 50
const otherErrors = 'other errors'

/** Sums samples up as they come. */
export class LoadTally {
  readonly #statusCodes = new Map<number, number>()
  readonly #errors = new Map<string, number>()
  readonly #latencies = new LatencyHistogram()
  #requests = 0
  #bytes = 0

  add(sample: Sample): void {
    this.#requests += 1
    if (sample.kind === 'failed') this.#addError(sample.error)
    else this.#addAnswer(sample)
  }

  report(durationMs: number): LoadReport {
    return {
      durationMs,
      requests: this.#requests,
      statusCodes: this.#statusCodes,
      errors: this.#errors,
      bytes: this.#bytes,
      latencies: this.#latencies,
    }
  }

  #addAnswer(sample: Sample & { kind: 'answered' }): void {
    this.#bytes += sample.bytes
    this.#latencies.add(sample.latencyMs)
    this.#statusCodes.set(sample.status, (this.#statusCodes.get(sample.status) ?? 0) + 1)
  }

  #addError(error: string): void {
    const kind = this.#errors.has(error) || this.#errors.size < mostErrorKinds ? error : otherErrors
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1)
  }
}
