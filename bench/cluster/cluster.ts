import { type ChildProcess, spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ownNamespaces } from '../../test/cluster/namespace.ts'
import { makeFolder, removeFolder } from '../../test/cluster/session-folder.ts'
import { cacheRoot, gatherManifests, gatherPrograms } from '../../test/cluster/tools/gather-tools.ts'
import { withoutProxies } from '../../test/cluster/without-proxies.ts'
import type { Benchmark, BenchmarkIo, Figures } from '../benchmark.ts'
import { buildBundle } from '../passes/controller.ts'
import { type RolloutSettings, rolloutSettings } from '../rollout-settings.ts'
import { type Told, writeClusterPlan } from './plan.ts'

const insideFile = fileURLToPath(new URL('./inside.ts', import.meta.url))

/** A network, mounts and process numbers of its own: whatever happens, the kernel ends everything in there with its first process. */
const startInside = (planFile: string): ChildProcess => {
  const [file = '', ...args] = [...ownNamespaces(userInfo().uid), process.execPath, insideFile, planFile]
  return spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true, env: withoutProxies(process.env) })
}

const figuresFrom = (child: ChildProcess, { say, signal }: BenchmarkIo): Promise<Figures> => {
  const found = Promise.withResolvers<Figures>()
  const end = () => void (child.connected && child.disconnect())
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  child.on('message', (told: Told) => {
    if ('said' in told) say(told.said)
    else if ('figures' in told) found.resolve(told.figures)
    else found.reject(new Error(told.error))
  })
  child.once('error', found.reject)
  // What it tells last comes before this.
  child.once('disconnect', () => found.reject(signal.reason ?? new Error('the cluster ended before there were figures')))
  return found.promise
}

const run = async (settings: RolloutSettings, io: BenchmarkIo): Promise<Figures> => {
  const command = io.texts['cmd'] ?? ''
  if (command === '') {
    io.say('cluster: bundle the sources')
    await buildBundle()
  }
  const binaries = await gatherPrograms({ root: cacheRoot(process.env), say: io.say, signal: io.signal })
  const manifests = await gatherManifests(io)
  const folder = makeFolder()
  try {
    const child = startInside(await writeClusterPlan({ folder, binaries, manifests, settings, command }))
    const ended = new Promise(resolve => child.once('exit', resolve))
    const figures = await figuresFrom(child, io)
    await ended
    return figures
  } finally {
    removeFolder(folder)
  }
}

/** A controller on a real API server, with pods that kwok pretends to run. */
export const clusterBenchmark: Benchmark<RolloutSettings> = {
  name: 'cluster',
  summary: 'a real kube-apiserver with kwok pods and a counting Prometheus: requests by the audit log, lateness, CPU, memory, handshakes',
  settings: {
    ...rolloutSettings({ canaries: 100, interval: 10, progressing: 100, idleIntervals: 3, busyIntervals: 6 }),
  },
  texts: { cmd: { meaning: 'starts another controller of this API group; it is told KUBECONFIG and METRICS_SERVER' } },
  run,
}
