import { createServer } from 'node:net'

/** Where a pod lives: an address, and for each container port the port on it where the pod really listens. */
export interface PodAddress {
  readonly ip: string
  readonly ports: ReadonlyMap<number, number>
}

/** Gives each pod a place on this machine. */
export interface Addresses {
  acquire(containerPorts: readonly number[]): Promise<PodAddress>
  release(address: PodAddress): void
}

/** Whether a socket may listen there; 0 asks for any free port. Answers with the port, or undefined. */
export const tryListen = (host: string, port: number): Promise<number | undefined> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined))
    })
  })

/** The wanted port where it can be had, else a free one: ports below 1024 need root on many systems. */
const portOn = async (ip: string, wanted: number): Promise<[number, number]> => {
  const port = (await tryListen(ip, wanted)) ?? (await tryListen(ip, 0))
  if (port === undefined) throw new Error(`expected to listen on ${ip}, but the system refuses every port there`)
  return [wanted, port]
}

const placeOn = async (ip: string, containerPorts: readonly number[]): Promise<PodAddress> => ({
  ip,
  ports: new Map(await Promise.all(containerPorts.map(port => portOn(ip, port)))),
})

/** The ports that were asked for, as containers of a real cluster have them: one that is taken is the program's problem. */
const asAsked = async (ip: string, containerPorts: readonly number[]): Promise<PodAddress> => ({
  ip,
  ports: new Map(containerPorts.map(port => [port, port])),
})

const toNumber = (ip: string): number => ip.split('.').reduce((number, part) => number * 256 + Number(part), 0)
const toText = (number: number): string => [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.')

/** Host addresses of an IPv4 prefix, without its first and last. */
const rangeOf = (cidr: string): { readonly first: number; readonly size: number } => {
  const [, base = '', bits = '32'] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr) ?? []
  const size = 2 ** (32 - Number(bits))
  if (size < 4) throw new Error(`expected a prefix such as 127.20.0.0/16, got ${JSON.stringify(cidr)}`)
  return { first: toNumber(base) + 1, size: size - 2 }
}

/**
 * An address of its own for each pod, from a prefix whose every address is local to this machine: 127.0.0.0/8 on Linux, or a prefix on `lo`.
 * Addresses go round, so that one that was given back rests as long as possible before somebody else answers there.
 */
export const addressRange = (cidr: string): Addresses => range(cidr, placeOn)

/**
 * The same for a cluster whose other parts know nothing of ports that moved: a pod has the ports it asked for, or its program fails.
 */
export const clusterAddressRange = (cidr: string): Addresses => range(cidr, asAsked)

const range = (cidr: string, place: typeof placeOn): Addresses => {
  const { first, size } = rangeOf(cidr)
  const taken = new Set<string>()
  let next = 0
  const take = (): string => {
    for (let tried = 0; tried < size; tried++) {
      const ip = toText(first + (next++ % size))
      if (!taken.has(ip)) return ip
    }
    throw new Error(`all ${size} pod addresses of ${cidr} are taken`)
  }
  return {
    acquire: async containerPorts => {
      const ip = take()
      taken.add(ip)
      try {
        return await place(ip, containerPorts)
      } catch (error) {
        taken.delete(ip)
        throw error
      }
    },
    release: ({ ip }) => void taken.delete(ip),
  }
}

/** One address for all pods, and free ports for each: for systems whose loopback has a single address. */
export const sharedAddress = (ip: string): Addresses => ({
  acquire: async containerPorts => ({
    ip,
    ports: new Map(await Promise.all(containerPorts.map(async wanted => [wanted, (await portOn(ip, 0))[1]] as const))),
  }),
  release: () => {},
})

/** What this machine's loopback can do: an address per pod where it has them all, else a port per pod. */
export const loopbackAddresses = async (cidr = '127.20.0.0/16'): Promise<Addresses> => {
  const probe = toText(rangeOf(cidr).first)
  return (await tryListen(probe, 0)) === undefined ? sharedAddress('127.0.0.1') : addressRange(cidr)
}
