import { type KindRef, keyOf, type ObjectKey } from '../api/object.ts'
import type { Clock } from '../clock.ts'
import { formatDurationMs } from '../duration.ts'
import type { Io } from '../io.ts'
import type { Random } from './backoff.ts'
import { isKubeError, KubeError, labelText } from './errors.ts'
import type { KubeApi } from './kube-api.ts'

export interface CircuitBreakerOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly random?: Random
  /** Monotonic milliseconds of the last sign of life that somebody else had of the server; undefined before there was one. */
  readonly contactMs?: () => number | undefined
  /** The server answers again. */
  readonly onBack?: () => void
}

/**
 * One for all who call one server at their own pace. While nobody gets an answer one call is let through now and then, and the others are
 * refused before they leave: they would all wait for the same server, and meet it together when it is back.
 */
export interface CircuitBreaker {
  /** Calls may be rejected as `Unreachable` with nothing sent and with the time to stay away. Watches are not held up: they pace themselves. */
  readonly api: KubeApi
  /** Monotonic milliseconds at which a call last got no answer; undefined when none ever did. */
  lastLossMs(): number | undefined
}

/** So many calls in a row without an answer: one that hangs may be to blame itself. */
const lossesBeforeShut = 3
const firstPauseMs = 500
const longestPauseMs = 30_000

type Outcome = 'answered' | 'lost' | 'neither'

/** Every answer is a sign of life, also a refusal. What was called off, or never sent, says nothing. */
const outcomeOf = (error: unknown, { signal }: Io): Outcome => {
  if (!isKubeError(error, 'Unreachable', 'Fenced')) return isKubeError(error) ? 'answered' : 'neither'
  return error.code === 'Unreachable' && !signal.aborted ? 'lost' : 'neither'
}

interface Named {
  readonly verb: string
  readonly kind: KindRef
  readonly key?: ObjectKey
}

export const createCircuitBreaker = (options: CircuitBreakerOptions): CircuitBreaker => {
  const { api, clock, random = Math.random, contactMs = () => undefined, onBack = () => {} } = options
  let losses = 0
  let lostAtMs: number | undefined
  let shutUntilMs = 0
  let pauses = 0
  let isProbing = false

  const isShut = () => losses >= lossesBeforeShut

  /** Half of it is certain, half is left to chance, so that controllers which lost their server together do not come back together. */
  const pause = () => {
    shutUntilMs = clock.monotonicMs() + Math.min(longestPauseMs, firstPauseMs * 2 ** pauses) * (0.5 + random() / 2)
    pauses += 1
  }

  const back = () => {
    const wasShut = isShut()
    losses = 0
    pauses = 0
    if (wasShut) onBack()
  }

  const lost = (isProbe: boolean) => {
    losses += 1
    lostAtMs = clock.monotonicMs()
    if (isProbe || losses === lossesBeforeShut) pause() // those that were under way together count as one
  }

  const refuse = ({ verb, kind, key }: Named): never => {
    const retryAfterMs = Math.max(firstPauseMs, shutUntilMs - clock.monotonicMs())
    const label = { verb, resource: kind.plural, ...(key && { name: `${key.namespace}/${key.name}` }) }
    const when = formatDurationMs(Math.ceil(retryAfterMs / 100) * 100)
    const words = `${labelText(label)}: not sent, ${losses} calls in a row got no answer; the API server is asked again in ${when}`
    throw new KubeError('Unreachable', words, { sent: false, retryAfterMs })
  }

  /** Whether this call is the one that finds out. */
  const admit = (call: Named): boolean => {
    if (isShut() && lostAtMs !== undefined && (contactMs() ?? 0) > lostAtMs) back()
    if (!isShut()) return false
    if (isProbing || clock.monotonicMs() < shutUntilMs) refuse(call)
    return true
  }

  const conclude = (outcome: Outcome, isProbe: boolean) => {
    if (outcome === 'answered') back()
    if (outcome === 'lost') lost(isProbe)
  }

  const guarded = async <T>(named: Named, io: Io, call: () => Promise<T>): Promise<T> => {
    const isProbe = admit(named)
    isProbing ||= isProbe
    try {
      const answer = await call()
      conclude('answered', isProbe)
      return answer
    } catch (error) {
      conclude(outcomeOf(error, io), isProbe)
      throw error
    } finally {
      if (isProbe) isProbing = false
    }
  }

  return {
    lastLossMs: () => lostAtMs,
    api: {
      get: (kind, key, io) => guarded({ verb: 'get', kind, key }, io, () => api.get(kind, key, io)),
      list: (kind, wanted, io) => guarded({ verb: 'list', kind }, io, () => api.list(kind, wanted, io)),
      watch: (kind, wanted, io) => api.watch(kind, wanted, io),
      create: (kind, manifest, io) => guarded({ verb: 'create', kind, key: keyOf(manifest) }, io, () => api.create(kind, manifest, io)),
      apply: (kind, manifest, io) => guarded({ verb: 'apply', kind, key: keyOf(manifest) }, io, () => api.apply(kind, manifest, io)),
      // biome-ignore lint/complexity/useMaxParams: the signature is the port's
      patch: (kind, key, patch, io) => guarded({ verb: 'patch', kind, key }, io, () => api.patch(kind, key, patch, io)),
      updateStatus: (kind, object, io) =>
        guarded({ verb: 'update-status', kind, key: keyOf(object) }, io, () => api.updateStatus(kind, object, io)),
      // biome-ignore lint/complexity/useMaxParams: the signature is the port's
      delete: (kind, key, wanted, io) => guarded({ verb: 'delete', kind, key }, io, () => api.delete(kind, key, wanted, io)),
      serverNowMs: () => api.serverNowMs(),
    },
  }
}
