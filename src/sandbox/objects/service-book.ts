import { type KubeObject, keyOf, keyText, type ObjectKey } from '../../api/object.ts'
import type { Io } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { endpointSlices, services } from './kinds.ts'
import { type Address, readEndpointSlice, readService, readyAddresses, readyHosts, type Service, serviceNameLabel } from './network.ts'
import { createWorld } from './world.ts'

/** Which Services there are and where they lead, kept true by watches. */
export interface ServiceBook {
  hasSynced(): boolean
  service(key: ObjectKey): Service | undefined
  /** The Service whose ClusterIP this is. */
  serviceAt(clusterIp: string): Service | undefined
  /** Where a port of a Service leads just now. */
  addresses(key: ObjectKey, portName: string): readonly Address[]
  /** The ready endpoints of a Service, whatever their ports. */
  hosts(key: ObjectKey): readonly string[]
  /** Hears of every Service there is, and of every change of one; not of its endpoints. */
  onService(handler: (key: ObjectKey) => void): void
  /** Runs until `io.signal` aborts. */
  run(io: Io): Promise<void>
}

const byService = 'service'
const byAddress = 'address'

const serviceText = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.labels?.[serviceNameLabel] ?? ''}`

/** The address of its own that a Service has; '' where it has none. */
export const clusterIpOf = ({ spec }: Service): string => {
  const { type, clusterIP = '' } = spec
  return type === 'ExternalName' || clusterIP === 'None' ? '' : clusterIP
}

export const createServiceBook = (api: KubeApi): ServiceBook => {
  const world = createWorld(api, [
    { kind: services, indexes: { [byAddress]: object => [clusterIpOf(readService(object))] } },
    { kind: endpointSlices, indexes: { [byService]: slice => [serviceText(slice)] } },
  ])
  const slicesOf = (key: ObjectKey) => world.store(endpointSlices).byIndex(byService, keyText(key)).map(readEndpointSlice)
  return {
    hasSynced: world.hasSynced,
    service: key => {
      const found = world.store(services).get(key)
      return found && readService(found)
    },
    serviceAt: clusterIp => {
      const [found] = clusterIp === '' ? [] : world.store(services).byIndex(byAddress, clusterIp)
      return found && readService(found)
    },
    addresses: (key, portName) => readyAddresses(slicesOf(key), portName),
    hosts: key => readyHosts(slicesOf(key)),
    onService: handler => world.onEvent(services, ({ object }) => handler(keyOf(object))),
    run: world.run,
  }
}
