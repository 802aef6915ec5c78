import { sleep } from '../../../src/clock.ts'
import type { Io } from '../../../src/io.ts'
import type { Sample, Track } from '../../../src/sandbox/story/tally.ts'
import { runTraffic } from '../../../src/sandbox/story/traffic-client.ts'
import { eventually } from './waiting.ts'

/** What the users of one shop saw. */
export interface Users {
  /** Requests that ended. */
  count(): number
  /** Those that failed, of the ones that were sent from `sinceMs` on. */
  failed(sinceMs?: number): readonly Sample[]
  /** How long the requests took that ended between the two times, in milliseconds. */
  latencies(fromMs: number, toMs: number): readonly number[]
  /** Versions that answered those. */
  versions(sinceMs?: number): ReadonlySet<string>
  /** Resolves when enough of them have come and gone from `sinceMs` on to say what users get, however slow the machine is. */
  enough(sinceMs: number): Promise<void>
  /** Versions that this track's pods answered with. */
  versionsOf(track: Track): ReadonlySet<string>
  /** Resolves when the last request has ended. */
  leave(): Promise<void>
}

export interface UsersOptions {
  readonly url: string
  readonly host: string
  readonly perSecond: number
}

const enoughUsers = 20
const afterwardsMs = 2000

/** Sends requests through the gateway, so many each second whether or not earlier ones have ended, until they leave. */
export const sendUsers = (options: UsersOptions, io: Io): Users => {
  const samples: Sample[] = []
  const leaving = new AbortController()
  const signal = AbortSignal.any([io.signal, leaving.signal])
  const running = runTraffic({ ...options, onSample: sample => samples.push(sample) }, { ...io, signal })
  const since = (ms: number) => samples.filter(({ atMs, latencyMs }) => atMs - latencyMs >= ms)
  return {
    count: () => samples.length,
    failed: (sinceMs = 0) => since(sinceMs).filter(({ failure }) => failure !== undefined),
    latencies: (fromMs, toMs) => samples.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ latencyMs }) => latencyMs),
    versions: (sinceMs = 0) => new Set(since(sinceMs).flatMap(({ version }) => (version ? [version] : []))),
    enough: async sinceMs => {
      await sleep(io.clock, afterwardsMs, signal)
      if (options.perSecond === 0) return
      await eventually({ what: 'users to come', look: async () => since(sinceMs).length >= enoughUsers || undefined }, io)
    },
    versionsOf: track => new Set(samples.filter(sample => sample.track === track).map(({ version }) => version)),
    leave: () => {
      leaving.abort(new Error('the shop closes'))
      return running
    },
  }
}
