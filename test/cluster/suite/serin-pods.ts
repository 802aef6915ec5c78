import { type KubeObject, keyOf } from '../../../src/api/object.ts'
import { leases, pods } from './kinds.ts'
import { listenerOn } from './pod-process.ts'
import { serinNamespace } from './serin-release.ts'
import type { Stage } from './stage.ts'
import { eventually } from './waiting.ts'

const port = 8080

/** A pod of Serin with its process. */
export interface SerinPod {
  readonly pod: KubeObject
  readonly pid: number
}

const podIpOf = (pod: KubeObject): string => (pod['status'] as { readonly podIP?: string } | undefined)?.podIP ?? ''

const livePods = async ({ api, io }: Stage): Promise<readonly KubeObject[]> => {
  const { items } = await api.list(pods, { namespace: serinNamespace, labelSelector: 'app.kubernetes.io/name=serin' }, io)
  return items.filter(pod => pod.metadata.deletionTimestamp === undefined && podIpOf(pod) !== '')
}

const serving = async (pod: KubeObject): Promise<SerinPod | undefined> => {
  const pid = await listenerOn(podIpOf(pod), port)
  return pid === undefined ? undefined : { pod, pid }
}

const search = (stage: Stage, what: string, find: (pod: KubeObject) => boolean): Promise<SerinPod> =>
  eventually(
    {
      what,
      everyMs: 50,
      look: async () => {
        const pod = (await livePods(stage)).find(find)
        return pod && serving(pod)
      },
    },
    stage.io,
  )

/** The one pod there is, as soon as its process can be asked how it is. */
export const onlyPod = (stage: Stage): Promise<SerinPod> => search(stage, 'a process of Serin', () => true)

/** Who holds the Lease: `POD_UUID`; undefined while nobody does. */
const holder = async ({ api, io }: Stage): Promise<string | undefined> => {
  const lease = await api.get(leases, { namespace: serinNamespace, name: 'serin-leader-election' }, io)
  return ((lease?.['spec'] ?? {}) as { readonly holderIdentity?: string }).holderIdentity || undefined
}

/** A pod that leads, and the name under which it does. */
export interface Leader extends SerinPod {
  readonly identity: string
}

export const leadingPod = async (stage: Stage): Promise<Leader> => {
  const identity = await eventually({ what: 'a leader', look: () => holder(stage) }, stage.io)
  const [name = ''] = identity.split('_')
  return { identity, ...(await search(stage, `a process of ${name}`, pod => pod.metadata.name === name)) }
}

/** Milliseconds from now until somebody else leads. */
export const takeoverMs = async (stage: Stage, { identity }: Leader): Promise<number> => {
  const startMs = stage.io.clock.monotonicMs()
  const isOther = async () => {
    const now = await holder(stage)
    return now !== undefined && now !== identity ? now : undefined
  }
  await eventually({ what: `somebody to take over from ${identity}`, look: isOther, everyMs: 50 }, stage.io)
  return stage.io.clock.monotonicMs() - startMs
}

/** SIGKILL: no word to anybody, nothing given back. */
export const killProcess = ({ pid }: SerinPod): void => void process.kill(pid, 'SIGKILL')

/** Takes the pod away as well, so that the next one comes without the back-off that a container has. */
export const removePod = ({ api, io }: Stage, { pod }: SerinPod, gracePeriodSeconds?: number): Promise<void> =>
  api.delete(pods, keyOf(pod), gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }, io)
