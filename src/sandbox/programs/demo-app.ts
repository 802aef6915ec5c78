import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, sleep, systemClock } from '../../clock.ts'
import { createDemoMetrics, type DemoMetrics } from './demo-metrics.ts'
import { type DemoOptions, DemoOptionsInvalid, readDemoOptions } from './demo-options.ts'

export interface DemoApp {
  /** Where it listens, in the order of the ports asked for. */
  readonly ports: readonly number[]
  /**
   * Leaves without losing a request: it is no longer ready, goes on serving for the drain period while it asks callers to close their
   * connections, then takes no new ones and finishes what is in flight. After `graceMs` it cuts off what is left. Asked again with less
   * grace, it hurries.
   */
  stop(graceMs: number): Promise<void>
}

export interface DemoParts {
  readonly clock?: Clock
  /** A number from 0 to below 1, by which errors and jitter are drawn. */
  readonly random?: () => number
}

/** Longer than any sensible client keeps an idle connection: the side that sends requests should be the one to close it, else one may cross the close. */
const keepAliveMs = 75_000

const cpuMsSince = (start: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** Keeps the processor busy as a computation would: on a machine that is short of processors it takes longer, and costs the same. */
const burn = (ms: number): void => {
  const start = process.cpuUsage()
  while (cpuMsSince(start) < ms) {}
}

/** How much longer or shorter than `latencyMs` an answer may take. */
const jitter = 0.2

/** Starts one pod of the demo application inside this process. Rejects when an address cannot be listened on. */
export const startDemoApp = async (
  options: DemoOptions,
  { clock = systemClock(), random = Math.random }: DemoParts = {},
): Promise<DemoApp> => {
  const pod = new DemoPod(options, { clock, random })
  return { ports: await pod.listen(), stop: graceMs => pod.stop(graceMs) }
}

class DemoPod {
  readonly #options: DemoOptions
  readonly #clock: Clock
  readonly #random: () => number
  readonly #metrics: DemoMetrics = createDemoMetrics()
  readonly #servers: readonly Server[]
  #phase: 'starting' | 'serving' | 'draining' = 'starting'
  /** It goes on answering, but says that it should not be asked. */
  #isUnready = false
  /** Aborts when there is no time left to be gentle. */
  readonly #hurry = new AbortController()
  #cancelStart = () => {}
  #stopped: Promise<void> | undefined

  constructor(options: DemoOptions, { clock, random }: Required<DemoParts>) {
    this.#options = options
    this.#clock = clock
    this.#random = random
    this.#servers = options.ports.map(() =>
      createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => this.#serve(request, response)),
    )
  }

  async listen(): Promise<readonly number[]> {
    const { ports, host, startupDelayMs } = this.#options
    const bound = await Promise.all(this.#servers.map((server, at) => listenOn(server, host, ports[at] ?? 0)))
    this.#cancelStart = this.#clock.schedule(startupDelayMs, () => {
      this.#phase = 'serving'
    })
    return bound
  }

  async stop(graceMs: number): Promise<void> {
    this.#cancelStart()
    this.#phase = 'draining'
    const cancelHurry = this.#clock.schedule(graceMs, () => this.#hurry.abort())
    this.#stopped ??= this.#drain()
    await this.#stopped
    cancelHurry()
  }

  async #drain(): Promise<void> {
    await sleep(this.#clock, this.#options.drainMs, this.#hurry.signal)
    const closed = Promise.all(this.#servers.map(server => new Promise(resolve => server.close(resolve))))
    const cutOff = () => {
      for (const server of this.#servers) server.closeAllConnections()
    }
    if (this.#hurry.signal.aborted) cutOff()
    this.#hurry.signal.addEventListener('abort', cutOff, { once: true })
    await closed
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    const path = request.url?.split('?', 1)[0] ?? '/'
    if (path === '/healthz') this.#answer(response, 200, 'OK')
    else if (path === '/readyz') this.#answer(response, ...this.#readiness())
    else if (request.method === 'POST' && path in readinessSwitch) this.#switchReadiness(response, path)
    else if (path === '/metrics') void this.#expose(response)
    else void this.#greet(request, response, path)
  }

  #switchReadiness(response: ServerResponse, path: string): void {
    this.#isUnready = readinessSwitch[path] === 'off'
    this.#answer(response, 202, 'OK')
  }

  #readiness(): readonly [status: number, body: string] {
    if (this.#isUnready) return [503, 'switched off']
    return this.#phase === 'serving' ? [200, 'OK'] : [503, this.#phase]
  }

  async #expose(response: ServerResponse): Promise<void> {
    response.setHeader('content-type', this.#metrics.contentType)
    this.#answer(response, 200, await this.#metrics.text())
  }

  async #greet({ method = 'GET' }: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const startMs = this.#clock.monotonicMs()
    const { latencyMs, cpuMs, errorRate, version, pod, color, message } = this.#options
    if (latencyMs > 0) await sleep(this.#clock, latencyMs * (1 + jitter * (2 * this.#random() - 1)))
    if (cpuMs > 0) burn(cpuMs)
    const status = this.#statusOf(errorRate)
    // Only the path that is always there has a name of its own: others would make as many series as callers can think of.
    const served = { method, path: path === '/' ? '/' : 'other', status }
    response.once('finish', () => this.#metrics.observe(served, (this.#clock.monotonicMs() - startMs) / 1000))
    response.setHeader('content-type', 'application/json')
    response.setHeader('x-version', version)
    response.setHeader('x-pod', pod)
    const words = status === 200 ? message : 'something is wrong with me'
    this.#answer(response, status, `${JSON.stringify({ version, pod, color, message: words })}\n`)
  }

  #answer(response: ServerResponse, status: number, body: string): void {
    response.statusCode = status
    // Said as late as possible: a request that came before the drain may end in it, and must not leave an idle connection behind.
    if (this.#phase === 'draining') response.setHeader('connection', 'close')
    response.end(body)
  }

  #statusOf(errorRate: number): number {
    if (this.#phase === 'starting') return 503
    return this.#random() < errorRate ? 500 : 200
  }
}

/** What a POST to these paths makes of the readiness. */
const readinessSwitch: Readonly<Record<string, 'on' | 'off'>> = { '/readyz/enable': 'on', '/readyz/disable': 'off' }

const listenOn = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })

const graceMs = 25_000

/** The program: serves until SIGTERM or SIGINT, drains, and ends with 0. A second signal ends it at once. */
const main = async (argv: readonly string[]): Promise<void> => {
  const starting = startDemoApp(readDemoOptions(argv))
  let asked = false
  const leave = () => {
    if (asked) process.exit(1)
    asked = true
    void starting.then(app => app.stop(graceMs)).then(() => process.exit(0))
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
  const { ports } = await starting
  process.stdout.write(`listening on ${ports.join(', ')}\n`)
}

// Inside a bundle every file is the main module: the program's own name decides too.
if (import.meta.main && /demo-app\.[cm]?[jt]s$/.test(process.argv[1] ?? '')) {
  main(process.argv.slice(2)).catch((thrown: unknown) => {
    process.stderr.write(`demo-app: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exit(thrown instanceof DemoOptionsInvalid ? 2 : 1)
  })
}
