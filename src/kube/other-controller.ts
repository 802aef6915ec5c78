import { type KubeObject, keyOf, keyText } from '../api/object.ts'
import { type Cancel, sleep } from '../clock.ts'
import type { Io } from '../io.ts'
import type { Random } from './backoff.ts'
import type { KubeApi } from './kube-api.ts'
import { leaseKind, leaseRecordOf } from './lease.ts'
import { createReflector } from './reflector.ts'

export interface OtherControllerOptions {
  readonly api: KubeApi
  /** Name of the Lease by which replicas of the other controller agree on who works. */
  readonly lease: string
  /** Where the Lease may be; anywhere when absent. */
  readonly namespace?: string
  readonly random?: Random
}

/** Another controller of the same resources, as far as its Lease tells. One that runs without leader election writes none, and is not seen. */
export interface OtherController {
  /** Who works, and where its Lease is: `name_uuid (Lease kube-system/name)`. Undefined while nobody does. */
  holder(): string | undefined
  /** Resolves when the first look is over, whatever came of it, or when `io.signal` aborts. */
  whenKnown(io: Io): Promise<void>
  /** Hears of each beginning and end. */
  onChange(handler: () => void): void
  /** Watches until `io.signal` aborts. Never rejects. */
  run(io: Io): Promise<void>
}

/** For records that do not say how long they hold. */
const usualDurationMs = 60_000
const pollMs = 50
/** Nobody waits longer than this for an API server that says nothing about Leases. */
const patienceMs = 10_000

interface Sighting {
  readonly holder: string
  /** By the API server's clock. */
  readonly untilMs: number
}

const renewedAtMs = (lease: KubeObject): number => {
  const { renewTime } = (lease['spec'] ?? {}) as { readonly renewTime?: string | null }
  const ms = Date.parse(renewTime ?? '')
  return Number.isFinite(ms) ? ms : 0
}

/**
 * A Lease that is found holds for its duration after the renewal that it names, by the API server's clock. One that is renewed under our eyes
 * holds from that moment on, whatever clock its holder has; and none holds longer than that because its holder's clock is ahead.
 */
const sightingOf = (lease: KubeObject, nowMs: number, isNews: boolean): Sighting => {
  const { holder, durationMs = usualDurationMs } = leaseRecordOf(lease)
  const aliveMs = isNews ? nowMs : Math.min(nowMs, renewedAtMs(lease))
  return { holder, untilMs: holder === '' ? 0 : aliveMs + durationMs }
}

export const createOtherController = ({ api, lease, namespace, random }: OtherControllerOptions): OtherController => {
  const sightings = new Map<string, Sighting>()
  const handlers: (() => void)[] = []
  let isKnown = false
  let before: string | undefined
  let expiry: Cancel = () => {}

  const reflector = createReflector({
    api,
    kind: leaseKind,
    fieldSelector: `metadata.name=${lease}`,
    projection: object => (object.metadata.name === lease ? object : undefined),
    ...(namespace ? { namespace } : {}),
    ...(random ? { random } : {}),
    observer: {
      listed: () => {
        isKnown = true
      },
      ended: (_, code) => {
        isKnown ||= code === 'Forbidden' || code === 'NotFound' // nothing will be known; it is logged, and nobody is held up
      },
    },
  })

  const current = (): readonly [key: string, sighting: Sighting] | undefined =>
    [...sightings].find(([, { untilMs }]) => untilMs > api.serverNowMs())

  const holder = (): string | undefined => {
    const found = current()
    return found && `${found[1].holder} (Lease ${found[0]})`
  }

  const tell = (now: string | undefined, { log }: Io): void => {
    if (now === undefined) log.info({ holder: before }, 'the other controller is gone, going on')
    else log.warn({ holder: now }, 'another controller is at work, doing nothing')
    before = now
    for (const handler of handlers) handler()
  }

  /** Tells of beginnings and ends, and comes back when the Lease runs out. */
  const judge = (io: Io): void => {
    expiry()
    const now = holder()
    if ((now === undefined) !== (before === undefined)) tell(now, io)
    const untilMs = current()?.[1].untilMs
    if (untilMs === undefined || io.signal.aborted) return
    expiry = io.clock.schedule(Math.max(1, untilMs - api.serverNowMs()), () => judge(io))
  }

  return {
    holder,
    whenKnown: async io => {
      const endMs = io.clock.monotonicMs() + patienceMs
      while (!isKnown && !io.signal.aborted && io.clock.monotonicMs() < endMs) await sleep(io.clock, pollMs, io.signal)
    },
    onChange: handler => {
      handlers.push(handler)
    },
    run: async io => {
      reflector.onEvent(event => {
        const key = keyText(keyOf(event.object))
        if (event.type === 'deleted') sightings.delete(key)
        else sightings.set(key, sightingOf(event.object, api.serverNowMs(), event.type === 'updated'))
        judge(io)
      })
      await reflector.run(io)
      expiry()
    },
  }
}
