import type { Evidence } from '../core/evidence.ts'
import type { Io } from '../io.ts'

/** What came in, and how long that took. */
export interface Findings {
  readonly evidence: Evidence
  readonly tookMs: number
  /** Monotonic milliseconds at which it was known. */
  readonly atMs: number
}

/** Questions of one step of one Canary; `findings` are there once all is known. */
export interface Inquiry {
  readonly findings: Findings | undefined
}

/** Asks; ends early when its signal aborts, and never rejects. */
export type Ask = (io: Io) => Promise<Evidence>

/**
 * Questions that are under way beside the passes. A load test may take half an hour: no canary that loses its pods, no newer revision and no
 * deletion waits for it, and no Canary for the hooks of another.
 */
export interface Inquiries {
  /** The inquiry of one of these steps, if there is one. One of another step is called off: its answers speak of something that is over. */
  about(canary: string, steps: readonly string[]): Inquiry | undefined
  /** Asks, and wakes the Canary when all is known. Nobody hears of it once `io.signal` aborts. */
  begin(canary: string, { step, ask }: { readonly step: string; readonly ask: Ask }, io: Io): void
  /** Monotonic milliseconds at which anything was asked for a Canary last. */
  askedAtMs(canary: string): number | undefined
  /** Its answers were used, or nobody wants them. */
  end(canary: string): void
  /** The Canary is gone. */
  forget(canary: string): void
  /** Calls off everything; resolves when nothing is under way any more. */
  rest(): Promise<void>
}

interface Open {
  readonly step: string
  readonly over: AbortController
  readonly done: Promise<void>
  findings: Findings | undefined
}

export const createInquiries = (wake: (canary: string) => void): Inquiries => {
  const inquiries = new Map<string, Open>()
  const askedAtMs = new Map<string, number>()

  const end = (canary: string): void => {
    inquiries.get(canary)?.over.abort(new Error('nobody waits for the answers any more'))
    inquiries.delete(canary)
  }

  const open = (canary: string, { step, ask }: { step: string; ask: Ask }, io: Io): Open => {
    const over = new AbortController()
    const signal = AbortSignal.any([io.signal, over.signal])
    const startMs = io.clock.monotonicMs()
    const inquiry: Open = { step, over, findings: undefined, done: Promise.resolve() }
    const done = ask({ ...io, signal }).then(evidence => {
      if (signal.aborted) return
      const atMs = io.clock.monotonicMs()
      inquiry.findings = { evidence, tookMs: atMs - startMs, atMs }
      wake(canary)
    })
    return Object.assign(inquiry, { done })
  }

  return {
    about: (canary, steps) => {
      const found = inquiries.get(canary)
      if (!found || steps.includes(found.step)) return found
      end(canary)
      return undefined
    },
    askedAtMs: canary => askedAtMs.get(canary),
    begin: (canary, question, io) => {
      end(canary)
      askedAtMs.set(canary, io.clock.monotonicMs())
      inquiries.set(canary, open(canary, question, io))
    },
    end,
    forget: canary => {
      end(canary)
      askedAtMs.delete(canary)
    },
    rest: async () => {
      const all = [...inquiries]
      for (const [canary] of all) end(canary)
      await Promise.all(all.map(([, { done }]) => done))
    },
  }
}
