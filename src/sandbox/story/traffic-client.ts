import { Agent, request } from 'undici'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import type { Sample, Track } from './tally.ts'

export interface TrafficOptions {
  readonly url: string
  readonly host: string
  /** Requests that begin each second, whether or not earlier ones have ended: like users, it does not wait for a slow answer. */
  readonly perSecond: number
  readonly onSample: (sample: Sample) => void
}

/** As long as people may wait on a machine that has much else to do: what takes longer is lost. */
const timeoutMs = 15_000
/** Requests are sent a few at a time, so that a busy machine keeps the pace. */
const tickMs = 20

/** Sends requests through the gateway until `io.signal` aborts; resolves when the last one has ended. */
export const runTraffic = async ({ url, host, perSecond, onSample }: TrafficOptions, io: Io): Promise<void> => {
  const agent = new Agent({ connections: 64, keepAliveTimeout: 10_000 })
  const inFlight = new Set<Promise<void>>()
  const startMs = io.clock.monotonicMs()
  let sent = 0

  const one = async (): Promise<void> => {
    const atMs = io.clock.monotonicMs()
    const seen = await send({ url, host, agent })
    onSample({ ...seen, atMs: io.clock.nowMs(), latencyMs: io.clock.monotonicMs() - atMs })
  }
  const launch = (): void => {
    const due = Math.floor(((io.clock.monotonicMs() - startMs) / 1000) * perSecond)
    for (; sent < due; sent += 1) {
      const run: Promise<void> = one().finally(() => inFlight.delete(run))
      inFlight.add(run)
    }
  }
  await new Promise<void>(resolve => {
    const tick = (): void => {
      if (io.signal.aborted) {
        resolve()
        return
      }
      launch()
      io.clock.schedule(tickMs, tick)
    }
    tick()
  })
  await Promise.all(inFlight)
  await agent.destroy()
}

interface Sending {
  readonly url: string
  readonly host: string
  readonly agent: Agent
}

const send = async ({ url, host, agent }: Sending): Promise<Pick<Sample, 'track' | 'version' | 'failure'>> => {
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      headers: { host },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    })
    await body.dump()
    const pod = headers['x-pod']
    const failure = statusCode < 500 ? undefined : `${statusCode} from ${pod === undefined ? 'the gateway' : 'a pod'}`
    return { track: trackOf(pod), version: String(headers['x-version'] ?? ''), failure }
  } catch (error) {
    return { track: undefined, version: '', failure: codeOf(error) } // refused, cut off or too late: to a user these are all one
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : messageOf(error))

const trackOf = (pod: string | string[] | undefined): Track | undefined => {
  if (typeof pod !== 'string') return undefined
  return /^.+-primary-[a-z0-9]+-[a-z0-9]+$/.test(pod) ? 'primary' : 'canary'
}
