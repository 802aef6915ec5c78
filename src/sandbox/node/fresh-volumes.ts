import { sleep } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import type { Volume, VolumeSource } from '../objects/pod.ts'
import type { PodVolumes, VolumeSources } from './volumes.ts'

/** How soon a change of a ConfigMap or Secret is seen in a volume. A kubelet takes up to a minute and a half. */
const everyMs = 30_000

const mayChange = ({ configMap, secret, serviceAccountToken }: VolumeSource): boolean =>
  configMap !== undefined || secret !== undefined || serviceAccountToken !== undefined

/** Whether anything of these volumes can change while the pod runs. */
const needsCare = (volumes: readonly Volume[]): boolean =>
  volumes.some(volume => mayChange(volume) || (volume.projected?.sources ?? []).some(mayChange))

export interface FreshVolumes {
  readonly volumes: readonly Volume[]
  readonly mounted: PodVolumes
  /** Reads what the volumes are made of. */
  readonly read: () => Promise<VolumeSources>
}

/** Keeps volumes as their ConfigMaps, Secrets and tokens are, until `io.signal` aborts. What cannot be read leaves them as they were. */
export const keepFresh = async ({ volumes, mounted, read }: FreshVolumes, io: Io): Promise<void> => {
  if (!needsCare(volumes)) return
  for (;;) {
    await sleep(io.clock, everyMs, io.signal)
    if (io.signal.aborted) return
    try {
      await mounted.update(await read())
    } catch (error) {
      if (!io.signal.aborted) io.log.warn({ error: messageOf(error) }, 'volumes could not be brought up to date')
    }
  }
}
