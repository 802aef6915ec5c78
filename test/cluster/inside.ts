import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts'
import { startControlServer } from './control-plane/control-server.ts'
import { endOfLifeline, letGo, reportReady } from './lifeline.ts'
import { setUpNetwork } from './namespace.ts'
import { type Plan, readPlan } from './plan.ts'
import { runSuite } from './run-suite.ts'
import { removeFolder } from './session-folder.ts'
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

/** What the cluster is for; its exit code. */
const use = async ({ wish, folder }: Plan, sessionFile: string, env: NodeJS.ProcessEnv): Promise<number> => {
  reportReady(sessionFile)
  return wish.kind === 'test' ? runSuite({ wish, sessionFile, folder, env }) : forever
}

const forever = new Promise<never>(() => {})

/** Ctrl-C is how `up` is meant to end; a suite that was cut short proves nothing. */
const interrupted = async ({ wish }: Plan): Promise<number> => {
  await endOfLifeline()
  return wish.kind === 'up' ? 0 : 130
}

/** Brings the cluster up in the namespaces we are in, lets it be used, and takes it down; the exit code. */
export const runInside = async (planFile: string): Promise<number> => {
  const plan = await readPlan(planFile)
  const env = withoutProxies(process.env)
  const cut = interrupted(plan)
  await setUpNetwork(plan.folder)
  const plane = await startControlPlane({ folder: plan.folder, binaries: plan.binaries, env })
  const control = await startControlServer(plane.processes)
  try {
    const sessionFile = join(plan.folder, 'cluster.json')
    await writeFile(sessionFile, JSON.stringify(sessionOf(plan, plane, control.url), null, 2))
    return await Promise.race([use(plan, sessionFile, env), cut, plane.died])
  } finally {
    control.close()
    await plane.stop()
    removeFolder(plan.folder) // the process outside may be no more
    letGo()
  }
}
