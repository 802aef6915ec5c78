import type { Clock } from '../../clock.ts'
import type { Logger } from '../../io.ts'
import { startServer } from './http/server.ts'
import { createHttpGet } from './scrape/http-get.ts'
import { startScraper } from './scrape/scraper.ts'
import type { Discover } from './scrape/target.ts'
import type { Storage } from './storage/storage.ts'
import { createStorage } from './storage/storage.ts'

const hourMs = 3_600_000

export interface PrometheusOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly scrapeIntervalMs: number
  /** Asked once per scrape interval. */
  readonly discover: Discover
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly host?: string
  /** How long samples are kept. */
  readonly retentionMs?: number
}

/** A server of the query API, embedded or real. */
export interface RunningPrometheus {
  /** Without a slash at the end. */
  readonly url: string
  /** The embedded one's samples. */
  readonly storage?: Storage
  /** Leaves no timer, socket, process or file behind. */
  stop(): Promise<void>
}

/** Starts the embedded scraper and evaluator. */
export const startPrometheus = async (options: PrometheusOptions): Promise<RunningPrometheus & { readonly storage: Storage }> => {
  const { clock, log, scrapeIntervalMs: intervalMs, discover, port = 0, host = '127.0.0.1', retentionMs = hourMs } = options
  const storage = createStorage({ retentionMs })
  const http = createHttpGet()
  const scraper = startScraper({ clock, log, http, storage, intervalMs, discover, retentionMs })
  const stopScraping = async (): Promise<void> => {
    scraper.stop()
    await http.close()
  }
  try {
    // Subqueries without a step use the interval at which there is something new.
    const world = { clock, storage, intervalMs, engineOptions: { subqueryStepMs: intervalMs }, loops: () => scraper.loops }
    const server = await startServer(world, { host, port, log })
    return { url: server.url, storage, stop: async () => void (await Promise.all([server.close(), stopScraping()])) }
  } catch (thrown) {
    await stopScraping()
    throw thrown
  }
}
