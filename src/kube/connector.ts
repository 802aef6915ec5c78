import type { ConnectionOptions } from 'node:tls'
import { buildConnector, Pool } from 'undici'

/** How to trust the server, and how it may trust us. */
export type TlsOptions = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'>

type PoolName = 'requests' | 'watches'

/** One connection stands; over TLS that cost a handshake. */
export interface ConnectionFacts {
  readonly pool: PoolName
  readonly tls: boolean
}

export interface PoolOptions {
  readonly name: PoolName
  /** At most so many sockets; null is no limit. */
  readonly connections: number | null
  readonly tls: TlsOptions
  readonly connected: (facts: ConnectionFacts) => void
}

/** The server drops idle sockets after 90 s. We drop ours sooner, or a write would now and then meet a socket that is just going away. */
const idleMs = 80_000
const connectTimeoutMs = 10_000
/** Below the idle time-outs of cloud load balancers (60 s), which otherwise forget a quiet watch without telling anybody. */
const tcpKeepAliveMs = 30_000

/**
 * A pool of reused HTTP/1.1 sockets to one server. Time-outs of undici are off: every request brings a deadline of its own.
 * HTTP/2 is off as well: one connection for all would let a full request window starve the watches, and it is slower.
 */
export const openPool = (origin: string, { name, connections, tls, connected }: PoolOptions): Pool => {
  const connectSocket = buildConnector({
    ...tls,
    allowH2: false,
    timeout: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAliveMs,
  })
  const connect: buildConnector.connector = (options, callback) =>
    connectSocket(options, (...outcome) => {
      if (outcome[1]) connected({ pool: name, tls: options.protocol === 'https:' })
      callback(...outcome)
    })
  return new Pool(origin, {
    connect,
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
  })
}
