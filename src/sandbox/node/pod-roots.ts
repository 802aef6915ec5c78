import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Container, Pod } from '../objects/pod.ts'
import { inOwnRoot } from './own-root.ts'
import type { Command } from './program.ts'

/** File system views for the containers of one pod. */
export interface PodRoots {
  /** The command that runs another one where this container's mounts are at their own paths. */
  inside(container: Container, mounts: ReadonlyMap<string, string>): (command: Command) => Command
  /** Removes what the views need on disk. */
  remove(): Promise<void>
}

/** Names are looked up as in any pod: those of its own namespace first. */
const resolverText = (namespace: string, dnsIp: string): string => {
  const cluster = 'cluster.local'
  return `search ${namespace}.svc.${cluster} svc.${cluster} ${cluster}\nnameserver ${dnsIp}\noptions ndots:5\n`
}

/** `dnsIp` answers for names; absent, or where the pod wants the machine's own configuration, that one stays. */
export const makePodRoots = async ({ metadata, spec }: Pod, dnsIp?: string): Promise<PodRoots> => {
  const folder = await mkdtemp(join(tmpdir(), 'serin-roots-'))
  const rootOf = ({ name }: Container) => join(folder, name)
  await Promise.all([...(spec.initContainers ?? []), ...spec.containers].map(container => mkdir(rootOf(container))))
  const own = new Map<string, string>()
  if (dnsIp !== undefined && spec.dnsPolicy !== 'Default') {
    const file = join(folder, 'resolv.conf') // no container is called so: their names have no dots
    await writeFile(file, resolverText(metadata.namespace ?? '', dnsIp))
    own.set('/etc/resolv.conf', file)
  }
  return {
    inside: (container, mounts) => command =>
      inOwnRoot(
        {
          root: rootOf(container),
          mounts: new Map([...own, ...mounts]),
          hostname: metadata.name,
          workingDirectory: container.workingDir ?? '/',
        },
        command,
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
