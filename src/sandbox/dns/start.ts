import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { decode, encode, type Packet, streamEncode, TRUNCATED_RESPONSE } from 'dns-packet'
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { createServiceBook } from '../objects/service-book.ts'
import { answerTo, type Meaning, meaningOf } from './answer.ts'
import { splitMessages } from './stream.ts'

export interface DnsOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly log: Logger
  readonly host: string
  /** 53 in a cluster; 0 picks a free one. */
  readonly port: number
}

export interface RunningDns {
  /** Where it really listens, over UDP and TCP. */
  readonly port: number
  stop(): Promise<void>
}

/** What a datagram may carry without asking. */
const datagramBytes = 512
/** A question over TCP comes at once or not at all. */
const idleMs = 10_000

/** Answers for the names of Services, as a cluster's DNS does. @throws {Error} the address cannot be listened on */
export const startDns = async ({ api, clock, log, host, port }: DnsOptions): Promise<RunningDns> => {
  const book = createServiceBook(api)
  const find = (name: string): Meaning => meaningOf(book, name)
  const tcp = tcpServer(find)
  const bound = await listenTcp(tcp, host, port)
  const udp = udpServer(find)
  try {
    await bindUdp(udp, host, bound)
  } catch (error) {
    tcp.close()
    throw error
  }
  const stopping = new AbortController()
  const running = book.run({ signal: stopping.signal, clock, log: log.child({ part: 'dns' }) })
  return {
    port: bound,
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await Promise.all([running, new Promise<void>(resolve => udp.close(resolve)), new Promise(resolve => tcp.close(resolve))])
    },
  }
}

/** What cannot be read is not answered: whoever sent it may be asking somebody else. */
const tryDecode = (message: Buffer): Packet | undefined => {
  try {
    return decode(message)
  } catch {
    return undefined
  }
}

const udpServer = (find: (name: string) => Meaning): UdpSocket => {
  const socket = createSocket('udp4')
  socket.on('message', (message, { address, port }) => {
    const query = tryDecode(message)
    if (query?.type !== 'query') return
    const answer = answerTo(query, find)
    const whole = encode(answer)
    const fits = whole.length <= datagramBytes
    // Whoever is told that it was too long comes back over TCP.
    socket.send(fits ? whole : encode({ ...answer, answers: [], flags: (answer.flags ?? 0) | TRUNCATED_RESPONSE }), port, address)
  })
  return socket
}

const tcpServer = (find: (name: string) => Meaning): Server =>
  createServer((socket: Socket) => {
    socket.setTimeout(idleMs, () => socket.destroy())
    socket.on('error', () => socket.destroy()) // a client that hangs up needs no answer
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', chunk => {
      const { messages, rest: left } = splitMessages(Buffer.concat([rest, chunk]))
      rest = left
      for (const query of messages.map(tryDecode)) if (query?.type === 'query') socket.write(streamEncode(answerTo(query, find)))
    })
  })

const listenTcp = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

const bindUdp = (socket: UdpSocket, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address: host, port }, resolve)
  })
