import { arch, availableParallelism, platform, totalmem } from 'node:os'
import type { Manifest } from '../../api/object.ts'
import { withCondition } from '../objects/conditions.ts'
import { leases, nodes } from '../objects/kinds.ts'
import type { Node } from '../objects/node.ts'
import { type Condition, timestamp } from '../objects/view.ts'

export const leaseNamespace = 'kube-node-lease'
const leaseDurationSeconds = 40

/** Linux and macOS name processors as Node does, Kubernetes as Go does. */
const goArch: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** What identifies this machine as a node, in the labels that selectors know. */
export const nodeManifest = (name: string): Manifest => {
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': platform(), 'kubernetes.io/arch': goArch[arch()] ?? arch() }
  return { apiVersion: nodes.apiVersion, kind: nodes.kind, metadata: { name, labels }, spec: {} }
}

const podCapacity = '110'

const findings = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
] as const

/** The status of a healthy node; the heartbeat time moves with every report. */
export const nodeStatus = (node: Node, hostIp: string, nowMs: number): Readonly<Record<string, unknown>> => {
  const capacity = { cpu: String(availableParallelism()), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: podCapacity }
  const conditions = findings.reduce<readonly Condition[]>((all, one) => withCondition(all, one, nowMs), node.status.conditions)
  return {
    ...node.status,
    conditions: conditions.map(condition => ({ ...condition, lastHeartbeatTime: timestamp(nowMs) })),
    addresses: [
      { type: 'InternalIP', address: hostIp },
      { type: 'Hostname', address: node.metadata.name },
    ],
    capacity,
    allocatable: capacity,
  }
}

const notReadyTaint = 'node.kubernetes.io/not-ready'

/** Its taints without the one that a new node gets until it is ready; undefined when it has none of that name. */
export const withoutNotReadyTaint = ({ spec }: Node) => {
  const taints = spec.taints ?? []
  const kept = taints.filter(({ key }) => key !== notReadyTaint)
  return kept.length < taints.length ? kept : undefined
}

/** RFC 3339 in microseconds, as Leases write times. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

export const leaseSpec = (nodeName: string, nowMs: number) => ({
  holderIdentity: nodeName,
  leaseDurationSeconds,
  renewTime: microTime(nowMs),
})

export const leaseManifest = ({ metadata }: Node, nowMs: number): Manifest => ({
  apiVersion: leases.apiVersion,
  kind: leases.kind,
  metadata: {
    name: metadata.name,
    namespace: leaseNamespace,
    ownerReferences: [{ apiVersion: nodes.apiVersion, kind: nodes.kind, name: metadata.name, uid: metadata.uid ?? '' }],
  },
  spec: leaseSpec(metadata.name, nowMs),
})
