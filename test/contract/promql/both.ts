import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sleep, systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/io.ts'
import { createEngine } from '../../../src/sandbox/prometheus/engine/engine.ts'
import { defaultSemantics, prometheus2 } from '../../../src/sandbox/prometheus/engine/semantics.ts'
import { failure, instantData, success } from '../../../src/sandbox/prometheus/http/answers.ts'
import { startPrometheus } from '../../../src/sandbox/prometheus/prometheus.ts'
import { prometheusBinaryOnPath, startPrometheusBinary } from '../../../src/sandbox/prometheus/real/binary.ts'
import { clusterUnderTest } from '../../cluster/cluster-under-test.ts'
import { exposition, oddExpositions, stepMs } from './dataset.ts'

/** An answer of the query API. */
export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
}

/** The real and the embedded Prometheus after both have scraped the same target. */
export interface BothPrometheuses {
  readonly version: string
  /** Time of the newest samples. */
  readonly lastMs: number
  real(query: string, atMs: number): Promise<ApiAnswer>
  embedded(query: string, atMs: number): ApiAnswer
  stop(): Promise<void>
}

/** The real one: that of the cluster, or one on the path. */
export const findPrometheus = async (): Promise<string | undefined> => {
  const named = process.env['SERIN_TEST_CLUSTER'] === undefined ? undefined : clusterUnderTest().binaries['prometheus']
  return named ?? prometheusBinaryOnPath(process.env['PATH'] ?? '')
}

/** Long enough for a slow machine to read it all in time; the first scrape is the one that counts. */
const scrapeIntervalMs = 2000
const patienceMs = 60_000

/** Serves texts by their place: `/0`, `/1` and so on. */
const startTargets = async (texts: readonly string[]) => {
  const server = createServer(({ url = '/' }, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(texts[Number(url.slice(1))])
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const askOver = async (url: string, query: string, atMs: number): Promise<ApiAnswer> => {
  const body = new URLSearchParams({ query, time: String(atMs / 1000) })
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body })
  return { status: response.status, body: await response.json() }
}

const versionOf = async (url: string): Promise<string> => {
  const { data } = (await (await fetch(`${url}/api/v1/status/buildinfo`)).json()) as { readonly data: { readonly version: string } }
  return data.version
}

const numberIn = (answer: ApiAnswer): number | undefined => {
  const [, text] = /"value":\[[^,]*,"([^"]*)"/.exec(JSON.stringify(answer.body)) ?? []
  return text === undefined ? undefined : Number(text)
}

/** Waits until both have asked every target. */
const haveScraped = async ({ real, embedded, lastMs }: BothPrometheuses, targets: number): Promise<void> => {
  const clock = systemClock()
  const untilMs = clock.monotonicMs() + patienceMs
  const all = async () => {
    const counts = [await real('count(up)', Date.now()), embedded('count(up)', Date.now())]
    const data = [await real('odd_text == -.5', lastMs), embedded('odd_text == -.5', lastMs)]
    return counts.every(count => numberIn(count) === targets) && data.every(one => numberIn(one) === -0.5)
  }
  while (!(await all())) {
    if (clock.monotonicMs() > untilMs) throw new Error(`expected the targets to be scraped within ${patienceMs / 1000} s`)
    await sleep(clock, 100)
  }
}

export const startBoth = async (binary: string): Promise<BothPrometheuses> => {
  const lastMs = Math.floor(Date.now() / stepMs) * stepMs
  const texts = [exposition(lastMs), ...oddExpositions]
  const server = await startTargets(texts)
  const targets = texts.map((_, at) => ({ address: server.address, path: `/${at}`, labels: { job: 'contract', instance: `target-${at}` } }))
  const options = { clock: systemClock(), log: silentLogger, scrapeIntervalMs, discover: () => targets }
  const [ours, theirs] = [await startPrometheus(options), await startPrometheusBinary(binary, options)]
  const version = await versionOf(theirs.url)
  const engine = createEngine(ours.storage, { semantics: version.startsWith('2.') ? prometheus2 : defaultSemantics })
  const answerTo = (query: string, atMs: number) => {
    try {
      return success(instantData(engine.instant(query, atMs), atMs))
    } catch (thrown) {
      return failure(thrown)
    }
  }
  const both: BothPrometheuses = {
    version,
    lastMs,
    real: (query, atMs) => askOver(theirs.url, query, atMs),
    embedded: (query, atMs) => {
      const { status, body } = answerTo(query, atMs)
      return { status, body: JSON.parse(body) }
    },
    stop: async () => void (await Promise.all([ours.stop(), theirs.stop(), server.stop()])),
  }
  try {
    await haveScraped(both, texts.length)
    return both
  } catch (thrown) {
    await both.stop()
    throw thrown
  }
}
