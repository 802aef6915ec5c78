import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Io } from '../../../src/io.ts'
import type { KubeApi } from '../../../src/kube/kube-api.ts'
import { createReflector } from '../../../src/kube/reflector.ts'
import { targetsText } from '../../../src/sandbox/prometheus/real/config.ts'
import { scrapeTargets } from '../../../src/sandbox/scrape-targets.ts'
import { pods } from './kinds.ts'

export interface ScrapeDiscovery {
  readonly url: string
  stop(): Promise<void>
}

/** Tells Prometheus over HTTP which pods ask to be scraped, as its own discovery would. */
export const startScrapeDiscovery = async (api: KubeApi, io: Io): Promise<ScrapeDiscovery> => {
  const stopping = new AbortController()
  const reflector = createReflector({ api, kind: pods })
  const watching = reflector.run({ ...io, signal: stopping.signal })
  const targets = scrapeTargets(reflector.store, [])
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(targetsText(targets()))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await new Promise(resolve => {
        server.close(resolve)
        server.closeAllConnections()
      })
      await watching
    },
  }
}
