import type { Io } from '../../io.ts'
import { childSignal } from '../../kube/deadline.ts'
import type { Container } from '../objects/pod.ts'
import type { PodTarget } from './pod-target.ts'
import { runPreStop } from './pre-stop.ts'
import { checkOnce } from './probe-check.ts'
import { runProbes } from './probe-runner.ts'
import type { ProbeKind } from './probe-state.ts'
import type { ProgramExit } from './program.ts'

/** Whether a running container has started, and is ready now. */
export interface Health {
  readonly started: boolean
  readonly ready: boolean
}

/** One run of a container's program, probed while it lasts. */
export interface ContainerProcess {
  readonly exited: Promise<ProgramExit>
  /** Hook, then SIGTERM, then SIGKILL once `graceMs` have passed since now. Asked again, the hook is not run again. */
  end(graceMs: number): void
  /** Its processes; undefined where it has none of its own. */
  readonly processGroup: number | undefined
}

export interface ProcessOptions {
  readonly target: PodTarget
  /** Grace period of the pod, in milliseconds: what a condemned container gets. */
  readonly graceMs: number
  readonly onHealth: (health: Health) => void
  readonly tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void
  readonly io: Io
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const graceOf = (container: Container, kind: ProbeKind, podGraceMs: number): number => {
  const probe = kind === 'startup' ? container.startupProbe : container.livenessProbe
  return probe?.terminationGracePeriodSeconds === undefined ? podGraceMs : probe.terminationGracePeriodSeconds * 1000
}

/** Looks after a program that has just been started. */
export const superviseProcess = ({ target, graceMs, onHealth, tell, io }: ProcessOptions): ContainerProcess => {
  const { container, program } = target
  const probing = childSignal(io.signal)
  const hook = childSignal(io.signal)
  let ending = false

  const leave = async () => {
    const preStop = container.lifecycle?.preStop
    if (preStop && !hook.signal.aborted) await runPreStop(preStop, target, { ...io, signal: hook.signal })
    program.terminate()
  }

  const end = (withinMs: number, why = `Stopping container ${container.name}`) => {
    const cancel = io.clock.schedule(withinMs, () => {
      hook.abort(new Error('the grace period is over'))
      program.kill()
    })
    void program.exited.then(cancel)
    if (ending) return
    ending = true
    tell('Normal', 'Killing', why)
    if (withinMs <= 0) hook.abort(new Error('there is no grace period'))
    void leave()
  }

  const condemned = (kind: ProbeKind, message: string) => {
    io.log.warn({ container: container.name, probe: kind, message }, 'probe failed too often, restarting the container')
    probing.abort(new Error('condemned'))
    end(graceOf(container, kind, graceMs), `Container ${container.name} failed ${kind} probe, will be restarted`)
  }

  void runProbes({
    container,
    check: (probe, probeIo) => checkOnce(probe, target, probeIo),
    outcome: {
      health: onHealth,
      condemned,
      failed: (kind, message) => tell('Warning', 'Unhealthy', `${capital(kind)} probe failed: ${message}`),
    },
    io: { ...io, signal: probing.signal },
  })
  const stopProbing = () => {
    for (const signal of [probing, hook]) {
      signal.abort(new Error('the container has ended'))
      signal.clear()
    }
  }
  return { exited: program.exited.finally(stopProbing), end, processGroup: program.processGroup }
}
