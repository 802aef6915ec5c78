import { timestamp } from '../objects/view.ts'

export interface Termination {
  readonly exitCode: number
  readonly reason: string
  readonly message: string
  readonly startedAtMs: number
  readonly finishedAtMs: number
}

/** What a container is doing. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running'; readonly startedAtMs: number }
  | ({ readonly kind: 'terminated' } & Termination)

/** All that the node knows about one container of a pod. */
export interface ContainerRecord {
  readonly name: string
  readonly image: string
  readonly state: ContainerState
  readonly last: Termination | undefined
  readonly restartCount: number
  /** Startup probe passed, or there is none and it runs. */
  readonly started: boolean
  /** Readiness probe passes, or there is none and it runs. */
  readonly ready: boolean
}

const waiting = (reason: string, message = ''): ContainerState => ({ kind: 'waiting', reason, message })

export const newContainer = (name: string, image: string): ContainerRecord => ({
  name,
  image,
  state: waiting('ContainerCreating'),
  last: undefined,
  restartCount: 0,
  started: false,
  ready: false,
})

const terminationOf = ({ state, last }: ContainerRecord): Termination | undefined => (state.kind === 'terminated' ? state : last)

export const toWaiting = (record: ContainerRecord, reason: string, message: string): ContainerRecord => ({
  ...record,
  state: waiting(reason, message),
  last: terminationOf(record),
  started: false,
  ready: false,
})

/** Its program runs: for the first time, or again. */
export const toRunning = (record: ContainerRecord, nowMs: number): ContainerRecord => {
  const last = terminationOf(record)
  return { ...record, state: { kind: 'running', startedAtMs: nowMs }, last, restartCount: record.restartCount + (last ? 1 : 0) }
}

export const toTerminated = (record: ContainerRecord, exit: { exitCode: number; message?: string }, nowMs: number): ContainerRecord => ({
  ...record,
  state: {
    kind: 'terminated',
    exitCode: exit.exitCode,
    reason: exit.exitCode === 0 ? 'Completed' : 'Error',
    message: exit.message ?? '',
    startedAtMs: record.state.kind === 'running' ? record.state.startedAtMs : nowMs,
    finishedAtMs: nowMs,
  },
  started: false,
  ready: false,
})

const optionalMessage = (message: string) => (message === '' ? {} : { message })

const terminatedText = ({ exitCode, reason, message, startedAtMs, finishedAtMs }: Termination) => ({
  exitCode,
  reason,
  ...optionalMessage(message),
  startedAt: timestamp(startedAtMs),
  finishedAt: timestamp(finishedAtMs),
})

const stateText = (state: ContainerState) => {
  switch (state.kind) {
    case 'waiting':
      return { waiting: { reason: state.reason, ...optionalMessage(state.message) } }
    case 'running':
      return { running: { startedAt: timestamp(state.startedAtMs) } }
    case 'terminated':
      return { terminated: terminatedText(state) }
    default:
      return state satisfies never
  }
}

/** An entry of `status.containerStatuses`. */
export const containerStatus = ({ name, image, state, last, restartCount, started, ready }: ContainerRecord) => ({
  name,
  image,
  imageID: '',
  state: stateText(state),
  lastState: last ? { terminated: terminatedText(last) } : {},
  restartCount,
  started,
  ready,
})
