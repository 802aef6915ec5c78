import type { ObjectKey } from '../api/object.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from './kube-api.ts'
import { type LeaseRecord, leaseKind, leaseManifest, leaseRecordOf, leaseSpec, microTimeText } from './lease.ts'

/** What we want the Lease to say. */
interface Claim {
  readonly holder: string
  readonly durationMs: number
  readonly transitions: number
  /** Kept from the record while the holder stays the same. */
  readonly acquireTime?: string | undefined
}

/** Reads and writes one Lease. Every write names the version it replaces, so that of two writers one loses. */
export interface LeaseClaims {
  read(io: Io): Promise<LeaseRecord | undefined>
  /** Makes the Lease. Rejects with `Conflict` when somebody else was faster. */
  create(claim: Claim, io: Io): Promise<LeaseRecord>
  /** Replaces what `record` says. Rejects with `Conflict` when it is not the newest any more. */
  replace(record: LeaseRecord, claim: Claim, io: Io): Promise<LeaseRecord>
}

export const createLeaseClaims = (api: KubeApi, key: ObjectKey): LeaseClaims => {
  const filled = ({ acquireTime, ...claim }: Claim, { clock }: Io) => {
    const now = microTimeText(clock.nowMs()) // for people: nobody's decision rests on another machine's clock
    return { ...claim, acquireTime: acquireTime ?? now, renewTime: now }
  }
  return {
    read: async io => {
      const lease = await api.get(leaseKind, key, io)
      return lease && leaseRecordOf(lease)
    },
    create: async (claim, io) => leaseRecordOf(await api.create(leaseKind, leaseManifest(key, filled(claim, io)), io)),
    replace: async ({ resourceVersion }, claim, io) => {
      const body = { metadata: { resourceVersion }, spec: leaseSpec(filled(claim, io)) }
      return leaseRecordOf(await api.patch(leaseKind, key, { type: 'merge', body }, io))
    },
  }
}
