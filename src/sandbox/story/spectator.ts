import type { KindRef } from '../../api/object.ts'
import type { Io } from '../../io.ts'
import type { KubeApi, Reflector } from '../../kube/kube-api.ts'
import { createReflector } from '../../kube/reflector.ts'
import { type CanaryView, canaryKind, canaryView, routedToCanary, routeKind } from './canary-view.ts'

const eventKind: KindRef = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true }
const key = { namespace: 'demo', name: 'shop' }

/** Follows the Canary, its route and its Events through the API, as anybody may. */
export interface Spectator {
  canary(): CanaryView
  routedPercent(): number | undefined
  /** Resolves when the Canary looks like this; rejects after so long, or when `io.signal` aborts. */
  until(wanted: (canary: CanaryView) => boolean, what: string, limitMs: number): Promise<CanaryView>
  run(): Promise<void>
}

export interface SpectatorOptions {
  readonly api: KubeApi
  readonly onEvent: (line: string, warning: boolean) => void
  readonly io: Io
}

export const createSpectator = ({ api, onEvent, io }: SpectatorOptions): Spectator => {
  const canaries = createReflector({ api, kind: canaryKind, namespace: key.namespace })
  const routes = createReflector({ api, kind: routeKind, namespace: key.namespace })
  const events = createReflector({ api, kind: eventKind, namespace: key.namespace, fieldSelector: 'involvedObject.kind=Canary' })
  events.onEvent(({ type, object }) => {
    if (type !== 'deleted') onEvent(withoutAdvice(String(object['message'] ?? '')), object['type'] === 'Warning')
  })
  const canary = (): CanaryView => canaryView(canaries.store.get(key))
  return {
    canary,
    routedPercent: () => routedToCanary(routes.store.get(key), 'shop-canary'),
    until: (wanted, what, limitMs) => waitFor({ reflector: canaries, seen: canary, wanted, what, limitMs }, io),
    run: async () => {
      await Promise.all([canaries, routes, events].map(reflector => reflector.run(io)))
    },
  }
}

/** What happened, in one line; what to do about it is for whoever asks `kubectl describe`. */
const withoutAdvice = (message: string): string => message.split('. What to do: ', 1)[0] ?? ''

interface Wait {
  readonly reflector: Reflector
  readonly seen: () => CanaryView
  readonly wanted: (canary: CanaryView) => boolean
  readonly what: string
  readonly limitMs: number
}

const waitFor = ({ reflector, seen, wanted, what, limitMs }: Wait, io: Io): Promise<CanaryView> => {
  const { promise, resolve, reject } = Promise.withResolvers<CanaryView>()
  const look = () => {
    const canary = seen()
    if (wanted(canary)) resolve(canary)
  }
  const cancel = io.clock.schedule(limitMs, () =>
    reject(new Error(`expected ${what} within ${limitMs / 1000}s, the Canary is ${JSON.stringify(seen())}`)),
  )
  if (io.signal.aborted) reject(new Error('stopped'))
  io.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true })
  reflector.onEvent(look)
  look()
  return promise.finally(cancel)
}
