import * as z from 'zod'
import { IntOrString, Labels, viewOf } from './view.ts'

const ServicePort = z.looseObject({
  name: z.string().optional(),
  port: z.int(),
  protocol: z.string().default('TCP'),
  targetPort: IntOrString.optional(),
  appProtocol: z.string().optional(),
})
export type ServicePort = z.infer<typeof ServicePort>

const ServiceSpec = z.looseObject({
  type: z.string().default('ClusterIP'),
  clusterIP: z.string().optional(),
  selector: Labels.nullish(),
  ports: z.array(ServicePort).default([]),
  publishNotReadyAddresses: z.boolean().default(false),
  externalName: z.string().optional(),
})

export const readService = viewOf(z.looseObject({ spec: ServiceSpec }))
export type Service = ReturnType<typeof readService>

const EndpointPort = z.looseObject({
  name: z.string().nullish(),
  port: z.int().nullish(),
  protocol: z.string().nullish(),
  appProtocol: z.string().optional(),
})
export type EndpointPort = z.infer<typeof EndpointPort>

const Endpoint = z.looseObject({
  addresses: z.array(z.string()),
  conditions: z
    .looseObject({ ready: z.boolean().nullish(), serving: z.boolean().nullish(), terminating: z.boolean().nullish() })
    .default({}),
  targetRef: z.looseObject({ kind: z.string().optional(), name: z.string().optional() }).optional(),
})
export type Endpoint = z.infer<typeof Endpoint>

export const readEndpointSlice = viewOf(
  z.looseObject({ addressType: z.string(), endpoints: z.array(Endpoint).nullish(), ports: z.array(EndpointPort).nullish() }),
)
export type EndpointSlice = ReturnType<typeof readEndpointSlice>

export const serviceNameLabel = 'kubernetes.io/service-name'

/** One place to send a request to. `pod` is its name, or the address again where the endpoint names no pod. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly pod: string
}

/**
 * Where a port of a Service leads: the ready endpoints of its slices, each once, in a stable order. Slices name ports as the Service does,
 * so that one Service port may lead to different numbers in different pods. A condition that is absent means yes.
 */
export const readyAddresses = (slices: readonly EndpointSlice[], portName: string): readonly Address[] => {
  const found = slices.flatMap(({ ports, endpoints }) => {
    const port = (ports ?? []).find(one => (one.name ?? '') === portName)?.port
    if (port === undefined || port === null) return []
    return (endpoints ?? [])
      .filter(({ conditions }) => conditions.ready !== false)
      .flatMap(({ addresses, targetRef }) => addresses.slice(0, 1).map(host => ({ host, port, pod: targetRef?.name ?? host })))
  })
  const each = new Map(found.map(address => [`${address.host}:${address.port}`, address]))
  return [...each.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, address]) => address)
}

/** Addresses of the ready endpoints of these slices, each once, in a stable order. */
export const readyHosts = (slices: readonly EndpointSlice[]): readonly string[] => {
  const ready = slices.flatMap(({ endpoints }) => (endpoints ?? []).filter(({ conditions }) => conditions.ready !== false))
  return [...new Set(ready.flatMap(({ addresses }) => addresses.slice(0, 1)))].sort()
}
