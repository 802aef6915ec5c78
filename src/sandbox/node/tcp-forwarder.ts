import { connect, createServer, type Server, type Socket } from 'node:net'

/** Where to connect to. */
export interface SocketPlace {
  readonly host: string
  readonly port: number
}

/** Hands every connection that comes in on to one of several places. */
export interface Forwarder {
  /** Where it really listens. */
  readonly place: SocketPlace
  /** Takes no more connections and cuts the open ones. */
  close(): Promise<void>
}

const connectTimeoutMs = 2000

const tryConnect = ({ host, port }: SocketPlace): Promise<Socket | undefined> =>
  new Promise(resolve => {
    const socket = connect({ host, port, allowHalfOpen: true, timeout: connectTimeoutMs })
    socket.once('connect', () => {
      socket.setTimeout(0)
      resolve(socket)
    })
    const giveUp = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.once('timeout', giveUp)
    socket.once('error', giveUp)
  })

const connectToOne = async (places: readonly SocketPlace[]): Promise<Socket | undefined> => {
  for (const place of places) {
    const socket = await tryConnect(place)
    if (socket) return socket
  }
  return undefined
}

const join = (one: Socket, other: Socket): void => {
  one.pipe(other)
  other.pipe(one)
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    here.on('error', () => there.destroy()) // a broken side has nothing more to say to the other
    here.once('close', () => there.destroySoon())
  }
}

const listen = (server: Server, { host, port }: SocketPlace): Promise<boolean> =>
  new Promise(resolve => {
    const failed = () => resolve(false)
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve(true)
    })
  })

/** Listens at the first of `wishes` that the system grants; undefined when it grants none. */
const listenAtOneOf = async (server: Server, wishes: readonly SocketPlace[]): Promise<SocketPlace | undefined> => {
  for (const wish of wishes)
    if (await listen(server, wish)) {
      const address = server.address()
      return typeof address === 'object' && address !== null ? { host: wish.host, port: address.port } : undefined
    }
  return undefined
}

/**
 * Opens a forwarder at the first of `wishes` that can be had. `choose` is asked for each connection: its places are tried in order until
 * one accepts, so that a place which has just gone costs nobody a connection.
 */
export const openForwarder = async (
  wishes: readonly SocketPlace[],
  choose: () => readonly SocketPlace[],
): Promise<Forwarder | undefined> => {
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }
  const server = createServer({ allowHalfOpen: true }, async client => {
    keep(client)
    client.on('error', () => client.destroy()) // it may break before there is another side
    const upstream = await connectToOne(choose())
    if (!upstream || client.destroyed) {
      client.destroy()
      upstream?.destroy()
      return
    }
    keep(upstream)
    join(client, upstream)
  })
  const place = await listenAtOneOf(server, wishes)
  if (!place) return undefined
  return {
    place,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
