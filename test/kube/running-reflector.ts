import { onTestFinished } from 'vitest'
import { keyOf, keyText } from '../../src/api/object.ts'
import type { StoreEvent } from '../../src/kube/kube-api.ts'
import { createReflector, type OwnedReflector, type ReflectorOptions } from '../../src/kube/reflector.ts'
import { type FakeKubeApi, fakeKubeApi } from '../support/fake-kube-api.ts'
import { type TestIo, testIo } from '../support/io.ts'
import { aDeployment, deployments } from '../support/kinds.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

export interface RunningReflector {
  readonly api: FakeKubeApi
  readonly clock: VirtualClock
  readonly io: TestIo<VirtualClock>
  readonly reflector: OwnedReflector
  /** What a handler heard, in order. */
  readonly events: readonly StoreEvent[]
  /** The same in words: `added test/podinfo`. */
  said(): readonly string[]
  /** How each turn ended, as the observer heard it. */
  readonly endings: readonly string[]
  stop(): Promise<void>
}

/** A reflector on a fake API that has synced and stands in its watch. Jitter always takes the longest wait. */
export const runningReflector = async (
  options: Partial<ReflectorOptions> = {},
  prepare: (api: FakeKubeApi) => void = () => {},
): Promise<RunningReflector> => {
  const clock = new VirtualClock()
  const api = fakeKubeApi({ clock, objects: [aDeployment()] })
  prepare(api)
  const events: StoreEvent[] = []
  const endings: string[] = []
  const observer = { listed() {}, ended: (_: unknown, code: string) => void endings.push(code) }
  const reflector = createReflector({ api, kind: deployments, random: () => 0.999, observer, ...options })
  reflector.onEvent(event => void events.push(event))
  const stopper = new AbortController()
  const io = testIo({ clock, signal: stopper.signal })
  const run = reflector.run(io)
  const stop = async () => {
    stopper.abort(new Error('stopped'))
    await run
  }
  onTestFinished(stop)
  await clock.advance(0)
  const said = () => events.map(({ type, object }) => `${type} ${keyText(keyOf(object))}`)
  return { api, clock, io, reflector, events, said, endings, stop }
}
