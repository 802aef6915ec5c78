import { sleep } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import type { LifecycleHandler } from '../objects/pod.ts'
import type { PodTarget } from './pod-target.ts'
import { checkExec, checkHttp } from './probe-check.ts'

/** The command that people put into hooks to let traffic drain; it needs no container to be understood. */
const sleepCommand = /^(?:(?:\/bin\/)?(?:sh|bash)\s+-c\s+)?(?:\/bin\/)?sleep\s+(\d+(?:\.\d+)?)s?\s*$/

const sleepSeconds = ({ sleep: wanted, exec }: LifecycleHandler): number | undefined => {
  if (wanted) return wanted.seconds
  const [, seconds] = sleepCommand.exec((exec?.command ?? []).join(' ')) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}

/** Runs the hook before a container gets SIGTERM. A hook that fails is logged and holds nothing up; the signal of `io` ends it. */
export const runPreStop = async (handler: LifecycleHandler, target: PodTarget, io: Io): Promise<void> => {
  const seconds = sleepSeconds(handler)
  if (seconds !== undefined) return sleep(io.clock, seconds * 1000, io.signal)
  try {
    const { ok, message } = handler.httpGet
      ? await checkHttp(handler.httpGet, target, io.signal)
      : await checkExec(handler.exec?.command ?? [], target, io.signal)
    if (!ok) io.log.warn({ container: target.container.name, message }, 'preStop hook failed')
  } catch (error) {
    io.log.warn({ container: target.container.name, message: messageOf(error) }, 'preStop hook failed')
  }
}
