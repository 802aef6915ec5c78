import { Agent } from 'node:http'
import type { Address } from '../objects/network.ts'

/** One pod to send requests to, with the connections to it that are kept for reuse. */
export interface EndpointAgent {
  readonly address: Address
  readonly agent: Agent
  /** It is no endpoint any more: idle connections go now, busy ones when their request is done. */
  retire(): void
}

/** We close idle connections before a server does, or a request would now and then meet a connection that is just going away. */
const idleMs = 20_000
const keptConnections = 64

export const createEndpointAgent = (address: Address): EndpointAgent => {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: keptConnections, timeout: idleMs, scheduling: 'lifo' })
  return {
    address,
    agent,
    retire: () => {
      agent.maxFreeSockets = 0
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
    },
  }
}
