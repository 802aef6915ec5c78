import { sleep } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import { childSignal } from '../../kube/deadline.ts'
import type { EventFacts } from '../../kube/event-object.ts'
import type { Container, Pod } from '../objects/pod.ts'
import type { PodAddress } from './addresses.ts'
import { type ConfigSource, sourcesOf } from './config-sources.ts'
import { containerContext, type PodPlace } from './container-context.ts'
import { type ContainerHost, type ContainerRunner, type RestartPolicy, runContainer } from './container-runner.ts'
import { type ContainerRecord, newContainer } from './container-state.ts'
import type { PodSelf } from './field-path.ts'
import { keepFresh } from './fresh-volumes.ts'
import type { Machine } from './machine.ts'
import { readConfig } from './pod-config.ts'
import { makePodRoots } from './pod-roots.ts'
import { createTokenSource } from './service-account-token.ts'
import { type VolumeSources, writeVolumes } from './volumes.ts'

export interface PodRunnerOptions {
  readonly pod: Pod
  readonly machine: Machine
  /** Something that its status tells has changed. */
  readonly onChange: () => void
  /** Something that people should hear about it. */
  readonly tell: (facts: EventFacts) => void
  /** Lives as long as the pod does: a pod ends by `terminate`. */
  readonly io: Io
}

/** What a pod is doing. */
export interface PodSnapshot {
  readonly initContainers: readonly ContainerRecord[]
  readonly containers: readonly ContainerRecord[]
  readonly address: PodAddress | undefined
  readonly startedAtMs: number
}

/** A container that runs, and the processes that do its work. */
export interface RunningContainer {
  readonly name: string
  readonly processGroup: number
}

/** A pod at work on this machine. */
export interface PodRunner {
  snapshot(): PodSnapshot
  /** Containers that run as processes just now. */
  running(): readonly RunningContainer[]
  /** Asks every container to end, and ends those by force that have not when the grace period is over. Called again, the shorter period counts. */
  terminate(graceMs: number): void
  /** Resolves when nothing of it is left: no program, no file, no address. Never rejects. */
  readonly ended: Promise<void>
}

/** How soon an address or volumes that could not be had are tried again. */
const setupRetryMs = 2000

const containerPortsOf = ({ spec }: Pod): number[] => [
  ...new Set(spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort))),
]

/** Runs a pod: address, volumes, init containers one after another, then all containers side by side. */
export const runPod = ({ pod, machine, onChange, tell, io }: PodRunnerOptions): PodRunner => {
  const { api, images, addresses, hostIp } = machine
  const { name, namespace = '', uid = '' } = pod.metadata
  const { initContainers = [], containers, volumes = [], restartPolicy, terminationGracePeriodSeconds } = pod.spec
  const leaving = childSignal(io.signal)
  const startedAtMs = io.clock.nowMs()
  const runners = new Map<Container, ContainerRunner>()
  let address: PodAddress | undefined
  let graceLeftMs: number | undefined

  const recordOf = (container: Container) => runners.get(container)?.record() ?? newContainer(container.name, container.image)
  const tokens = createTokenSource(api, pod)
  const read = (sources: readonly ConfigSource[]) => readConfig(api, { namespace, sources }, io)

  /** Tries until it works or the pod leaves; `reason` is what people hear of a failure. */
  const insist = async <T>(reason: string, work: () => Promise<T>): Promise<T | undefined> => {
    while (!leaving.signal.aborted) {
      try {
        return await work()
      } catch (error) {
        io.log.warn({ reason, error: messageOf(error) }, 'a pod cannot be set up yet')
        tell({ type: 'Warning', reason, message: messageOf(error) })
        await sleep(io.clock, setupRetryMs, leaving.signal)
      }
    }
    return undefined
  }

  const run = (container: Container, policy: RestartPolicy, host: ContainerHost): Promise<void> => {
    const runner = runContainer({ container, host, restartPolicy: policy, io })
    runners.set(container, runner)
    if (graceLeftMs !== undefined) runner.terminate(graceLeftMs)
    return runner.ended
  }

  const hostOn = (place: PodPlace): ContainerHost => ({
    podText: `${name}_${namespace}(${uid})`,
    address: place.address,
    images,
    graceMs: terminationGracePeriodSeconds * 1000,
    contextOf: async container => containerContext(container, await read(sourcesOf([container], [])), { place, io }),
    changed: onChange,
    tell,
  })

  /** Whether all of them have succeeded. */
  const initialise = async (host: ContainerHost): Promise<boolean> => {
    for (const container of initContainers) {
      await run(container, restartPolicy === 'Always' ? 'OnFailure' : restartPolicy, host)
      const { state } = recordOf(container)
      if (leaving.signal.aborted || state.kind !== 'terminated' || state.exitCode !== 0) return false
    }
    return true
  }

  const volumeSources = async (self: PodSelf): Promise<VolumeSources> => {
    const [lookup, tokenFor] = await Promise.all([read(sourcesOf([], volumes)), tokens.read(volumes, io)])
    return { lookup, tokens: tokenFor, self }
  }

  /** Volumes, and views of the file system where the machine has them. */
  const furnish = async (place: Pick<PodPlace, 'address' | 'self'>): Promise<PodPlace> => {
    const mounted = await writeVolumes(volumes, await volumeSources(place.self))
    const roots = machine.ownRoots ? await makePodRoots(pod, machine.dnsIp) : undefined
    return { ...place, volumes: mounted, roots, clusterEnv: machine.clusterEnv() }
  }

  const runContainers = async (place: PodPlace) => {
    const host = hostOn(place)
    if (await initialise(host)) await Promise.all(containers.map(container => run(container, restartPolicy, host)))
  }

  const liveAt = async (bare: Pick<PodPlace, 'address' | 'self'>) => {
    const place = await insist('FailedMount', () => furnish(bare))
    if (!place) return
    const caring = childSignal(leaving.signal)
    const fresh = keepFresh({ volumes, mounted: place.volumes, read: () => volumeSources(place.self) }, { ...io, signal: caring.signal })
    await runContainers(place)
    caring.abort(new Error('the pod has ended'))
    caring.clear()
    await fresh
    await Promise.all([place.volumes.remove(), place.roots?.remove()])
  }

  const live = async () => {
    address = await insist('FailedCreatePodSandBox', () => addresses.acquire(containerPortsOf(pod)))
    if (!address) return
    onChange()
    await liveAt({ address, self: { pod, podIp: address.ip, hostIp } })
    addresses.release(address)
  }

  const ended = live()
    .catch((error: unknown) => io.log.error({ error: messageOf(error) }, 'a pod could not be cleaned up'))
    .finally(() => {
      leaving.clear()
      onChange()
    })

  return {
    snapshot: () => ({ initContainers: initContainers.map(recordOf), containers: containers.map(recordOf), address, startedAtMs }),
    running: () =>
      [...runners].flatMap(([{ name: container }, runner]) => {
        const processGroup = runner.processGroup()
        return processGroup === undefined ? [] : [{ name: container, processGroup }]
      }),
    terminate: graceMs => {
      graceLeftMs = Math.min(graceMs, graceLeftMs ?? graceMs)
      leaving.abort(new Error('the pod is leaving'))
      for (const runner of runners.values()) runner.terminate(graceMs)
    },
    ended,
  }
}
