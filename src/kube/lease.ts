import type { KindRef, KubeObject, ObjectKey } from '../api/object.ts'

/** The record by which replicas agree on who leads; the same that every Kubernetes component uses. */
export const leaseKind: KindRef = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true }

/** What a Lease says. An empty holder means that nobody leads. */
export interface LeaseRecord {
  readonly holder: string
  /** How long after a renewal the holder may be taken to be alive, in milliseconds; undefined when the record does not say. */
  readonly durationMs: number | undefined
  /** How often the lease changed hands; the epoch of whoever holds it. */
  readonly transitions: number
  readonly acquireTime: string | undefined
  /** Changes with every write: what is compared to see whether the holder is alive. */
  readonly fingerprint: string
  readonly resourceVersion: string
}

interface LeaseSpec {
  readonly holderIdentity?: string | null
  readonly leaseDurationSeconds?: number | null
  readonly leaseTransitions?: number | null
  readonly acquireTime?: string | null
}

/** Reads a Lease, whoever wrote it and whatever is missing. */
export const leaseRecordOf = (lease: KubeObject): LeaseRecord => {
  const spec: LeaseSpec = (lease['spec'] as LeaseSpec | undefined) ?? {}
  const seconds = spec.leaseDurationSeconds ?? 0
  return {
    holder: spec.holderIdentity ?? '',
    durationMs: seconds > 0 ? seconds * 1000 : undefined,
    transitions: spec.leaseTransitions ?? 0,
    acquireTime: spec.acquireTime ?? undefined,
    fingerprint: JSON.stringify([lease.metadata.uid, spec]),
    resourceVersion: lease.metadata.resourceVersion ?? '',
  }
}

/** Microseconds precision, as the API's `MicroTime` has it. */
export const microTimeText = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

export interface LeaseClaim {
  readonly holder: string
  readonly durationMs: number
  readonly transitions: number
  readonly acquireTime: string
  readonly renewTime: string
}

/** The spec of a Lease, with the field names and units of the API. */
export const leaseSpec = ({ holder, durationMs, transitions, acquireTime, renewTime }: LeaseClaim) => ({
  holderIdentity: holder,
  leaseDurationSeconds: Math.max(1, Math.round(durationMs / 1000)),
  leaseTransitions: transitions,
  acquireTime,
  renewTime,
})

export const leaseManifest = ({ namespace, name }: ObjectKey, claim: LeaseClaim): KubeObject => ({
  apiVersion: leaseKind.apiVersion,
  kind: leaseKind.kind,
  metadata: { namespace, name },
  spec: leaseSpec(claim),
})
