import type { ControlPlaneProcess } from '../cluster-under-test.ts'
import { hostAddress, serviceRange } from '../namespace.ts'
import type { ControlPlaneFiles } from './credentials.ts'
import { certificateOf } from './credentials.ts'

/** Fixed ports: the namespace has nobody else in it. */
export const etcdUrl = 'http://127.0.0.1:2379'
export const serverUrl = `https://${hostAddress}:6443`

type Flags = Readonly<Record<string, string | boolean>>

const flagList = (flags: Flags): string[] => Object.entries(flags).map(([name, value]) => `--${name}=${value}`)

const etcdFlags = ({ data }: ControlPlaneFiles): Flags => ({
  'data-dir': data,
  'listen-client-urls': etcdUrl,
  'advertise-client-urls': etcdUrl,
  'listen-peer-urls': 'http://127.0.0.1:2380',
  // What a power cut would cost here is thrown away at the end anyway.
  'unsafe-no-fsync': true,
})

const apiServerFlags = (files: ControlPlaneFiles): Flags => ({
  'etcd-servers': etcdUrl,
  'bind-address': hostAddress,
  'advertise-address': hostAddress,
  'secure-port': '6443',
  'cert-dir': files.certificates,
  'service-cluster-ip-range': serviceRange,
  'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
  'service-account-key-file': files.serviceAccountPublicKey,
  'service-account-signing-key-file': files.serviceAccountKey,
  'authorization-mode': 'RBAC',
  'token-auth-file': files.tokens,
  'allow-privileged': true,
  // An aggregated API (metrics.k8s.io) is asked at its endpoints, so that it needs nobody to forward its Service address.
  'enable-aggregator-routing': true,
  'audit-policy-file': files.auditPolicy,
  'audit-log-path': files.auditLog,
  'audit-log-format': 'json',
  // In megabytes. By default a log of 100 is put aside for an empty one, and the suite reads what Serin did from beginning to end.
  'audit-log-maxsize': '4096',
})

const controllerManagerFlags = (files: ControlPlaneFiles): Flags => ({
  kubeconfig: files.kubeconfig,
  'bind-address': '127.0.0.1',
  'leader-elect': false,
  'service-account-private-key-file': files.serviceAccountKey,
  'root-ca-file': certificateOf(files),
  'use-service-account-credentials': true,
  // Nodes here have no cloud, no address range of their own and no volumes.
  controllers: '*,-nodeipam,-nodelifecycle,-cloud-node-lifecycle,-persistentvolume-binder',
  // By default a scaler looks every 15 s and waits five minutes before it takes pods away: too slow for a test to see.
  'horizontal-pod-autoscaler-sync-period': '2s',
  'horizontal-pod-autoscaler-downscale-stabilization': '5s',
  'horizontal-pod-autoscaler-cpu-initialization-period': '5s',
  'horizontal-pod-autoscaler-initial-readiness-delay': '2s',
  'kube-api-qps': '200',
  'kube-api-burst': '400',
})

const schedulerFlags = ({ kubeconfig }: ControlPlaneFiles): Flags => ({
  kubeconfig,
  'bind-address': '127.0.0.1',
  'leader-elect': false,
  'kube-api-qps': '200',
  'kube-api-burst': '400',
})

interface Part {
  readonly name: ControlPlaneProcess
  readonly flags: (files: ControlPlaneFiles) => Flags
  /** Answers 200 while the process does its duty. */
  readonly health: string
}

/** In the order in which they are started. */
export const parts: readonly Part[] = [
  { name: 'etcd', flags: etcdFlags, health: `${etcdUrl}/health` },
  { name: 'kube-apiserver', flags: apiServerFlags, health: `${serverUrl}/readyz` },
  { name: 'kube-controller-manager', flags: controllerManagerFlags, health: 'https://127.0.0.1:10257/healthz' },
  { name: 'kube-scheduler', flags: schedulerFlags, health: 'https://127.0.0.1:10259/healthz' },
]

export const commandLine = (binary: string, part: Part, files: ControlPlaneFiles): readonly string[] => [
  binary,
  ...flagList(part.flags(files)),
]
