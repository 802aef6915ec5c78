import { type KubeObject, keyOf } from '../../../src/api/object.ts'
import { pods } from './kinds.ts'
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

/** SIGKILL: no word to anybody, nothing given back. */
export const killProcess = ({ pid }: SerinPod): void => void process.kill(pid, 'SIGKILL')

/** Takes the pod away as well, so that the next one comes without the back-off that a container has. */
export const removePod = ({ api, io }: Stage, { pod }: SerinPod, gracePeriodSeconds?: number): Promise<void> =>
  api.delete(pods, keyOf(pod), gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }, io)
