import { keyOf, keyText } from '../../api/object.ts'
import type { Clock } from '../../clock.ts'
import type { Io, Logger } from '../../io.ts'
import { createEventRecorder } from '../../kube/event-recorder.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { pods } from '../objects/kinds.ts'
import { createServiceBook } from '../objects/service-book.ts'
import { createWorld } from '../objects/world.ts'
import type { Addresses } from './addresses.ts'
import { keepAlive } from './heartbeat.ts'
import { createPodAgent } from './pod-agent.ts'
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
}

export interface RunningNode extends Pick<ServiceProxy, 'resolveService'> {
  /** Ends every pod here and resolves when no program, socket, file or timer of it is left. The API keeps the pods, as with a kubelet that stops. */
  stop(): Promise<void>
}

/** Pods get so long to end in good order when the node stops. */
const stopGraceMs = 2000

/** Starts a node agent: what a kubelet does, with programs in place of containers. */
export const startNode = ({ api, clock, log, images, addresses, nodeName, hostIp = '127.0.0.1' }: NodeOptions): RunningNode => {
  const stopping = new AbortController()
  const podsEnded = new AbortController()
  const io: Io = { signal: stopping.signal, clock, log: log.child({ node: nodeName }) }
  const world = createWorld(api, [{ kind: pods, fieldSelector: `spec.nodeName=${nodeName}` }])
  const store = world.store(pods)
  const book = createServiceBook(api)
  const events = createEventRecorder({ api, component: 'kubelet', instance: nodeName })
  const agent = createPodAgent({
    api,
    events,
    store,
    hasSynced: world.hasSynced,
    images,
    addresses,
    hostIp,
    io: { ...io, signal: podsEnded.signal },
  })
  world.onEvent(pods, ({ object }) => agent.queue.add(keyText(keyOf(object))))
  const proxy = createServiceProxy(book, clock)
  const parts = [world, book, agent.queue, proxy, events]
  const running = Promise.all([...parts.map(part => part.run(io)), keepAlive({ api, nodeName, hostIp }, io)])
  return {
    resolveService: proxy.resolveService,
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await running
      await agent.endAll(stopGraceMs)
      podsEnded.abort(new Error('stopped'))
    },
  }
}
