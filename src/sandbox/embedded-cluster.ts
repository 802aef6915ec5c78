import type { Clock } from '../clock.ts'
import type { Io, Logger } from '../io.ts'
import { type Connection, connect } from '../kube/connect.ts'
import type { KubeApi, Reflector } from '../kube/kube-api.ts'
import { createReflector } from '../kube/reflector.ts'
import { type ApiServer, startApiServer } from './apiserver/server.ts'
import { startControllers } from './controllers/start.ts'
import { startGateway } from './gateway/start.ts'
import { loopbackAddresses } from './node/addresses.ts'
import type { Images } from './node/program.ts'
import { startNode } from './node/start.ts'
import { pods } from './objects/kinds.ts'
import { startBestPrometheus } from './prometheus/real/binary.ts'
import { scrapeTargets } from './scrape-targets.ts'

export interface ClusterOptions {
  readonly clock: Clock
  readonly log: Logger
  /** What image names stand for. */
  readonly images: Images
  /** Where programs are looked up, as `PATH` writes it: a real Prometheus takes the place of the embedded one. */
  readonly path: string
  /** How often pods and the gateway are scraped. */
  readonly scrapeIntervalMs: number
  /** Name of the Gateway that the data plane serves, and its namespace. */
  readonly gateway: { readonly namespace: string; readonly name: string }
}

/** A small Kubernetes with a gateway and a Prometheus, all on loopback. */
export interface Cluster {
  readonly api: KubeApi
  readonly server: ApiServer
  /** Address of the API server. */
  readonly url: string
  readonly gatewayUrl: string
  readonly prometheusUrl: string
  readonly pods: Reflector
  /** Leaves no process, socket, timer or file behind. */
  stop(): Promise<void>
}

interface Part {
  stop(): Promise<unknown>
}

/** Starts the five parts, each speaking only public APIs, in the order in which they need each other. */
export const startCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const parts: Part[] = []
  const stop = async (): Promise<void> => {
    for (const part of parts.splice(0).toReversed()) await part.stop()
  }
  try {
    return { ...(await start(options, parts)), stop }
  } catch (error) {
    await stop() // what was started before would keep the process alive for ever
    throw error
  }
}

const start = async (options: ClusterOptions, parts: Part[]): Promise<Omit<Cluster, 'stop'>> => {
  const { clock, log, images, scrapeIntervalMs, gateway } = options
  const keep = <P extends Part>(part: P): P => {
    parts.push(part)
    return part
  }
  const server = keep(await startApiServer({ clock, log }))
  const connectAs = (userAgent: string): Connection => {
    const connection = connect({ server: server.url, token: server.adminToken, clock, userAgent, fieldManager: userAgent })
    keep({ stop: () => connection.close() })
    return connection
  }
  keep(startControllers({ api: connectAs('controllers').api, clock, log }))
  const addresses = await loopbackAddresses()
  keep(startNode({ api: connectAs('node').api, clock, log, images, addresses, nodeName: 'sandbox' }))
  const plane = keep(await startGateway({ api: connectAs('gateway').api, clock, log, gateway }))
  const { api } = connectAs('sandbox')
  const podWatch = keep(watchPods(api, { clock, log }))
  const gatewayTarget = { address: new URL(plane.adminUrl).host, path: '/metrics', labels: { job: 'gateway' } }
  const prometheus = keep(
    await startBestPrometheus(options.path, {
      clock,
      log,
      scrapeIntervalMs,
      discover: scrapeTargets(podWatch.reflector.store, [gatewayTarget]),
    }),
  )
  return {
    api,
    server,
    url: server.url,
    gatewayUrl: plane.url,
    prometheusUrl: prometheus.url,
    pods: podWatch.reflector,
  }
}

const watchPods = (api: KubeApi, { clock, log }: Pick<Io, 'clock' | 'log'>): Part & { readonly reflector: Reflector } => {
  const stopping = new AbortController()
  const reflector = createReflector({ api, kind: pods })
  const running = reflector.run({ clock, log, signal: stopping.signal })
  return {
    reflector,
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await running
    },
  }
}
