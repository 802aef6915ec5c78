import { keyOf, keyText, type ObjectKey } from '../../api/object.ts'
import type { Clock } from '../../clock.ts'
import type { Io } from '../../io.ts'
import { createWorkQueue } from '../../kube/work-queue.ts'
import type { Service } from '../objects/network.ts'
import { clusterIpOf, type ServiceBook } from '../objects/service-book.ts'
import { serviceOfHost } from '../objects/service-names.ts'
import { type Forwarder, openForwarder, type SocketPlace } from './tcp-forwarder.ts'

/** Makes Service addresses work on this machine, as kube-proxy does. */
export interface ServiceProxy {
  /**
   * Where a Service really listens: `host` is its ClusterIP, or its name as programs in `namespace` may write it. Mostly the ClusterIP and the
   * same port; another one where the system grants neither. Undefined when there is no such Service or port.
   */
  resolveService(host: string, port: number, namespace?: string): SocketPlace | undefined
  /** Runs until `io.signal` aborts; then no socket is left. */
  run(io: Io): Promise<void>
}

export interface ServiceProxyOptions {
  /** Kept true by whoever runs it. */
  readonly book: ServiceBook
  readonly clock: Clock
  /**
   * Whether a Service may listen elsewhere when the system refuses its address: good where everybody asks `resolveService`. Where others take
   * addresses at their word, it is tried again instead.
   */
  readonly elsewhere: boolean
}

const notSyncedMs = 20
/** How soon an address that was refused, because some program holds it for instance, is tried again. */
const refusedMs = 1000

interface Wish {
  readonly ip: string
  readonly port: number
  readonly portName: string
}

/** One port of one Service at work. */
interface Opening extends Wish {
  readonly forwarder: Forwarder
}

/** By port of the Service. */
type Openings = Map<number, Opening>

const wishesOf = (service: Service | undefined): Wish[] => {
  const ip = service ? clusterIpOf(service) : ''
  if (!service || ip === '') return []
  const tcp = service.spec.ports.filter(({ protocol }) => protocol === 'TCP')
  return tcp.map(({ port, name = '' }) => ({ ip, port, portName: name }))
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

const placesFor = ({ ip, port }: Wish, elsewhere: boolean): readonly SocketPlace[] => [
  { host: ip, port },
  ...(elsewhere ? [ip, '127.0.0.1'].map(host => ({ host, port: 0 })) : []),
]

export const createServiceProxy = ({ book, clock, elsewhere }: ServiceProxyOptions): ServiceProxy => {
  /** By Service. */
  const openings = new Map<string, Openings>()

  const open = async (text: string, wish: Wish, io: Io): Promise<Opening | undefined> => {
    const inTurn = takingTurns<SocketPlace>()
    const choose = () => inTurn(book.addresses(keyOfText(text), wish.portName))
    const forwarder = await openForwarder(placesFor(wish, elsewhere), choose)
    if (forwarder?.place.port !== wish.port)
      io.log.warn({ service: text, ...wish, instead: forwarder?.place }, 'the address of a service cannot be listened on')
    return forwarder && { ...wish, forwarder }
  }

  const closeUnwanted = async (have: Openings, wanted: ReadonlyMap<number, Wish>) => {
    for (const [port, { ip, portName, forwarder }] of have) {
      const wish = wanted.get(port)
      if (wish?.ip === ip && wish.portName === portName) continue
      have.delete(port)
      await forwarder.close()
    }
  }

  /** Whether every wish is fulfilled now. */
  const settle = async (text: string, io: Io): Promise<boolean> => {
    const wanted = new Map(wishesOf(book.service(keyOfText(text))).map(wish => [wish.port, wish]))
    const have: Openings = openings.get(text) ?? new Map()
    openings.set(text, have)
    await closeUnwanted(have, wanted)
    for (const wish of [...wanted.values()].filter(({ port }) => !have.has(port))) {
      const opening = await open(text, wish, io)
      if (opening) have.set(wish.port, opening)
    }
    if (have.size === 0) openings.delete(text)
    return have.size === wanted.size
  }

  const queue = createWorkQueue({
    clock,
    handle: async (text, io) => {
      if (!book.hasSynced()) return { afterMs: notSyncedMs }
      return { afterMs: (await settle(text, io)) ? undefined : refusedMs }
    },
  })
  book.onService(key => queue.add(keyText(key)))

  const closeAll = async () => {
    const all = [...openings.values()].flatMap(ports => [...ports.values()])
    openings.clear()
    await Promise.all(all.map(({ forwarder }) => forwarder.close()))
  }

  const textOf = (host: string, namespace: string): string | undefined => {
    const byIp = book.serviceAt(host)
    const key = byIp ? keyOf(byIp) : serviceOfHost(host, namespace)
    return key && keyText(key)
  }

  return {
    resolveService: (host, port, namespace = 'default') => openings.get(textOf(host, namespace) ?? '')?.get(port)?.forwarder.place,
    run: async io => {
      await queue.run(io)
      await closeAll()
    },
  }
}
