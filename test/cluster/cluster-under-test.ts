import { readFileSync } from 'node:fs'

/** Where a cluster came from, in the order in which they are tried. */
export type Provider = 'kubeconfig' | 'assets' | 'k3s' | 'modules'

/** The processes of a control plane that a test may stop, start, freeze and thaw. Absent where the cluster is not ours. */
export type ControlPlaneProcess = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler'

/**
 * What a running cluster says about itself to tests: JSON in the file that `SERIN_TEST_CLUSTER` names. Written once the API server is
 * ready, removed at the end. Tests run inside the same network namespace, so that every address below is reachable.
 */
export interface ClusterUnderTest {
  readonly provider: Provider
  /** Path of a kubeconfig whose user may do everything. */
  readonly kubeconfig: string
  /** Path of a kubeconfig of the user `serin-limited`, who may do nothing until a test binds a role to that user. Absent where the cluster is not ours. */
  readonly limitedKubeconfig?: string
  /** Base URL of the API server. */
  readonly server: string
  /** Path of the audit log, one JSON event a line, level Metadata. Absent where the cluster is not ours. */
  readonly auditLog?: string
  /** Paths of programs by name: kubectl, helm, contour, envoy, kwok, prometheus, hey. One that is not to be had is absent. */
  readonly binaries: Readonly<Record<string, string>>
  /** Folders with third-party manifests by name: gateway-api, contour, istio. One that is not to be had is absent. */
  readonly manifests: Readonly<Record<string, string>>
  /** `POST {control}/{process}/{stop|start|freeze|thaw}` acts on a process of the control plane. Absent where the cluster is not ours. */
  readonly control?: string
}

/** The cluster that this test run was started with. Throws where `SERIN_TEST_CLUSTER` names none: start tests with `npm run test:cluster`. */
export const clusterUnderTest = (): ClusterUnderTest => {
  const file = process.env['SERIN_TEST_CLUSTER']
  if (file === undefined)
    throw new Error('expected SERIN_TEST_CLUSTER to name a session file, got nothing; start these tests with `npm run test:cluster`')
  return JSON.parse(readFileSync(file, 'utf8'))
}
