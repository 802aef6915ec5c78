import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Ready } from './lifeline.ts'
import { ownNamespaces } from './namespace.ts'

export interface Inside {
  readonly planFile: string
  readonly signal: AbortSignal
  readonly onReady: (ready: Ready, pid: number) => Promise<void>
}

/** The process that `unshare` started, as it is numbered out here. */
const childOf = async (pid: number): Promise<number> => Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim())

const start = (planFile: string): ChildProcess => {
  const [file = '', ...args] = [
    ...ownNamespaces(userInfo().uid),
    process.execPath,
    join(import.meta.dirname, 'main.ts'),
    'inside',
    planFile,
  ]
  // A session of its own, so that Ctrl-C reaches us alone and everything ends in good order.
  return spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true })
}

/** Runs the plan in namespaces of its own; its exit code. Aborting the signal ends it in good order. */
export const enter = async ({ planFile, signal, onReady }: Inside): Promise<number> => {
  const child = start(planFile)
  const end = () => void (child.connected && child.disconnect())
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  child.on('message', async message => {
    if (child.pid !== undefined) await onReady(message as Ready, await childOf(child.pid))
  })
  const ended = Promise.withResolvers<number>()
  child.once('error', ended.reject).once('exit', code => ended.resolve(code ?? 1))
  try {
    return await ended.promise
  } finally {
    signal.removeEventListener('abort', end)
  }
}
