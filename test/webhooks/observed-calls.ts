import { readCanary } from '../../src/api/read-canary.ts'
import { observed, observedObject } from '../support/observed.ts'

/** One call that a controller of the field really made. */
export interface ObservedCall {
  readonly path: string
  readonly contentType: string
  readonly body: {
    readonly phase: string
    readonly checksum: string
    readonly metadata: Readonly<Record<string, string>>
  }
}

export const observedCalls = observed('webhook-calls') as unknown as readonly ObservedCall[]

const stages: Readonly<Record<string, string>> = {
  '6c7957df97': '1-initialized',
  '7d6b9c5fb6': '2-at-20',
  '795d669f79': '5-failed',
}

/** The Canary as it was when a call was made; before its status was first written there is none. */
export const canaryOf = ({ body: { checksum } }: ObservedCall) => {
  const object = observedObject(`${stages[checksum] ?? '1-initialized'}-canaries`, 'app')
  return readCanary(checksum in stages ? object : { ...object, status: {} }).canary
}

/** The name of the hook that was called: its path ends with it. */
export const hookName = ({ path }: ObservedCall): string => path.replace('/hook/', '')
