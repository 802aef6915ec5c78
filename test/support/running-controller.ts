import type { Deliver } from '../../src/alerts/alert.ts'
import { createController } from '../../src/controller/controller.ts'
import type { GatherTools } from '../../src/controller/gather.ts'
import type { LookOptions } from '../../src/controller/look.ts'
import { type ControllerObserver, silentObserver } from '../../src/controller/observer.ts'
import type { Logger } from '../../src/io.ts'
import { createEventRecorder } from '../../src/kube/event-recorder.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { createOtherController } from '../../src/kube/other-controller.ts'
import { createSharedReflectors } from '../../src/kube/shared-reflectors.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface ControllerSetup {
  readonly clock: VirtualClock
  readonly log: Logger
  readonly tools: GatherTools & { readonly deliver: Deliver }
  readonly drainMs?: number
  readonly configTracking?: boolean
  /** Flags of the controller that the test is about. */
  readonly look?: Partial<LookOptions>
  /** The one namespace that is watched. */
  readonly namespace?: string
  readonly observer?: ControllerObserver
  /** Name of the Lease of another controller, for which it does nothing. */
  readonly yieldsTo?: string
}

/** Flags of a controller whose gateway says at once that it took a route. */
export const usualLook = {
  meshProvider: 'gatewayapi:v1',
  minIntervalMs: 10_000,
  noCrossNamespaceRefs: false,
  selectorLabels: ['app', 'name', 'app.kubernetes.io/name'],
  includeLabelPrefix: [],
  settleMs: 0,
} satisfies Partial<LookOptions>

/** One controller process: its caches, its event recorder and its loop. */
export interface RunningController {
  readonly controller: ReturnType<typeof createController>
  /** As SIGTERM does: the loop, the caches and the events end in good order. */
  stop(): Promise<void>
}

export const startController = (api: KubeApi, setup: ControllerSetup): RunningController => {
  const { clock, log, tools, drainMs = 5000, configTracking = true, look = {}, namespace, observer = silentObserver, yieldsTo } = setup
  const stop = new AbortController()
  const io = { clock, log, signal: stop.signal }
  const reflectors = createSharedReflectors({ api, random: () => 0.5 })
  const events = createEventRecorder({ api, component: 'serin', instance: 'test' })
  const other = yieldsTo === undefined ? undefined : createOtherController({ api, lease: yieldsTo, random: () => 0.5 })
  const controller = createController({
    api,
    clock,
    reflectors,
    events,
    tools: () => tools,
    receivers: { globalAlert: true, globalEvent: false },
    look: { ...usualLook, drainMs, ...look },
    configTracking,
    ...(namespace === undefined ? {} : { namespace }),
    ...(other ? { other } : {}),
    observer,
  })
  const runs = [reflectors.run(io), events.run(io), controller.run(io), other?.run(io)]
  return {
    controller,
    stop: async () => {
      stop.abort(new Error('stopped'))
      await Promise.all(runs)
    },
  }
}
