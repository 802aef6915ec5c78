import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'

/** The machine's own address in the pod network; the API server listens here, because pods may not be told a loopback address. */
export const hostAddress = '10.244.0.1'
export const serviceRange = '10.96.0.0/16'
/** Where every process in the namespace asks for names; the API server leaves the low addresses of the range to those who ask for one. */
export const dnsAddress = '10.96.0.10'

/**
 * Command that runs another one with a network, mounts and process numbers of its own. The kernel takes the namespaces away with their last process,
 * and every process in them with the first one: however a run ends, nothing of it is left.
 */
export const ownNamespaces = (uid: number): readonly string[] => [
  'unshare',
  ...(uid === 0 ? [] : ['--user', '--map-root-user']),
  ...['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'],
]

/** Command that enters the namespaces of a process, as seen from outside. */
export const enterNamespaces = (uid: number, pid: number): readonly string[] => [
  ...['nsenter', '--target', String(pid)],
  ...(uid === 0 ? [] : ['--user', '--preserve-credentials']),
  ...['--net', '--mount', '--pid', '--wd'],
]

/** Makes every pod and Service address one of this machine, and sends questions about names to the cluster. To be called inside the namespaces. */
export const setUpNetwork = async (folder: string): Promise<void> => {
  const resolverFile = join(folder, 'resolv.conf')
  await writeFile(resolverFile, `nameserver ${dnsAddress}\noptions timeout:1 attempts:2\n`)
  await runCommand(['ip', 'link', 'set', 'lo', 'up'])
  for (const address of [`${hostAddress}/16`, '10.96.0.1/16']) await runCommand(['ip', 'address', 'add', address, 'dev', 'lo'])
  await runCommand(['mount', '--bind', resolverFile, '/etc/resolv.conf'])
}
