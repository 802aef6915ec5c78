import type { Clock } from '../clock.ts'

/** How long one call took, and whether it came to an answer. */
export interface Timing {
  readonly durationMs: number
  readonly outcome: 'ok' | 'error'
}

type AsyncMethodOf<P> = { [K in keyof P]: P[K] extends (...args: never[]) => Promise<unknown> ? K : never }[keyof P] & string

/** The same port, with one method timed. Providers do not count: this is put around them. */
export const timed = <P extends object>(
  port: P,
  method: AsyncMethodOf<P>,
  { clock, observe }: { readonly clock: Clock; readonly observe: (timing: Timing) => void },
): P =>
  new Proxy(port, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      if (property !== method) return value.bind(target)
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const startMs = clock.monotonicMs()
        const settled = (outcome: Timing['outcome']) => observe({ durationMs: clock.monotonicMs() - startMs, outcome })
        try {
          const answer: unknown = await Reflect.apply(value, target, args)
          settled('ok')
          return answer
        } catch (thrown) {
          settled('error')
          throw thrown
        }
      }
    },
  })
