import { createServer } from 'node:http'
import { keyText, type ObjectKey } from '../../api/object.ts'
import type { Clock } from '../../clock.ts'
import type { Io, Logger } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { createAdminServer } from './admin-server.ts'
import { createConfigurator } from './configurator.ts'
import { createEndpointBook } from './endpoint-book.ts'
import { serve } from './exchange.ts'
import { closeServer, listenOn } from './listening.ts'
import { createGatewayMetrics, type Served } from './metrics.ts'

export interface GatewayOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly log: Logger
  /** The Gateway that this data plane is. */
  readonly gateway: ObjectKey
  /** Gateways of classes with this name are its. */
  readonly controllerName?: string
  readonly host?: string
  /** Where requests come in; 0 or absent is any free port. All listeners of the Gateway share it. */
  readonly port?: number
  /** Where metrics are read; 0 or absent is any free port. */
  readonly adminPort?: number
}

export interface RunningGateway {
  readonly url: string
  readonly adminUrl: string
  readonly port: number
  readonly adminPort: number
  /** How requests were really split, in sums since the start. */
  served(): readonly Served[]
  /** Lets requests end, then resolves when no socket, timer or watch is left. */
  stop(): Promise<void>
}

export const defaultControllerName = 'serin.dev/sandbox-gateway'
const stopGraceMs = 2000
/** Longer than clients keep idle connections: the side that sends requests should be the one to close. */
const keepAliveTimeout = 75_000

/** Starts a Gateway API data plane: routes of one Gateway, obeyed with real requests. Resolves when it listens. */
export const startGateway = async (options: GatewayOptions): Promise<RunningGateway> => {
  const { api, clock, log, gateway, controllerName = defaultControllerName, host = '127.0.0.1', port = 0, adminPort = 0 } = options
  const stopping = new AbortController()
  const io: Io = { signal: stopping.signal, clock, log: log.child({ gateway: keyText(gateway) }) }
  const metrics = createGatewayMetrics()
  const configurator = createConfigurator({ api, gateway, controllerName, address: host, clock, metrics })
  const book = createEndpointBook(configurator.addressesOf)
  configurator.onEndpoints(service => book.refresh(service))
  const gear = { table: configurator.table, book, metrics, clock, log: io.log, isLeaving: () => !server.listening }
  const server = createServer({ keepAliveTimeout }, (message, response) => void serve(message, response, gear))
  const admin = createAdminServer({ metrics, isReady: configurator.isReady })
  const realPort = await listenOn(server, host, port)
  const realAdminPort = await listenOn(admin, host, adminPort)
  const running = configurator.run(io)
  return {
    url: `http://${host}:${realPort}`,
    adminUrl: `http://${host}:${realAdminPort}`,
    port: realPort,
    adminPort: realAdminPort,
    served: metrics.served,
    stop: async () => {
      await Promise.all([server, admin].map(one => closeServer(one, stopGraceMs, clock.schedule)))
      stopping.abort(new Error('stopped'))
      await running
      book.close()
    },
  }
}
