import { isDeepStrictEqual } from 'node:util'
import { type KubeObject, keyOf, keyText, type ObjectKey } from '../../api/object.ts'
import type { Io } from '../../io.ts'
import { isKubeError } from '../../kube/errors.ts'
import type { EventFacts } from '../../kube/event-object.ts'
import type { EventRecorder } from '../../kube/event-recorder.ts'
import type { Store, StoreEvent } from '../../kube/kube-api.ts'
import { isOlderVersion } from '../../kube/resource-version.ts'
import { type Again, createWorkQueue, type WorkQueue } from '../../kube/work-queue.ts'
import { pods } from '../objects/kinds.ts'
import { type Pod, readPod } from '../objects/pod.ts'
import { isFinished, isTerminating, portMapAnnotation, portMapText } from '../objects/pod-state.ts'
import { annotationsOf, withStatus } from '../objects/view.ts'
import type { Machine } from './machine.ts'
import { type PodRunner, type RunningContainer, runPod } from './pod-runner.ts'
import { podStatus } from './pod-status.ts'

export interface PodAgentOptions {
  readonly machine: Machine
  readonly store: Store
  readonly hasSynced: () => boolean
  readonly events: Pick<EventRecorder, 'record'>
  /** Lives until the last pod has ended. */
  readonly io: Io
}

/** A pod with the processes that do its work. */
export interface RunningPod {
  readonly pod: Pod
  readonly containers: readonly RunningContainer[]
}

/** Keeps what runs here equal to the pods that are bound here, and tells the API how they are. */
export interface PodAgent {
  readonly queue: WorkQueue
  /** To be told of every event of the store. */
  hear(event: StoreEvent): void
  /** The pods here, as they were when they started. */
  running(): readonly RunningPod[]
  /** Ends every pod here; the API keeps them. */
  endAll(graceMs: number): Promise<void>
}

interface Tenant {
  readonly uid: string
  readonly pod: Pod
  readonly runner: PodRunner
  ended: boolean
  /** What the API answered last: newer than the store until the watch has caught up. */
  latest: KubeObject | undefined
}

const workers = 16
const notSyncedMs = 20
const conflictMs = 20
/** Changes so close together are told in one write: address, start, readiness and the echo of a write often come within milliseconds. */
const gatherMs = 5
/** A pod that was taken out of the API without waiting for it. */
const goneGraceMs = 1000

const newerOf = (held: KubeObject, latest: KubeObject | undefined): KubeObject =>
  latest && isOlderVersion(held.metadata.resourceVersion, latest.metadata.resourceVersion) ? latest : held

const graceMsOf = (pod: Pod): number => {
  const { deletionGracePeriodSeconds } = pod.metadata as { deletionGracePeriodSeconds?: number }
  return (deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds) * 1000
}

const keyOfText = (text: string): ObjectKey => {
  const slash = text.indexOf('/')
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

const keyOfPod = ({ metadata }: Pod): ObjectKey => ({ namespace: metadata.namespace ?? '', name: metadata.name })

/** The annotation that tells on which ports a pod really listens; undefined where they are the ones it asked for. */
const portNote = (runner: PodRunner): string | undefined => {
  const ports = runner.snapshot().address?.ports ?? new Map<number, number>()
  return [...ports].some(([wanted, real]) => wanted !== real) ? portMapText(ports) : undefined
}

export const createPodAgent = (options: PodAgentOptions): PodAgent => {
  const { machine, store, events, io } = options
  const { api, hostIp } = machine
  const tenants = new Map<string, Tenant>()

  const start = (text: string, pod: Pod): Tenant => {
    const onChange = () => queue.addAfter(text, gatherMs)
    const podIo = { ...io, log: io.log.child({ pod: text }) }
    const tell = (facts: EventFacts) => events.record(pod, facts)
    const runner = runPod({ pod, machine, onChange, tell, io: podIo })
    const tenant: Tenant = { uid: pod.metadata.uid ?? '', pod, runner, ended: false, latest: undefined }
    tenants.set(text, tenant)
    void runner.ended.then(() => {
      tenant.ended = true
      queue.add(text)
    })
    return tenant
  }

  const write = async (tenant: Tenant, work: Promise<KubeObject>) => {
    tenant.latest = await work
  }

  const notePorts = async (pod: Pod, tenant: Tenant, callIo: Io) => {
    const note = portNote(tenant.runner)
    if (note === undefined || annotationsOf(pod)[portMapAnnotation] === note) return
    const body = { metadata: { annotations: { [portMapAnnotation]: note } } }
    await write(tenant, api.patch(pods, keyOfPod(pod), { type: 'merge', body }, callIo))
  }

  const report = async (pod: Pod, tenant: Tenant, callIo: Io) => {
    const { address, ...snapshot } = tenant.runner.snapshot()
    const status = podStatus({ pod, ...snapshot, podIp: address?.ip, hostIp, nowMs: io.clock.nowMs() })
    const told: Readonly<Record<string, unknown>> = { ...pod.status }
    if (Object.entries(status).every(([field, value]) => isDeepStrictEqual(told[field], value))) return
    await write(tenant, api.updateStatus(pods, withStatus(pod, { ...pod.status, ...status }), callIo))
  }

  const remove = async (text: string, pod: Pod, callIo: Io) => {
    const { uid } = pod.metadata
    await api.delete(pods, keyOfPod(pod), { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { uid }) }, callIo)
    tenants.delete(text)
  }

  /** The pod is not in the API any more, or another one has its name. */
  const evict = (text: string, tenant: Tenant): boolean => {
    tenant.runner.terminate(goneGraceMs)
    return tenant.ended && tenants.delete(text)
  }

  const tend = async (text: string, object: KubeObject, callIo: Io) => {
    const tenant = tenants.get(text)
    const pod = readPod(newerOf(object, tenant?.latest))
    if (isTerminating(pod)) {
      if (!tenant || tenant.ended) return remove(text, pod, callIo)
      tenant.runner.terminate(graceMsOf(pod))
    }
    if (!tenant && isFinished(pod)) return
    const running = tenant ?? start(text, pod)
    await notePorts(pod, running, callIo)
    await report(readPod(newerOf(pod, running.latest)), running, callIo)
  }

  /** A conflict means that the watch is behind; an object that is gone, that it will say so. */
  const tendCarefully = async (text: string, object: KubeObject, callIo: Io): Promise<Again> => {
    try {
      await tend(text, object, callIo)
    } catch (error) {
      if (isKubeError(error, 'Conflict')) return { afterMs: conflictMs }
      if (!isKubeError(error, 'NotFound')) throw error
    }
    return { afterMs: undefined }
  }

  const handle = async (text: string, callIo: Io): Promise<Again> => {
    if (!options.hasSynced()) return { afterMs: notSyncedMs }
    const object = store.get(keyOfText(text))
    const tenant = tenants.get(text)
    const isForeign = tenant !== undefined && tenant.uid !== object?.metadata.uid
    const isFree = !isForeign || evict(text, tenant)
    return object && isFree ? tendCarefully(text, object, callIo) : { afterMs: undefined }
  }

  const queue = createWorkQueue({ clock: io.clock, handle, workers })
  return {
    queue,
    hear: ({ type, object }) => queue.addAfter(keyText(keyOf(object)), type === 'updated' ? gatherMs : 0),
    running: () => [...tenants.values()].map(({ pod, runner }) => ({ pod, containers: runner.running() })),
    endAll: async graceMs => {
      const all = [...tenants.values()].map(({ runner }) => runner)
      for (const runner of all) runner.terminate(graceMs)
      await Promise.all(all.map(runner => runner.ended))
    },
  }
}
