import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ManagedProcess, manageProcess } from './managed-process.ts'

export interface NodeAgentOptions {
  readonly sessionFile: string
  readonly logFile: string
  readonly env: NodeJS.ProcessEnv
}

/** The one line among its logs that is no JSON. */
const saysReady = (log: string): boolean => log.split('\n').includes('ready')

/** A node for the cluster, in a process of its own: what its containers cost shows in no test's figures. */
export const nodeAgent = ({ sessionFile, logFile, env }: NodeAgentOptions): ManagedProcess =>
  manageProcess({
    name: 'node-agent',
    command: [process.execPath, join(import.meta.dirname, 'node-agent.ts'), sessionFile],
    env,
    logFile,
    isReady: async () => saysReady(await readFile(logFile, 'utf8')),
  })
