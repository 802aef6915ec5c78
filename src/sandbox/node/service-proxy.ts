import { type KubeObject, keyOf, keyText, type ObjectKey } from '../../api/object.ts'
import type { Io } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { createWorkQueue } from '../../kube/work-queue.ts'
import { endpointSlices, services } from '../objects/kinds.ts'
import { readEndpointSlice, readService, readyAddresses, serviceNameLabel } from '../objects/network.ts'
import { createWorld } from '../objects/world.ts'
import { serviceOfHost } from './service-names.ts'
import { type Forwarder, openForwarder, type SocketPlace } from './tcp-forwarder.ts'

/** Makes Service addresses work on this machine, as kube-proxy and the cluster's DNS do. */
export interface ServiceProxy {
  /**
   * Where a Service really listens: `host` is its ClusterIP, or its name as programs in `namespace` may write it. Mostly the ClusterIP and the
   * same port; another one where the system grants neither. Undefined when there is no such Service or port.
   */
  resolveService(host: string, port: number, namespace?: string): SocketPlace | undefined
  /** Runs until `io.signal` aborts; then no socket is left. */
  run(io: Io): Promise<void>
}

const byService = 'service'
const byAddress = 'address'
const notSyncedMs = 20

/** One port of one Service at work. */
interface Opening {
  readonly ip: string
  readonly forwarder: Forwarder
}

/** By port of the Service. */
type Openings = Map<number, Opening>

interface Wish {
  readonly ip: string
  readonly port: number
  readonly portName: string
}

const serviceText = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.labels?.[serviceNameLabel] ?? ''}`

const clusterIpOf = (object: KubeObject): string => {
  const { type, clusterIP = '' } = readService(object).spec
  return type === 'ExternalName' || clusterIP === 'None' ? '' : clusterIP
}

const wishesOf = (object: KubeObject | undefined): Wish[] => {
  const ip = object ? clusterIpOf(object) : ''
  if (!object || ip === '') return []
  const { ports } = readService(object).spec
  return ports.filter(({ protocol }) => protocol === 'TCP').map(({ port, name = '' }) => ({ ip, port, portName: name }))
}

/** Turns a list by one with each call. */
const takingTurns = <T>(): ((items: readonly T[]) => readonly T[]) => {
  let turn = 0
  return items => {
    const first = items.length === 0 ? 0 : turn++ % items.length
    return [...items.slice(first), ...items.slice(0, first)]
  }
}

const keyOfText = (text: string): ObjectKey => {
  const slash = text.indexOf('/')
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

export const createServiceProxy = (api: KubeApi, clock: Io['clock']): ServiceProxy => {
  const world = createWorld(api, [
    { kind: services, indexes: { [byAddress]: object => [clusterIpOf(object)] } },
    { kind: endpointSlices, indexes: { [byService]: slice => [serviceText(slice)] } },
  ])
  /** By Service. */
  const openings = new Map<string, Openings>()

  const open = async (text: string, { ip, port, portName }: Wish, io: Io): Promise<Opening | undefined> => {
    const inTurn = takingTurns<SocketPlace>()
    const choose = () => inTurn(readyAddresses(world.store(endpointSlices).byIndex(byService, text).map(readEndpointSlice), portName))
    const places = [
      { host: ip, port },
      { host: ip, port: 0 },
      { host: '127.0.0.1', port: 0 },
    ]
    const forwarder = await openForwarder(places, choose)
    if (forwarder) return { ip, forwarder }
    io.log.warn({ service: text, ip, port }, 'the address of a service cannot be listened on')
    return undefined
  }

  const closeUnwanted = async (have: Openings, wanted: ReadonlyMap<number, Wish>) => {
    for (const [port, { ip, forwarder }] of have) {
      if (wanted.get(port)?.ip === ip) continue
      have.delete(port)
      await forwarder.close()
    }
  }

  const settle = async (text: string, io: Io) => {
    const wanted = new Map(wishesOf(world.store(services).get(keyOfText(text))).map(wish => [wish.port, wish]))
    const have: Openings = openings.get(text) ?? new Map()
    openings.set(text, have)
    await closeUnwanted(have, wanted)
    for (const wish of [...wanted.values()].filter(({ port }) => !have.has(port))) {
      const opening = await open(text, wish, io)
      if (opening) have.set(wish.port, opening)
    }
    if (have.size === 0) openings.delete(text)
  }

  const queue = createWorkQueue({
    clock,
    handle: async (text, io) => {
      if (!world.hasSynced()) return { afterMs: notSyncedMs }
      await settle(text, io)
      return { afterMs: undefined }
    },
  })
  world.onEvent(services, ({ object }) => queue.add(keyText(keyOf(object))))

  const closeAll = async () => {
    const all = [...openings.values()].flatMap(ports => [...ports.values()])
    openings.clear()
    await Promise.all(all.map(({ forwarder }) => forwarder.close()))
  }

  const textOf = (host: string, namespace: string): string | undefined => {
    const [byIp] = world.store(services).byIndex(byAddress, host)
    const key = byIp ? keyOf(byIp) : serviceOfHost(host, namespace)
    return key && keyText(key)
  }

  return {
    resolveService: (host, port, namespace = 'default') => openings.get(textOf(host, namespace) ?? '')?.get(port)?.forwarder.place,
    run: async io => {
      await Promise.all([world.run(io), queue.run(io)])
      await closeAll()
    },
  }
}
