import type { KubeObject, ObjectKey } from '../../../src/api/object.ts'
import type { Io } from '../../../src/io.ts'
import type { KubeApi } from '../../../src/kube/kube-api.ts'
import { createReflector } from '../../../src/kube/reflector.ts'
import { type CanaryView, canaryView } from '../../../src/sandbox/story/canary-view.ts'
import { canaries } from './kinds.ts'

/** Follows one Canary through the API, as anybody may, and remembers each state it was in. */
export interface RolloutLog {
  now(): CanaryView
  /** Every state with its weight and iterations, in the order in which they were recorded; one that stays the same is there once. */
  readonly steps: readonly string[]
  /** Hears each step as it is recorded, from now on. */
  onStep(handler: (canary: CanaryView) => void): void
  /** Resolves when the Canary looks like this; rejects after a time that even a slow machine keeps. */
  until(wanted: (canary: CanaryView) => boolean, what: string): Promise<CanaryView>
  /** Runs until `io.signal` aborts. */
  run(io: Io): Promise<void>
}

const patienceMs = 800_000

/** Nothing goes on until something new comes. */
export const isResting = ({ phase, state }: CanaryView): boolean =>
  phase === state && ['Initialized', 'Succeeded', 'Failed'].includes(phase)

const iterationsOf = (object: KubeObject): number => (object['status'] as { readonly iterations?: number } | undefined)?.iterations ?? 0

const stepOf = (object: KubeObject): string => {
  const { state, weight } = canaryView(object)
  return `${state} ${weight}% ${iterationsOf(object)}`
}

export const createRolloutLog = (api: KubeApi, key: ObjectKey, io: Io): RolloutLog => {
  const reflector = createReflector({ api, kind: canaries, namespace: key.namespace })
  const steps: string[] = []
  const handlers: ((canary: CanaryView) => void)[] = []
  const now = (): CanaryView => canaryView(reflector.store.get(key))
  reflector.onEvent(({ type, object }) => {
    const step = stepOf(object)
    if (type === 'deleted' || object.metadata.name !== key.name || steps.at(-1) === step) return
    steps.push(step)
    for (const handler of handlers) handler(canaryView(object))
  })
  const until: RolloutLog['until'] = (wanted, what) => {
    const { promise, resolve, reject } = Promise.withResolvers<CanaryView>()
    const look = () => {
      const canary = now()
      if (wanted(canary)) resolve(canary)
    }
    const giveUp = () => reject(new Error(`${key.namespace}: expected ${what} within ${patienceMs / 1000}s, went ${steps.join(', ')}`))
    const cancel = io.clock.schedule(patienceMs, giveUp)
    reflector.onEvent(look)
    look()
    return promise.finally(cancel)
  }
  return { now, steps, onStep: handler => void handlers.push(handler), until, run: runIo => reflector.run(runIo) }
}
