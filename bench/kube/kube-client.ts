import { deploymentKind } from '../../src/api/kinds.ts'
import { systemClock } from '../../src/clock.ts'
import { type Io, silentLogger } from '../../src/io.ts'
import { connect } from '../../src/kube/connect.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { createReflector, type OwnedReflector } from '../../src/kube/reflector.ts'
import { createWorkQueue } from '../../src/kube/work-queue.ts'
import { loopbackCert } from '../../test/support/loopback-tls.ts'
import { answer } from '../answers.ts'

/* The Kubernetes layer of Serin in a process of its own, which is what `bench -- kube` measures. */

export interface KubeClientQuestions {
  /** Connects to the server; nothing is asked yet. */
  connect(options: { readonly server: string; readonly metadataOnly: boolean }): void
  /** Starts the reflector; answers with the milliseconds until all is in the store. */
  sync(): Promise<number>
  /** Milliseconds until a full store is listed anew. */
  relist(): Promise<number>
  /** From now on changes are counted. */
  listen(options: { readonly events: number }): void
  /** Resolves when the reflector has heard of so many changes, with the milliseconds from the first to the last. */
  heard(): Promise<number>
  /** So many reads, some of them at once; answers with the milliseconds it took. */
  read(options: { readonly requests: number; readonly inFlight: number }): Promise<number>
  /** Keys that come due again and again, each after `everyMs`, for `forMs`; answers with how many milliseconds each firing was late. */
  tick(options: { readonly keys: number; readonly everyMs: number; readonly forMs: number }): Promise<readonly number[]>
  /** Keys that are all due at once; answers with the milliseconds until the last is done. */
  drain(options: { readonly keys: number }): Promise<number>
}

const clock = systemClock()
const io: Io = { clock, signal: new AbortController().signal, log: silentLogger }

interface Connected {
  readonly api: KubeApi
  readonly reflector: OwnedReflector
}

let connected: Connected | undefined
let changes = 0
let onChange = () => {}

const there = (): Connected => {
  if (!connected) throw new Error('connect first')
  return connected
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const sinceMs = clock.monotonicMs()
  await work()
  return clock.monotonicMs() - sinceMs
}

const sync = async (): Promise<number> => {
  const { reflector } = there()
  return timed(async () => {
    const listed = reflector.relist() // resolves with the first list as well
    void reflector.run(io)
    await listed
  })
}

let storm = Promise.withResolvers<number>()

const listen = (events: number): void => {
  let firstMs = 0
  const last = changes + events
  storm = Promise.withResolvers()
  onChange = () => {
    firstMs ||= clock.monotonicMs()
    if (changes === last) storm.resolve(clock.monotonicMs() - firstMs)
  }
}

const read = (requests: number, inFlight: number): Promise<number> => {
  const { api } = there()
  let left = requests
  const reader = async () => {
    while (left-- > 0) await api.get(deploymentKind, { namespace: 'team-0', name: 'app-0' }, io)
  }
  return timed(() => Promise.all(Array.from({ length: inFlight }, reader)))
}

const tick = async (keys: number, everyMs: number, forMs: number): Promise<readonly number[]> => {
  const late: number[] = []
  const dueMs = new Map<string, number>()
  const stop = new AbortController()
  const again = (key: string, afterMs: number) => {
    dueMs.set(key, clock.monotonicMs() + afterMs)
    return { afterMs }
  }
  const queue = createWorkQueue({
    clock,
    handle: async key => {
      late.push(clock.monotonicMs() - (dueMs.get(key) ?? 0))
      return again(key, everyMs)
    },
  })
  for (let index = 0; index < keys; index += 1) queue.addAfter(`key-${index}`, again(`key-${index}`, (index / keys) * everyMs).afterMs)
  clock.schedule(forMs, () => stop.abort())
  await queue.run({ ...io, signal: stop.signal })
  return late
}

const drain = (keys: number): Promise<number> => {
  const stop = new AbortController()
  let done = 0
  const queue = createWorkQueue({
    clock,
    handle: async () => {
      done += 1
      if (done === keys) stop.abort()
      return { afterMs: undefined }
    },
  })
  for (let index = 0; index < keys; index += 1) queue.add(`key-${index}`)
  return timed(() => queue.run({ ...io, signal: stop.signal }))
}

const questions: KubeClientQuestions = {
  connect: ({ server, metadataOnly }) => {
    const { api } = connect({ server, clock, tls: { ca: loopbackCert } })
    const reflector = createReflector({ api, kind: deploymentKind, metadataOnly })
    reflector.onEvent(() => {
      changes += 1
      onChange()
    })
    connected = { api, reflector }
  },
  sync,
  relist: () => timed(() => there().reflector.relist()),
  listen: ({ events }) => listen(events),
  heard: () => storm.promise,
  read: ({ requests, inFlight }) => read(requests, inFlight),
  tick: ({ keys, everyMs, forMs }) => tick(keys, everyMs, forMs),
  drain: ({ keys }) => drain(keys),
}

answer({ ...questions })
