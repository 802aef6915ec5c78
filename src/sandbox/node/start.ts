import type { Clock } from '../../clock.ts'
import type { Io, Logger } from '../../io.ts'
import { createEventRecorder } from '../../kube/event-recorder.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { pods } from '../objects/kinds.ts'
import { createServiceBook } from '../objects/service-book.ts'
import { createWorld } from '../objects/world.ts'
import type { Addresses } from './addresses.ts'
import { keepAlive } from './heartbeat.ts'
import { clusterEnvOf, type Machine } from './machine.ts'
import { createPodAgent, type PodAgent } from './pod-agent.ts'
import type { Images } from './program.ts'
import { createServiceProxy, type ServiceProxy } from './service-proxy.ts'

export interface NodeOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly log: Logger
  readonly images: Images
  readonly addresses: Addresses
  readonly nodeName: string
  /** The machine's own address, as pods learn it. */
  readonly hostIp?: string
  /** Gives programs a view of the file system with their mounts at their own paths; `canHaveOwnRoot` says whether that can be. */
  readonly ownRoots?: boolean
  /** Who answers for names in such views. */
  readonly dnsIp?: string
  /** Whether Services may listen elsewhere than at their own addresses where the system refuses these; then only `resolveService` finds them. */
  readonly servicesElsewhere?: boolean
}

export interface RunningNode extends Pick<ServiceProxy, 'resolveService'>, Pick<PodAgent, 'running'> {
  /** Ends every pod here and resolves when no program, socket, file or timer of it is left. The API keeps the pods, as with a kubelet that stops. */
  stop(): Promise<void>
}

/** Pods get so long to end in good order when the node stops. */
const stopGraceMs = 2000

/** Starts a node agent: what a kubelet does, with programs in place of containers. */
export const startNode = (options: NodeOptions): RunningNode => {
  const { api, clock, log, images, addresses, nodeName, hostIp = '127.0.0.1', ownRoots = false, servicesElsewhere = true, dnsIp } = options
  const stopping = new AbortController()
  const podsEnded = new AbortController()
  const io: Io = { signal: stopping.signal, clock, log: log.child({ node: nodeName }) }
  const world = createWorld(api, [{ kind: pods, fieldSelector: `spec.nodeName=${nodeName}` }])
  const store = world.store(pods)
  const book = createServiceBook(api)
  const events = createEventRecorder({ api, component: 'kubelet', instance: nodeName })
  const machine: Machine = { api, images, addresses, hostIp, ownRoots, dnsIp, clusterEnv: () => clusterEnvOf(book) }
  const agent = createPodAgent({
    machine,
    events,
    store,
    // Without the Services, the first containers would not learn where the API server is.
    hasSynced: () => world.hasSynced() && book.hasSynced(),
    io: { ...io, signal: podsEnded.signal },
  })
  world.onEvent(pods, agent.hear)
  const proxy = createServiceProxy({ book, clock, elsewhere: servicesElsewhere })
  const parts = [world, book, agent.queue, proxy, events]
  const running = Promise.all([...parts.map(part => part.run(io)), keepAlive({ api, nodeName, hostIp }, io)])
  return {
    resolveService: proxy.resolveService,
    running: agent.running,
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await running
      await agent.endAll(stopGraceMs)
      podsEnded.abort(new Error('stopped'))
    },
  }
}
