import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Children, Measured } from '../children.ts'
import { readScrape, type Scrape, sampleOf } from './exposition.ts'

/** The bundle that ships, as a process of its own. */
export interface Controller {
  readonly child: Measured
  /** Resolves with the milliseconds since its process began when its modules are loaded and it serves requests. */
  untilServing(): Promise<number>
  /** Resolves with the milliseconds since its process began when its caches are full. */
  untilReady(): Promise<number>
  /** Resolves with the milliseconds since its process began when so many passes are over. */
  untilPasses(count: number): Promise<number>
  scrape(): Promise<Scrape>
}

const root = new URL('../../', import.meta.url)
const bundle = new URL('dist/serin.js', root)
const pollMs = 50

/** Bundles the sources as they are now, so that nothing old is measured. */
export const buildBundle = async (): Promise<void> => {
  await promisify(execFile)(process.execPath, ['scripts/build.ts'], { cwd: fileURLToPath(root) })
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const flagsOf = (kubeconfig: string, metricServer: string, port: number): readonly string[] => [
  'controller',
  `-kubeconfig=${kubeconfig}`,
  `-metrics-server=${metricServer}`,
  '-mesh-provider=gatewayapi:v1',
  '-min-analysis-interval=1s',
  '-enable-leader-election=true',
  '-leader-election-namespace=default',
  '-log-level=info',
  '-host=127.0.0.1',
  `-port=${port}`,
]

export interface Surroundings {
  readonly children: Children
  /** Path of a kubeconfig. */
  readonly kubeconfig: string
  readonly metricServer: string
  /** Flags for Node itself, after those of the image. */
  readonly nodeFlags?: readonly string[]
}

/** Flags for Node with which the image starts the bundle. */
const shippedFlags = (): readonly string[] => {
  const [, list = '[]'] = /^ENTRYPOINT (.*)$/m.exec(readFileSync(new URL('Dockerfile', root), 'utf8')) ?? []
  return (JSON.parse(list) as readonly string[]).filter(word => word.startsWith('--'))
}

/** Starts `serin controller` as it runs in production: with leader election, logging what it decides. */
export const startController = async ({ children, kubeconfig, metricServer, nodeFlags = [] }: Surroundings): Promise<Controller> => {
  const port = await freePort()
  const argv = flagsOf(kubeconfig, metricServer, port)
  const child = children.start({ name: 'controller', file: bundle, argv, nodeFlags: [...shippedFlags(), ...nodeFlags] })
  const ask = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`)
  const is = (path: string) =>
    ask(path).then(
      ({ ok }) => ok,
      () => false,
    )
  const scrape = async () => readScrape(await (await ask('/metrics')).text())
  const until = async (holds: () => Promise<boolean>): Promise<number> => {
    while (!(await holds())) {
      child.ageMs() // throws when the process has ended
      await pause(pollMs)
    }
    return child.ageMs()
  }
  return {
    child,
    scrape,
    untilServing: () => until(() => is('/healthz')),
    untilReady: () => until(() => is('/readyz')),
    untilPasses: count => until(async () => sampleOf(await scrape(), 'serin_passes_total') >= count),
  }
}
