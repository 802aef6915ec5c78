import { keyText } from '../../api/object.ts'
import type { Address } from '../objects/network.ts'
import type { Cluster } from './backend.ts'
import { createEndpointAgent, type EndpointAgent } from './endpoint-agent.ts'

/** Who may be sent a request right now. */
export interface EndpointBook {
  /** The ready endpoints of a cluster, beginning with another one each time. */
  inTurn(cluster: Cluster): readonly EndpointAgent[]
  /** Reads the endpoints of a Service anew; those that have left get nothing more from this moment on. */
  refresh(service: string): void
  /** Lets go of everything. */
  close(): void
}

/** The ready addresses behind a port of a Service (`namespace/name`), as they are now. */
export type AddressLookup = (service: string, portName: string) => readonly Address[]

interface Page {
  readonly endpoints: ReadonlyMap<string, EndpointAgent>
  turn: number
}

const addressText = ({ host, port }: Address): string => `${host}:${port}`

export const createEndpointBook = (addressesOf: AddressLookup): EndpointBook => {
  /** By Service, then by the name of its port. */
  const pages = new Map<string, Map<string, Page>>()

  const turnPage = (service: string, portName: string, before: Page | undefined): Page => {
    const addresses = addressesOf(service, portName)
    const endpoints = new Map(
      addresses.map(address => [addressText(address), before?.endpoints.get(addressText(address)) ?? createEndpointAgent(address)]),
    )
    for (const [text, endpoint] of before?.endpoints ?? []) if (!endpoints.has(text)) endpoint.retire()
    return { endpoints, turn: before?.turn ?? 0 }
  }

  const pageOf = ({ service, portName }: Cluster): Page => {
    const text = keyText(service)
    const ports = pages.get(text) ?? new Map<string, Page>()
    pages.set(text, ports)
    const page = ports.get(portName) ?? turnPage(text, portName, undefined)
    ports.set(portName, page)
    return page
  }

  return {
    inTurn: cluster => {
      const page = pageOf(cluster)
      const all = [...page.endpoints.values()]
      const first = all.length === 0 ? 0 : page.turn++ % all.length
      return [...all.slice(first), ...all.slice(0, first)]
    },
    refresh: service => {
      const ports = pages.get(service)
      for (const [portName, page] of ports ?? []) ports?.set(portName, turnPage(service, portName, page))
    },
    close: () => {
      for (const ports of pages.values())
        for (const { endpoints } of ports.values()) for (const endpoint of endpoints.values()) endpoint.agent.destroy()
      pages.clear()
    },
  }
}
