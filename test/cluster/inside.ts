import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts'
import { startControlServer } from './control-plane/control-server.ts'
import { filesIn } from './control-plane/credentials.ts'
import { openInside } from './doorway.ts'
import { type Addresses, aborted, reportReady, watchLifeline } from './lifeline.ts'
import { setUpNetwork } from './namespace.ts'
import { type Plan, readPlan } from './plan.ts'
import { runSuite } from './run-suite.ts'
import { removeFolder } from './session-folder.ts'
import { nodeAgent } from './start-node-agent.ts'
import { withoutProxies } from './without-proxies.ts'

const sessionOf = ({ provider, binaries, manifests }: Plan, plane: ControlPlane, control: string): ClusterUnderTest => ({
  provider,
  kubeconfig: plane.files.kubeconfig,
  limitedKubeconfig: plane.files.limitedKubeconfig,
  server: plane.server,
  auditLog: plane.files.auditLog,
  binaries,
  manifests,
  control,
})

interface Session {
  readonly file: string
  readonly cluster: ClusterUnderTest
  /** Rejects when a part of the cluster ends without having been asked to. */
  readonly died: Promise<never>
}

type Undo = () => void | Promise<void>

/** Brings everything up, and puts on `undo` what takes it down. */
const bringUp = async (plan: Plan, env: NodeJS.ProcessEnv, undo: Undo[]): Promise<Session> => {
  const plane = await startControlPlane({ folder: plan.folder, binaries: plan.binaries, env })
  undo.push(plane.stop)
  const control = await startControlServer(plane.processes)
  undo.push(control.close)
  const file = join(plan.folder, 'cluster.json')
  const cluster = sessionOf(plan, plane, control.url)
  await writeFile(file, JSON.stringify(cluster, null, 2))
  // Pods come from controllers and are placed by the scheduler: without the two a node would have nothing to do.
  if (!plane.processes.has('kube-scheduler')) return { file, cluster, died: plane.died }
  const node = nodeAgent({ sessionFile: file, logFile: join(plane.files.logs, 'node-agent.log'), env })
  undo.push(node.stop)
  await node.start()
  return { file, cluster, died: Promise.race([plane.died, node.died]) }
}

interface Use {
  readonly plan: Plan
  readonly undo: Undo[]
  readonly lifeline: AbortSignal
}

/** Only people want a furnished cluster: the suite brings what it needs, and other tests want the room. */
const furnishFor = async (serin: boolean, cluster: ClusterUnderTest, undo: Undo[]): Promise<Addresses> => {
  const { furnish, missingFor } = await import('./furnish.ts') // costs a suite run nothing
  const missing = missingFor(cluster, serin)
  if (missing.length > 0) {
    process.stdout.write(`Neither gateway nor Prometheus are in it: for want of ${missing.join(', ')}\n`)
    return {}
  }
  process.stdout.write(`installing Contour, Envoy and Prometheus${serin ? ', and Serin from its chart' : ''} ...\n`)
  const { addresses, remove } = await furnish(cluster, serin)
  undo.push(remove)
  return addresses
}

const use = async ({ plan, undo, lifeline }: Use): Promise<number> => {
  const { wish, folder } = plan
  const env = withoutProxies(process.env)
  await setUpNetwork(folder)
  const { file, cluster, died } = await bringUp(plan, env, undo)
  if (wish.kind === 'test') return Promise.race([died, runSuite({ wish, sessionFile: file, folder, env, signal: lifeline })])
  await openInside(folder)
  reportReady({ sessionFile: file, addresses: await Promise.race([died, furnishFor(wish.serin, cluster, undo)]) })
  return died
}

/** Ctrl-C is how `up` is meant to end; a suite that was cut short proves nothing. */
const interrupted = async ({ plan, lifeline }: Use): Promise<number> => {
  await aborted(lifeline)
  return plan.wish.kind === 'up' ? 0 : 130
}

/** Everything else of the folder goes; a run that failed can be looked into where it cannot be repeated. */
const keepLogs = async ({ folder, wish: { logs } }: Plan): Promise<void> => {
  if (logs === undefined) return
  const { logs: written, auditLog } = filesIn(folder)
  await mkdir(logs, { recursive: true })
  for (const path of [written, auditLog].filter(existsSync)) await cp(path, join(logs, basename(path)), { recursive: true })
}

/** Brings the cluster up in the namespaces we are in, lets it be used, and takes it down; the exit code. */
export const runInside = async (planFile: string): Promise<number> => {
  const all: Use = { plan: await readPlan(planFile), undo: [], lifeline: watchLifeline() }
  try {
    return await Promise.race([interrupted(all), use(all)])
  } finally {
    for (const step of all.undo.toReversed()) await step()
    await keepLogs(all.plan)
    removeFolder(all.plan.folder) // the process outside may be no more
  }
}
