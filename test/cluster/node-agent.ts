import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { sleep, systemClock } from '../../src/clock.ts'
import { environmentOf } from '../../src/config/child-environment.ts'
import { messageOf } from '../../src/errors.ts'
import type { Io } from '../../src/io.ts'
import { createKubeApi } from '../../src/kube/client.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { loadKubeConfig } from '../../src/kube/kube-config.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { startDns } from '../../src/sandbox/dns/start.ts'
import { sightingsOf } from '../../src/sandbox/metrics-api/sightings.ts'
import { startMetricsApi } from '../../src/sandbox/metrics-api/start.ts'
import { clusterAddressRange } from '../../src/sandbox/node/addresses.ts'
import { canHaveOwnRoot } from '../../src/sandbox/node/own-root.ts'
import { startNode } from '../../src/sandbox/node/start.ts'
import { isTrue } from '../../src/sandbox/objects/conditions.ts'
import { nodes } from '../../src/sandbox/objects/kinds.ts'
import { readNode } from '../../src/sandbox/objects/node.ts'
import { imageTable, type ProgramFiles } from '../../src/sandbox/programs/image-table.ts'
import { untilStopped } from '../../src/stop-signals.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { loopbackCert, loopbackKey } from '../support/loopback-tls.ts'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import { dnsAddress, hostAddress } from './namespace.ts'

const usage = `Usage: node test/cluster/node-agent.ts SESSION_FILE

Runs a node of the cluster that the session file tells of, its DNS and its resource metrics, until SIGTERM. To be started inside the cluster's
network. Says "ready" on standard output once the Node is; logs go to standard error, what containers print among them.`

const nodeName = 'node-1'
/** Half of the pod network; the other half is free for endpoints that tests make by hand. */
const podRange = '10.244.128.0/17'
const repository = resolve(import.meta.dirname, '../..')
const metricsPort = 4443
/** Often enough for a scaler that looks every two seconds to see what happened since. */
const sampleMs = 2000
const readyPollMs = 50

const programFiles = ({ binaries }: ClusterUnderTest): ProgramFiles => ({
  node: process.execPath,
  demoApp: resolve(repository, 'src/sandbox/programs/demo-app.ts'),
  serin: binaries['serin'] ?? resolve(repository, 'src/main.ts'),
  binaries,
  env: environmentOf(),
})

interface Part {
  stop(): Promise<unknown>
}

const untilReady = async (api: KubeApi, io: Io): Promise<void> => {
  while (!io.signal.aborted) {
    const found = await api.get(nodes, { namespace: '', name: nodeName }, io).catch(() => undefined)
    if (found && isTrue(readNode(found).status.conditions, 'Ready')) return
    await sleep(io.clock, readyPollMs, io.signal)
  }
}

/** The parts of a node. */
const startParts = async (cluster: ClusterUnderTest, api: KubeApi, io: Io): Promise<readonly Part[]> => {
  const { clock, log } = io
  const dns = await startDns({ api, clock, log, host: dnsAddress, port: 53 })
  const ownRoots = await canHaveOwnRoot()
  if (!ownRoots) log.warn({}, 'no mounts of their own for containers here: mount paths in their arguments are replaced instead')
  const images = imageTable(programFiles(cluster))
  const addresses = clusterAddressRange(podRange)
  const inside = { ownRoots, dnsIp: dnsAddress, servicesElsewhere: false }
  const node = startNode({ api, clock, log, images, addresses, nodeName, hostIp: hostAddress, ...inside })
  const look = () => sightingsOf(node)
  const tls = { cert: loopbackCert, key: loopbackKey }
  const metrics = await startMetricsApi({ api, clock, log, host: hostAddress, port: metricsPort, tls, nodeName, look, sampleMs })
  await untilReady(api, io)
  return [dns, node, metrics]
}

/** What pods write goes with the session's folder, also when we are killed and cannot clear up. */
const keepFilesWith = (sessionFile: string): void => {
  const folder = join(dirname(sessionFile), 'pods')
  mkdirSync(folder, { recursive: true })
  process.env['TMPDIR'] = folder
}

const run = async (sessionFile: string): Promise<void> => {
  keepFilesWith(sessionFile)
  const stopping = new AbortController()
  const stopped = untilStopped().then(() => stopping.abort(new Error('stopped')))
  const clock = systemClock()
  const io: Io = { clock, signal: stopping.signal, log: createLogger({ logLevel: 'debug', logFormat: 'json' }) }
  const cluster: ClusterUnderTest = JSON.parse(readFileSync(sessionFile, 'utf8'))
  const transport = createTransport({ ...(await loadKubeConfig({ kubeconfig: cluster.kubeconfig })), clock, userAgent: 'serin-node-agent' })
  const api = createKubeApi({ transport, fieldManager: 'node-agent' })
  const parts = await startParts(cluster, api, io)
  process.stdout.write('ready\n')
  await stopped
  await Promise.all(parts.map(part => part.stop()))
  await transport.close()
}

const [sessionFile] = process.argv.slice(2)
if (sessionFile === undefined) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
} else {
  await run(sessionFile).catch((error: unknown) => {
    process.stderr.write(`node agent: ${messageOf(error)}\n`)
    process.exit(1)
  })
}
