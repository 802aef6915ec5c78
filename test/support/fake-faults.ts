import type { ObjectKey } from '../../src/api/object.ts'
import { KubeError, type KubeErrorCode } from '../../src/kube/errors.ts'

export type FakeVerb = 'get' | 'list' | 'watch' | 'create' | 'apply' | 'patch' | 'updateStatus' | 'delete'

/** What a fault looks at. */
export interface Target {
  readonly verb: FakeVerb
  readonly kind: string
  readonly key: ObjectKey
}

/** Something that goes wrong with the next requests it fits. */
export interface Fault {
  readonly verb?: FakeVerb
  /** Kind, such as `Deployment`. */
  readonly kind?: string
  readonly name?: string
  /** `hang` answers nothing until the caller's signal aborts; a code answers with that error. */
  readonly with: KubeErrorCode | 'hang' | KubeError
  /** Lets so many fitting requests pass first. */
  readonly skip?: number
  /** How often; once when absent. */
  readonly times?: number
  /** The request is carried out and only its answer is lost. */
  readonly afterCommit?: boolean
}

const statusOf: Readonly<Partial<Record<KubeErrorCode, number>>> = {
  Conflict: 409,
  Gone: 410,
  NotFound: 404,
  Forbidden: 403,
  Invalid: 422,
  Unauthorized: 401,
  TooManyRequests: 429,
  ServerError: 500,
}

/** An error as the client would make it. */
export const kubeError = (code: KubeErrorCode, message = `fault: ${code}`, retryAfterMs?: number): KubeError => {
  const httpStatus = statusOf[code]
  return new KubeError(code, message, {
    ...(httpStatus !== undefined && { httpStatus }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

const fits = (fault: Fault, { verb, kind, key }: Target, afterCommit: boolean): boolean =>
  (fault.verb ?? verb) === verb &&
  (fault.kind ?? kind) === kind &&
  (fault.name ?? key.name) === key.name &&
  (fault.afterCommit ?? false) === afterCommit

const hanging = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(kubeError('Unreachable', 'called off'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })

/** Waiting faults; each is used up by the requests it fits. */
export const createFaults = () => {
  const waiting: { readonly fault: Fault; skip: number; times: number }[] = []

  const take = (target: Target, afterCommit: boolean): Fault | undefined => {
    const found = waiting.find(({ fault }) => fits(fault, target, afterCommit))
    if (!found || found.skip-- > 0) return undefined
    if (--found.times <= 0) waiting.splice(waiting.indexOf(found), 1)
    return found.fault
  }

  return {
    /** Answers with what ends it before its times are over. */
    add: (fault: Fault): (() => void) => {
      const added = { fault, skip: fault.skip ?? 0, times: fault.times ?? 1 }
      waiting.push(added)
      return () => {
        const at = waiting.indexOf(added)
        if (at >= 0) waiting.splice(at, 1)
      }
    },
    /** Does nothing, or rejects as the first fitting fault says. */
    strike: async (target: Target, afterCommit: boolean, signal: AbortSignal): Promise<void> => {
      const fault = take(target, afterCommit)
      if (fault === undefined) return
      if (fault.with === 'hang') await hanging(signal)
      else throw fault.with instanceof KubeError ? fault.with : kubeError(fault.with)
    },
  }
}
