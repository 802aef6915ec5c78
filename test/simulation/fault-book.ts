import type { Clock } from '../../src/clock.ts'

/** Where something can go wrong: at a request, at its list, at an event of a watch, at a question to a store, a call of a hook, a message to chat. */
export const faultPoints = {
  'crash before a write': 'write',
  'crash after a write': 'write',
  conflict: 'write',
  'refused by an admission webhook': 'write',
  forbidden: 'write',
  'request late': 'write',
  'answer lost': 'request',
  'request lost': 'request',
  'server error': 'request',
  unavailable: 'request',
  'too many requests': 'request',
  'too many requests, with a wait': 'request',
  'no answer, nothing done': 'request',
  'no answer, but done': 'request',
  unauthorized: 'request',
  'stale list': 'list',
  'watch events dropped': 'event',
  'watch event twice': 'event',
  'watch events swapped': 'event',
  'watch events coalesced': 'event',
  'watch event late': 'event',
  'watch ended': 'event',
  'watch broken': 'event',
  'watch too old': 'event',
  'watch half-open': 'event',
  'store down': 'question',
  'store hangs': 'question',
  'store slow': 'question',
  'store says NaN': 'question',
  'store says infinity': 'question',
  'store says two series': 'question',
  'store says nothing': 'question',
  'hook hangs': 'hook',
  'hook fails': 'hook',
  'hook answers late': 'hook',
  'chat down': 'message',
} as const
export type FaultName = keyof typeof faultPoints
type FaultPoint = (typeof faultPoints)[FaultName]

export const faultNames = Object.keys(faultPoints) as readonly FaultName[]

/** What is about to happen, and could go wrong. */
export interface Occasion {
  readonly process: string
  /** Kind of the object, where there is one. */
  readonly kind?: string
}

/** Something that goes wrong for a while. */
export interface Fault extends Partial<Occasion> {
  readonly fault: FaultName
  /** How often, at most. */
  readonly times: number
  readonly untilMs: number
  /** Lets so many occasions pass first. */
  readonly skip: number
}

/** What goes wrong just now. */
export interface FaultBook {
  add(fault: Fault): void
  /** The fault that strikes at this point, if any; it is used up by that. */
  strike(points: readonly FaultPoint[], occasion: Occasion): FaultName | undefined
  /** Nothing goes wrong any more. */
  clear(): void
}

const fits = (fault: Fault, { process, kind }: Occasion): boolean =>
  (fault.process ?? process) === process && (fault.kind === undefined || fault.kind === kind)

/** @param onStrike hears of every fault that did strike */
export const createFaultBook = (clock: Clock, onStrike: (fault: FaultName, occasion: Occasion) => void): FaultBook => {
  let waiting: { readonly fault: Fault; skip: number; left: number }[] = []

  return {
    add: fault => void waiting.push({ fault, skip: fault.skip, left: fault.times }),
    strike: (points, occasion) => {
      const nowMs = clock.monotonicMs()
      waiting = waiting.filter(one => one.left > 0 && one.fault.untilMs > nowMs)
      const found = waiting.find(one => points.includes(faultPoints[one.fault.fault]) && fits(one.fault, occasion))
      if (!found || found.skip-- > 0) return undefined
      found.left -= 1
      onStrike(found.fault.fault, occasion)
      return found.fault.fault
    },
    clear: () => {
      waiting = []
    },
  }
}
