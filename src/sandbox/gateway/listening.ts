import type { Server } from 'node:http'

/** Listens and answers with the port, which is a free one when 0 was asked for. @throws {Error} the address cannot be had */
export const listenOn = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

/** Takes no more connections, lets requests end for a while, then cuts what is left. */
export const closeServer = (server: Server, graceMs: number, schedule: (ms: number, task: () => void) => () => void): Promise<void> =>
  new Promise(resolve => {
    const cancel = schedule(graceMs, () => server.closeAllConnections())
    server.close(() => {
      cancel()
      resolve()
    })
    server.closeIdleConnections()
  })
