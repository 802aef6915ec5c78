import { sleep } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import { childSignal } from '../../kube/deadline.ts'
import type { EventFacts } from '../../kube/event-object.ts'
import type { Container, Pod } from '../objects/pod.ts'
import type { PodAddress } from './addresses.ts'
import { afterRestart, afterRun, type BackOff, noBackOff } from './back-off.ts'
import { ConfigMissing } from './config-sources.ts'
import { type ContainerProcess, superviseProcess } from './container-process.ts'
import { type ContainerRecord, newContainer, toRunning, toTerminated, toWaiting } from './container-state.ts'
import type { Images, Program, ProgramContext, ProgramExit } from './program.ts'

/** When a container that ended is started again. */
export type RestartPolicy = Pod['spec']['restartPolicy']

/** What its pod gives to a container. */
export interface ContainerHost {
  /** `name_namespace(uid)`, as messages call the pod. */
  readonly podText: string
  readonly address: PodAddress
  readonly images: Images
  readonly graceMs: number
  /** Everything its program gets. @throws {ConfigMissing} its environment refers to something that is not there */
  contextOf(container: Container): Promise<ProgramContext>
  /** A record is another one now. */
  changed(): void
  /** Something that people should hear about the pod. */
  tell(facts: EventFacts): void
}

export interface ContainerRunner {
  record(): ContainerRecord
  /** The processes of the run that is going on, where it has any of its own. */
  processGroup(): number | undefined
  /** Hook, SIGTERM, and SIGKILL when the grace period is over; it will not be started again. Called again, the shorter period counts. */
  terminate(graceMs: number): void
  /** Resolves when it has ended and will not be started again. */
  readonly ended: Promise<void>
}

export interface ContainerRunnerOptions {
  readonly container: Container
  readonly host: ContainerHost
  readonly restartPolicy: RestartPolicy
  readonly io: Io
}

/** How long a failed pull shows its own reason before the back-off does. */
const pullErrorMs = 1000
/** How soon a start that failed, for want of a ConfigMap for instance, is tried again. */
const startRetryMs = 5000

const runsAgain = (policy: RestartPolicy, { exitCode }: ProgramExit): boolean =>
  policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)

type Attempt =
  | { readonly kind: 'exited'; readonly exit: ProgramExit; readonly ranMs: number }
  | { readonly kind: 'unknownImage' }
  | { readonly kind: 'notStarted'; readonly error: unknown }
  | { readonly kind: 'calledOff' }

/** Starts a container and keeps it running as its pod's restart policy says. */
export const runContainer = ({ container, host, restartPolicy, io }: ContainerRunnerOptions): ContainerRunner => {
  const leaving = childSignal(io.signal)
  let record = newContainer(container.name, container.image)
  let process: ContainerProcess | undefined

  const become = (next: ContainerRecord) => {
    record = next
    host.changed()
  }
  const tell = (type: EventFacts['type'], reason: string, message: string) => host.tell({ type, reason, message })
  const wait = (reason: string, message: string, ms: number) => {
    if (leaving.signal.aborted) return Promise.resolve()
    become(toWaiting(record, reason, message))
    return sleep(io.clock, ms, leaving.signal)
  }

  const runToEnd = async (program: Program, context: ProgramContext): Promise<Attempt> => {
    const startedMs = io.clock.monotonicMs()
    const running = program.start(context)
    become(toRunning(record, io.clock.nowMs()))
    tell('Normal', 'Started', `Started container ${container.name}`)
    process = superviseProcess({
      target: { container, address: host.address, program: running },
      graceMs: host.graceMs,
      onHealth: health => become({ ...record, ...health }),
      tell,
      io,
    })
    const exit = await process.exited
    process = undefined
    become(toTerminated(record, exit, io.clock.nowMs()))
    return { kind: 'exited', exit, ranMs: io.clock.monotonicMs() - startedMs }
  }

  const attempt = async (): Promise<Attempt> => {
    const program = host.images(container.image)
    if (!program) return { kind: 'unknownImage' }
    try {
      const context = await host.contextOf(container)
      return leaving.signal.aborted ? { kind: 'calledOff' } : await runToEnd(program, context)
    } catch (error) {
      return { kind: 'notStarted', error }
    }
  }

  const waitForRestart = async (backOff: BackOff, ranMs: number): Promise<BackOff> => {
    const { delayMs } = afterRun(backOff, ranMs)
    const message = `back-off ${delayMs / 1000}s restarting failed container=${container.name} pod=${host.podText}`
    if (delayMs > 0) {
      tell('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${host.podText}`)
      await wait('CrashLoopBackOff', message, delayMs)
    }
    return afterRestart({ delayMs })
  }

  const waitForImage = async (backOff: BackOff): Promise<BackOff> => {
    const image = JSON.stringify(container.image)
    const next = afterRestart(backOff)
    const message = `failed to pull image ${image}: this node knows no program of that name`
    tell('Warning', 'Failed', message)
    await wait('ErrImagePull', message, pullErrorMs)
    await wait('ImagePullBackOff', `Back-off pulling image ${image}`, next.delayMs)
    return next
  }

  const afterFailedStart = async (error: unknown, backOff: BackOff): Promise<BackOff> => {
    tell('Warning', 'Failed', `Error: ${messageOf(error)}`)
    await wait(error instanceof ConfigMissing ? 'CreateContainerConfigError' : 'RunContainerError', messageOf(error), startRetryMs)
    return backOff
  }

  /** The back-off with which to try again, once it is time to; undefined when that was the last run. */
  const beforeNext = async (done: Attempt, backOff: BackOff): Promise<BackOff | undefined> => {
    switch (done.kind) {
      case 'exited':
        return runsAgain(restartPolicy, done.exit) ? waitForRestart(backOff, done.ranMs) : undefined
      case 'unknownImage':
        return waitForImage(backOff)
      case 'notStarted':
        return afterFailedStart(done.error, backOff)
      case 'calledOff':
        return undefined
      default:
        return done satisfies never
    }
  }

  const keepRunning = async () => {
    let backOff: BackOff | undefined = noBackOff
    while (backOff && !leaving.signal.aborted) backOff = await beforeNext(await attempt(), backOff)
    leaving.clear()
  }

  return {
    record: () => record,
    processGroup: () => process?.processGroup,
    terminate: graceMs => {
      leaving.abort(new Error('the pod is leaving'))
      process?.end(graceMs)
    },
    ended: keepRunning(),
  }
}
