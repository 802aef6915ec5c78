import type { InProcessProgram } from '../node/in-process.ts'
import type { ProgramContext } from '../node/program.ts'
import { startDemoApp } from './demo-app.ts'
import { flagsOfEnvironment, readDemoOptions } from './demo-options.ts'

/** Longer than any pod's grace period here: the node agent kills what does not end in time. */
const patientMs = 3_600_000

const defaultPort = 9898

/** What the pod's address, ports, environment and arguments mean to the demo application; arguments win. */
export const demoFlags = ({ podIp, podName, ports, env, args }: ProgramContext): readonly string[] => {
  const listening = ports.length === 0 ? [defaultPort] : ports.map(({ port }) => port)
  return [`--host=${podIp}`, `--pod=${podName}`, ...listening.map(port => `--port=${port}`), ...flagsOfEnvironment(env), ...args]
}

/** The demo application as a container inside this process. */
export const demoInProcess: InProcessProgram = async (context, { stop, kill }) => {
  const app = await startDemoApp(readDemoOptions(demoFlags(context)), { clock: context.clock })
  await aborted(stop)
  const leaving = app.stop(patientMs)
  if (kill.aborted) void app.stop(0)
  kill.addEventListener('abort', () => void app.stop(0), { once: true })
  await leaving
  return 0
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
