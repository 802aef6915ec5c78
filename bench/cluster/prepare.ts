import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { customResourceDefinitions } from '../../src/api/crd.ts'
import { type ControlPlane, startControlPlane } from '../../test/cluster/control-plane/control-plane.ts'
import { type ManagedProcess, manageProcess } from '../../test/cluster/managed-process.ts'
import { runCommand } from '../../test/cluster/run-command.ts'
import type { BenchmarkIo } from '../benchmark.ts'
import type { ClusterPlan } from './plan.ts'

/** The user as whom the controller works: so the audit log tells its requests from all others. */
export const controllerUser = 'serin-limited'

const program = ({ binaries }: ClusterPlan, name: string): string => {
  const path = binaries[name]
  if (path === undefined) throw new Error(`expected a program ${name}, found none; see docs/development.md`)
  return path
}

/** Pods without containers: kwok reports whatever is bound to a node as running and ready. */
const startKwok = async (plan: ClusterPlan, { files }: ControlPlane): Promise<ManagedProcess> => {
  const stages = fileURLToPath(new URL('./kwok-stages.yaml', import.meta.url))
  const flags = [`--kubeconfig=${files.kubeconfig}`, `--config=${stages}`, '--manage-all-nodes=true', '--node-lease-duration-seconds=0']
  const kwok = manageProcess({
    name: 'kwok',
    command: [program(plan, 'kwok'), ...flags],
    env: process.env,
    logFile: join(files.logs, 'kwok.log'),
    isReady: async () => true,
  })
  await kwok.start()
  return kwok
}

const nodeName = 'kwok'
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, labels: { 'kubernetes.io/hostname': nodeName } } }

/** The API server marks every new node as not ready; whoever would take that away looks at heartbeats, and does not run here. */
const withoutTaints = { spec: { taints: null } }

const grant = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: controllerUser },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: controllerUser }],
}

const applyAll = async (plan: ClusterPlan, { files }: ControlPlane): Promise<void> => {
  const kubectl = (...args: readonly string[]) => [program(plan, 'kubectl'), `--kubeconfig=${files.kubeconfig}`, ...args]
  const own = { apiVersion: 'v1', kind: 'List', items: [...customResourceDefinitions(), node, grant] }
  await runCommand(kubectl('apply', '--server-side', '--filename=-'), { input: JSON.stringify(own) })
  await runCommand(kubectl('apply', '--server-side', `--filename=${join(plan.manifests['gateway-api'] ?? '', '00-crds.yaml')}`))
  await runCommand(kubectl('patch', 'node', nodeName, '--type=merge', `--patch=${JSON.stringify(withoutTaints)}`))
  await runCommand(kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'))
}

/** Runs `work` on a cluster with everything on it but the teams; all its processes are gone when it settles. */
export const withCluster = async <T>(plan: ClusterPlan, { say }: BenchmarkIo, work: (plane: ControlPlane) => Promise<T>): Promise<T> => {
  say('cluster: start etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok')
  const plane = await startControlPlane({ folder: plan.folder, binaries: plan.binaries, env: process.env })
  const undo = [plane.stop]
  try {
    const kwok = await startKwok(plan, plane)
    undo.push(() => kwok.kill())
    await applyAll(plan, plane)
    return await Promise.race([work(plane), plane.died, kwok.died])
  } finally {
    for (const step of undo.toReversed()) await step()
  }
}
