import { sleep } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import { childSignal } from '../../kube/deadline.ts'
import type { EventFacts } from '../../kube/event-object.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import type { Container, Pod } from '../objects/pod.ts'
import type { Addresses, PodAddress } from './addresses.ts'
import { type ConfigSource, sourcesOf } from './config-sources.ts'
import { containerContext, type PodPlace } from './container-context.ts'
import { type ContainerHost, type ContainerRunner, type RestartPolicy, runContainer } from './container-runner.ts'
import { type ContainerRecord, newContainer } from './container-state.ts'
import { readConfig } from './pod-config.ts'
import type { Images } from './program.ts'
import { writeVolumes } from './volumes.ts'

export interface PodRunnerOptions {
  readonly pod: Pod
  readonly api: KubeApi
  readonly images: Images
  readonly addresses: Addresses
  readonly hostIp: string
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

/** A pod at work on this machine. */
export interface PodRunner {
  snapshot(): PodSnapshot
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
export const runPod = ({ pod, api, images, addresses, hostIp, onChange, tell, io }: PodRunnerOptions): PodRunner => {
  const { name, namespace = '', uid = '' } = pod.metadata
  const { initContainers = [], containers, volumes = [], restartPolicy, terminationGracePeriodSeconds } = pod.spec
  const leaving = childSignal(io.signal)
  const startedAtMs = io.clock.nowMs()
  const runners = new Map<Container, ContainerRunner>()
  let address: PodAddress | undefined
  let graceLeftMs: number | undefined

  const recordOf = (container: Container) => runners.get(container)?.record() ?? newContainer(container.name, container.image)
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

  const liveAt = async (place: Omit<PodPlace, 'volumes'>) => {
    const mounted = await insist('FailedMount', async () =>
      writeVolumes(volumes, { lookup: await read(sourcesOf([], volumes)), self: place.self }),
    )
    if (!mounted) return
    const host = hostOn({ ...place, volumes: mounted })
    if (await initialise(host)) await Promise.all(containers.map(container => run(container, restartPolicy, host)))
    await mounted.remove()
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
    terminate: graceMs => {
      graceLeftMs = Math.min(graceMs, graceLeftMs ?? graceMs)
      leaving.abort(new Error('the pod is leaving'))
      for (const runner of runners.values()) runner.terminate(graceMs)
    },
    ended,
  }
}
