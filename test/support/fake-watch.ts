import { KubeError } from '../../src/kube/errors.ts'
import type { WatchEvent } from '../../src/kube/kube-api.ts'

/** The server's end of one watch. */
export interface WatchStream {
  /** What the cluster has to tell; lost when the watch is muted. */
  tell(event: WatchEvent): void
  /** Any line at all, true or not, muted or not. */
  say(event: WatchEvent): void
  /** Ends in order, as a server does after `timeoutSeconds`. */
  end(): void
  /** Breaks like a connection that is reset. */
  break(error?: KubeError): void
  /** Half-open from now on: the cluster's changes no longer arrive, and nobody says so. */
  mute(): void
  events(): AsyncGenerator<WatchEvent>
}

/** An ERROR line of a watch. */
export const errorLine = (code: number, reason = 'Expired'): WatchEvent => ({
  type: 'ERROR',
  object: { apiVersion: 'v1', kind: 'Status', metadata: { name: '' }, code, reason, message: reason },
})

const calledOff = (signal: AbortSignal) => new KubeError('Unreachable', 'called off', { cause: signal.reason })

export const createWatchStream = (signal: AbortSignal): WatchStream => {
  const lines: (WatchEvent | 'end' | KubeError)[] = []
  let muted = false
  let wake = () => {}
  const push = (line: WatchEvent | 'end' | KubeError) => {
    lines.push(line)
    wake()
  }
  const next = async (): Promise<WatchEvent | 'end' | KubeError> => {
    while (!signal.aborted) {
      const line = lines.shift()
      if (line) return line
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    return calledOff(signal)
  }
  return {
    say: push,
    tell: event => {
      if (!muted) push(event)
    },
    end: () => push('end'),
    break: (error = new KubeError('Unreachable', 'connection reset')) => push(error),
    mute: () => {
      muted = true
    },
    async *events() {
      const stop = () => wake()
      signal.addEventListener('abort', stop, { once: true })
      try {
        for (let line = await next(); line !== 'end'; line = await next()) {
          if (line instanceof KubeError) throw line
          yield line
        }
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
  }
}
