import { userInfo } from 'node:os'
import { type Finding, found, type Machine } from './choose-provider.ts'
import { hasK3sPackage } from './foreign-cluster.ts'
import { ownNamespaces } from './namespace.ts'
import { runCommand } from './run-command.ts'

const firstLine = (error: unknown): string => {
  const [, reason = ''] = String(error).split('\n')
  return reason.trim()
}

/** Whether a command answers in time. */
const answers = async (missing: string, command: readonly string[]): Promise<Finding> => {
  try {
    await runCommand(command, { signal: AbortSignal.timeout(10_000) })
    return found
  } catch (error) {
    const absent = ((error as Error).cause as NodeJS.ErrnoException).code === 'ENOENT'
    return { found: false, because: absent ? missing : firstLine(error) || missing }
  }
}

const k3s = async (): Promise<Finding> => {
  const docker = await answers('skipped: no Docker', ['docker', 'info', '--format', '{{.ServerVersion}}'])
  if (!docker.found) return docker
  return hasK3sPackage() ? found : { found: false, because: 'skipped: no testcontainers; npm install --no-save @testcontainers/k3s@12.1.0' }
}

/** Looks what this machine could make a cluster of. */
export const lookAround = async (env: NodeJS.ProcessEnv): Promise<Machine> => {
  const [docker, go, ownNetwork] = await Promise.all([
    k3s(),
    answers('no Go on PATH', ['go', 'version']),
    answers('no unshare and ip on PATH, which only Linux has', [...ownNamespaces(userInfo().uid), 'ip', 'link', 'set', 'lo', 'up']),
  ])
  const kubeconfig = env['SERIN_TEST_KUBECONFIG']
  const assets = env['KUBEBUILDER_ASSETS']
  return { docker, go, ownNetwork, ...(kubeconfig ? { kubeconfig } : {}), ...(assets ? { assets } : {}) }
}
