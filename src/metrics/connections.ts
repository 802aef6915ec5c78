import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Proxies } from '../http-call.ts'

/** Open connections to one kind of store: kept between questions, pooled by host and by whether certificates are verified. */
export interface Connections {
  readonly http: HttpAgent
  https(verifyTls: boolean): HttpsAgent
  close(): void
}

/** At most so many connections to one host at once; idle ones close before the time-outs of the servers and proxies of the field do. */
const pool = { keepAlive: true, maxSockets: 16, maxFreeSockets: 4, timeout: 30_000 } as const

export const openConnections = (proxies: Proxies = {}): Connections => {
  const options = { ...pool, proxyEnv: { ...proxies } } // even an empty one keeps the client from asking the environment
  const http = new HttpAgent(options)
  const verifying = new HttpsAgent(options)
  const trusting = new HttpsAgent({ ...options, rejectUnauthorized: false })
  return {
    http,
    https: verifyTls => (verifyTls ? verifying : trusting),
    close: () => {
      for (const agent of [http, verifying, trusting]) agent.destroy()
    },
  }
}
