import type { KindRef, ObjectKey } from '../../src/api/object.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import type { FakeVerb } from './fake-faults.ts'
import { kubeError } from './fake-faults.ts'

/**
 * What becomes of one request: it fails before it is carried out; it is carried out and its answer is lost; or the process that sent it dies,
 * before or after the server has carried it out.
 */
export type Mishap = 'fails' | 'loses the answer' | 'dies before' | 'dies after'

/** One request of a controller that may go wrong: reads of one object, and writes. Events, lists and watches are not among them. */
export interface PluggedCall {
  /** Counted from 1. */
  readonly number: number
  readonly verb: FakeVerb
  readonly kind: string
  readonly name: string
}

/** The wire between one controller and the API server. */
export interface Plug {
  readonly api: KubeApi
  /** From now on nothing gets through any more, in either direction: the process is gone. */
  pull(): void
  readonly pulled: boolean
}

export type Decide = (call: PluggedCall) => Mishap | undefined

export const createPlug = (api: KubeApi, decide: (call: Omit<PluggedCall, 'number'>) => Mishap | undefined): Plug => {
  let pulled = false

  /** Nothing gets in or out of a process that is gone. */
  const checkAlive = () => {
    if (pulled) throw kubeError('Unreachable', 'the process is gone')
  }

  const send = async <T>(call: Omit<PluggedCall, 'number'>, carryOut: () => Promise<T>): Promise<T> => {
    checkAlive()
    const mishap = call.kind === 'Event' ? undefined : decide(call)
    if (mishap === 'fails') throw kubeError('ServerError')
    pulled ||= mishap === 'dies before'
    checkAlive()
    const answer = await carryOut()
    pulled ||= mishap === 'dies after'
    checkAlive()
    if (mishap === 'loses the answer') throw kubeError('Unreachable', 'connection reset')
    return answer
  }

  const call = (verb: FakeVerb, { kind }: KindRef, { name }: Pick<ObjectKey, 'name'>) => ({ verb, kind, name })
  return {
    get pulled() {
      return pulled
    },
    pull: () => {
      pulled = true
    },
    api: {
      serverNowMs: api.serverNowMs,
      watch: api.watch,
      list: async (kind, options, io) => {
        checkAlive()
        return api.list(kind, options, io)
      },
      get: (kind, key, io) => send(call('get', kind, key), () => api.get(kind, key, io)),
      create: (kind, manifest, io) => send(call('create', kind, manifest.metadata), () => api.create(kind, manifest, io)),
      apply: (kind, manifest, io) => send(call('apply', kind, manifest.metadata), () => api.apply(kind, manifest, io)),
      // biome-ignore lint/complexity/useMaxParams: the signature is the port's
      patch: (kind, key, patch, io) => send(call('patch', kind, key), () => api.patch(kind, key, patch, io)),
      updateStatus: (kind, object, io) => send(call('updateStatus', kind, object.metadata), () => api.updateStatus(kind, object, io)),
      // biome-ignore lint/complexity/useMaxParams: the signature is the port's
      delete: (kind, key, options, io) => send(call('delete', kind, key), () => api.delete(kind, key, options, io)),
    },
  }
}
