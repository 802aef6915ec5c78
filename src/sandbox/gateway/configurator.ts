import { type KubeObject, keyOf, keyText, type ObjectKey } from '../../api/object.ts'
import type { Clock } from '../../clock.ts'
import type { Io } from '../../io.ts'
import { isKubeError } from '../../kube/errors.ts'
import type { KubeApi, StoreEvent } from '../../kube/kube-api.ts'
import { type Again, createWorkQueue } from '../../kube/work-queue.ts'
import { endpointSlices, gatewayClasses, gateways, httpRoutes, namespaces, services } from '../objects/kinds.ts'
import { withStatus } from '../objects/view.ts'
import type { AddressLookup } from './endpoint-book.ts'
import { createGatewayWorld, serviceOfSlice } from './gateway-world.ts'
import type { GatewayMetrics } from './metrics.ts'
import { createRouteShelf } from './route-shelf.ts'
import type { RouteTable } from './route-table.ts'
import { gatewayClassWrite, gatewayWrite, routeWrite, type StatusWrite } from './status-writes.ts'

export interface ConfiguratorOptions {
  readonly api: KubeApi
  readonly gateway: ObjectKey
  readonly controllerName: string
  /** What the Gateway's status calls its address. */
  readonly address: string
  readonly clock: Clock
  readonly metrics: GatewayMetrics
}

/** Turns what the API says into what the data plane does, and tells the API when it is done. */
export interface Configurator {
  readonly table: () => RouteTable
  readonly isReady: () => boolean
  readonly addressesOf: AddressLookup
  /** Calls with `namespace/name` of a Service whose endpoints have changed. */
  onEndpoints(changed: (service: string) => void): void
  run(io: Io): Promise<void>
}

const notSyncedMs = 20
const conflictMs = 20
/** Changes that come together are compiled together. */
const gatherMs = 5
/** The only key of its queue: there is one configuration. */
const configuration = 'configuration'
/** Keys in the queue of statuses, beside those of routes. */
const classKey = 'gatewayclass'
const gatewayKeyText = 'gateway'

const keyOfText = (text: string): ObjectKey => {
  const slash = text.indexOf('/')
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

/** A conflict means that the watch is behind; an object that is gone, that it will say so. */
const afterRefusal = (error: unknown): Again => {
  if (isKubeError(error, 'Conflict')) return { afterMs: conflictMs }
  if (isKubeError(error, 'NotFound')) return { afterMs: undefined }
  throw error
}

/** A status that was written, by us for the most part, changes nothing of what is to be done. */
const isStatusOnly = (event: StoreEvent): boolean =>
  event.type === 'updated' &&
  event.object.metadata.generation !== undefined &&
  event.before.metadata.generation === event.object.metadata.generation

export const createConfigurator = ({ api, gateway, controllerName, address, clock, metrics }: ConfiguratorOptions): Configurator => {
  const seen = createGatewayWorld({ api, gateway, controllerName })
  const { world } = seen
  const shelf = createRouteShelf()
  let ready = false

  const wanted = (key: string): StatusWrite | undefined => {
    const time = { controllerName, nowMs: clock.nowMs() }
    const ours = seen.gateway()
    const gatewayClass = seen.gatewayClass()
    if (key === classKey) return gatewayClass && gatewayClassWrite(gatewayClass, time.nowMs)
    if (key === gatewayKeyText) return ours && gatewayWrite(ours, { ...time, address, verdicts: shelf.all().map(({ verdict }) => verdict) })
    const route = seen.route(keyOfText(key))
    return route && routeWrite(route, shelf.get(key), time)
  }

  /** Says what is in use now, as it is at the moment of writing. */
  const tell = async (key: string, io: Io): Promise<Again> => {
    const write = ready ? wanted(key) : undefined
    if (!write) return { afterMs: undefined }
    try {
      await api.updateStatus(write.kind, withStatus(write.object, write.status), io)
      return { afterMs: undefined }
    } catch (error) {
      return afterRefusal(error)
    }
  }
  const statuses = createWorkQueue({ clock, handle: tell, workers: 4 })

  /** What the API says becomes what the data plane does, in one step; only then is it told. */
  const configure = () => {
    const changed = shelf.update(seen.gateway(), seen.routes(), seen)
    for (const { clusters } of shelf.all()) for (const { name } of clusters) metrics.introduce(name)
    ready = true
    for (const key of [...changed, classKey, gatewayKeyText]) statuses.add(key)
  }
  const configuring = createWorkQueue({
    clock,
    workers: 1,
    handle: async () => {
      if (!world.hasSynced()) return { afterMs: notSyncedMs }
      configure()
      return { afterMs: undefined }
    },
  })
  const configureSoon = () => configuring.addAfter(configuration, gatherMs)

  const onRoute = (event: StoreEvent) => {
    if (isStatusOnly(event)) statuses.add(keyText(keyOf(event.object)))
    else configureSoon()
  }
  const onService = ({ object }: { readonly object: KubeObject }) => {
    shelf.serviceChanged(keyText(keyOf(object)))
    configureSoon()
  }
  const onFrame = (event: StoreEvent) => {
    if (isStatusOnly(event)) return
    shelf.everythingChanged()
    configureSoon()
  }
  world.onEvent(httpRoutes, onRoute)
  world.onEvent(services, onService)
  for (const kind of [gatewayClasses, gateways, namespaces]) world.onEvent(kind, onFrame)

  return {
    table: shelf.table,
    isReady: () => ready,
    addressesOf: seen.addressesOf,
    onEndpoints: changed => world.onEvent(endpointSlices, ({ object }) => changed(serviceOfSlice(object))),
    run: async io => {
      await Promise.all([world.run(io), configuring.run(io), statuses.run(io)])
    },
  }
}
