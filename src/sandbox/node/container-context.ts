import type { Io } from '../../io.ts'
import type { Container } from '../objects/pod.ts'
import type { PodAddress } from './addresses.ts'
import type { ConfigLookup } from './config-sources.ts'
import { environmentOf, expand } from './environment.ts'
import type { PodSelf } from './field-path.ts'
import type { PodRoots } from './pod-roots.ts'
import type { ProgramContext } from './program.ts'
import { type PodVolumes, withRealPaths } from './volumes.ts'

/** What a pod has when its containers start. */
export interface PodPlace {
  readonly self: PodSelf
  readonly address: PodAddress
  readonly volumes: PodVolumes
  /** Where programs get a file system view of their own. */
  readonly roots: PodRoots | undefined
  /** Variables that every container has; its own win. */
  readonly clusterEnv: Readonly<Record<string, string>>
}

/**
 * Everything a container's program gets, with names, references and mount paths resolved.
 * @throws {ConfigMissing} its environment refers to something that is not there
 */
export const containerContext = (
  container: Container,
  lookup: ConfigLookup,
  { place, io }: { place: PodPlace; io: Io },
): ProgramContext => {
  const { self, address, volumes, roots, clusterEnv } = place
  const { name, namespace = '' } = self.pod.metadata
  const env = { HOSTNAME: name, ...clusterEnv, ...environmentOf(container, { lookup, self }) }
  const mounts = volumes.mountsOf(container)
  const inside = roots?.inside(container, mounts)
  const withPaths = (text: string) => (inside ? text : withRealPaths(text, mounts))
  const real = (text: string) => withPaths(expand(text, env))
  return {
    image: container.image,
    command: (container.command ?? []).map(real),
    args: (container.args ?? []).map(real),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, withPaths(value)])),
    namespace,
    podName: name,
    podIp: address.ip,
    ports: (container.ports ?? []).map(({ name = '', containerPort }) => ({
      name,
      containerPort,
      port: address.ports.get(containerPort) ?? containerPort,
    })),
    mounts,
    ...(inside ? { inside } : {}),
    clock: io.clock,
    log: io.log.child({ container: container.name }),
  }
}
