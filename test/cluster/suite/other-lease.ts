import { randomUUID } from 'node:crypto'
import { sleep } from '../../../src/clock.ts'
import type { Io } from '../../../src/io.ts'
import type { KubeApi } from '../../../src/kube/kube-api.ts'
import { leaseKind, leaseManifest, leaseSpec, microTimeText } from '../../../src/kube/lease.ts'

/** The Lease by which the field's controller says that it is at work. */
export interface OtherLease {
  /** Gives it back, as that controller does when it is told to stop. */
  giveBack(): Promise<void>
}

const key = { namespace: 'kube-system', name: 'flagger-leader-election' }
const durationMs = 60_000
const renewalMs = 5000

/** Takes the Lease and renews it until it is given back. */
export const holdOtherLease = async (api: KubeApi, io: Io): Promise<OtherLease> => {
  const stopping = new AbortController()
  const holder = `flagger-7d8c5f9b6-x2v4q_${randomUUID()}`
  const acquireTime = microTimeText(io.clock.nowMs())
  const claim = () => ({ holder, durationMs, transitions: 0, acquireTime, renewTime: microTimeText(io.clock.nowMs()) })
  const write = (spec: object) => api.patch(leaseKind, key, { type: 'merge', body: { spec } }, io)
  await api.delete(leaseKind, key, {}, io) // a cluster that is kept may have seen it before
  await api.create(leaseKind, leaseManifest(key, claim()), io)
  const renew = async (): Promise<void> => {
    const signal = AbortSignal.any([io.signal, stopping.signal])
    for (;;) {
      await sleep(io.clock, renewalMs, signal)
      if (signal.aborted) return
      await write(leaseSpec(claim()))
    }
  }
  const renewing = renew()
  renewing.catch(() => {}) // told where the Lease is given back
  return {
    giveBack: async () => {
      stopping.abort(new Error('told to stop'))
      await renewing
      await write(leaseSpec({ ...claim(), holder: '', durationMs: 1000 }))
    },
  }
}
