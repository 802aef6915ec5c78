import type { KubeObject, ObjectKey } from '../../api/object.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { type Gateway, type GatewayClass, type HttpRoute, readGateway, readGatewayClass, readHttpRoute } from '../objects/gateway-api.ts'
import { endpointSlices, gatewayClasses, gateways, httpRoutes, namespaces, services } from '../objects/kinds.ts'
import { type Address, readEndpointSlice, readService, readyAddresses, serviceNameLabel } from '../objects/network.ts'
import { createWorld, type World } from '../objects/world.ts'
import type { CompileWorld } from './configuration.ts'

/** What a gateway sees of the cluster. */
export interface GatewayWorld extends CompileWorld {
  readonly world: World
  /** The class of our Gateway, when it is one of ours. */
  gatewayClass(): GatewayClass | undefined
  /** Our Gateway, when it is of such a class. */
  gateway(): Gateway | undefined
  routes(): readonly HttpRoute[]
  route(key: ObjectKey): HttpRoute | undefined
  /** The ready addresses behind a port of a Service (`namespace/name`). */
  addressesOf(service: string, portName: string): readonly Address[]
}

const byService = 'service'

/** `namespace/name` of the Service that a slice belongs to. */
export const serviceOfSlice = ({ metadata }: KubeObject): string =>
  `${metadata.namespace ?? ''}/${metadata.labels?.[serviceNameLabel] ?? ''}`

export interface GatewayWorldOptions {
  readonly api: KubeApi
  readonly gateway: ObjectKey
  readonly controllerName: string
}

export const createGatewayWorld = ({ api, gateway: gatewayKey, controllerName }: GatewayWorldOptions): GatewayWorld => {
  const world = createWorld(api, [
    { kind: gatewayClasses },
    { kind: gateways },
    { kind: httpRoutes },
    { kind: services },
    { kind: namespaces },
    { kind: endpointSlices, indexes: { [byService]: slice => [serviceOfSlice(slice)] } },
  ])
  const named = () => {
    const object = world.store(gateways).get(gatewayKey)
    return object && readGateway(object)
  }
  const gatewayClass = () => {
    const name = named()?.spec.gatewayClassName
    const object = name === undefined ? undefined : world.store(gatewayClasses).get({ namespace: '', name })
    const found = object && readGatewayClass(object)
    return found?.spec.controllerName === controllerName ? found : undefined
  }
  return {
    world,
    gatewayClass,
    gateway: () => (gatewayClass() ? named() : undefined),
    routes: () => world.store(httpRoutes).list().map(readHttpRoute),
    route: key => {
      const object = world.store(httpRoutes).get(key)
      return object && readHttpRoute(object)
    },
    serviceOf: key => {
      const object = world.store(services).get(key)
      return object && readService(object)
    },
    namespaceLabels: name => world.store(namespaces).get({ namespace: '', name })?.metadata.labels ?? {},
    addressesOf: (service, portName) =>
      readyAddresses(world.store(endpointSlices).byIndex(byService, service).map(readEndpointSlice), portName),
  }
}
