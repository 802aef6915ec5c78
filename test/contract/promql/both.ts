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
  /** Lets targets lose series, fail, and answer nonsense; resolves once both have seen it. */
  changeTargets(): Promise<void>
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

/** What targets expose that change while they are watched, at first and later; nothing stands for a server that fails. */
const changing: Readonly<Record<string, readonly [first: string, later: string | undefined]>> = {
  losing: ['kept 1\nlost 1\nlost_with_time 1 {{now}}\n', 'kept 1\n'],
  breaking: ['broken 1\n', undefined],
  garbled: ['unread 1\n', 'unread one\n'],
}

/** Serves texts by their place, `/0`, `/1` and so on, and those that change by their name. */
const startTargets = async (texts: readonly string[]) => {
  const state = { later: false }
  const textAt = (path: string): string | undefined => {
    const [first, later] = changing[path] ?? [texts[Number(path)], texts[Number(path)]]
    return (state.later ? later : first)?.replace('{{now}}', String(Date.now()))
  }
  const server = createServer(({ url = '/' }, response) => {
    const text = textAt(url.slice(1))
    response.writeHead(text === undefined ? 500 : 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    change: () => {
      state.later = true
    },
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

const eventually = async (check: () => Promise<boolean>): Promise<void> => {
  const clock = systemClock()
  const untilMs = clock.monotonicMs() + patienceMs
  while (!(await check())) {
    if (clock.monotonicMs() > untilMs) throw new Error(`expected the targets to be scraped within ${patienceMs / 1000} s`)
    await sleep(clock, 100)
  }
}

type Asking = Pick<BothPrometheuses, 'real' | 'embedded'>

/** What a query for one number gives in both now. */
const numbersNow = async ({ real, embedded }: Asking, query: string): Promise<readonly (number | undefined)[]> => {
  const nowMs = Date.now()
  return [numberIn(await real(query, nowMs)), numberIn(embedded(query, nowMs))]
}

export const startBoth = async (binary: string): Promise<BothPrometheuses> => {
  const lastMs = Math.floor(Date.now() / stepMs) * stepMs
  const texts = [exposition(lastMs), ...oddExpositions]
  const server = await startTargets(texts)
  const targets = [...texts.keys(), ...Object.keys(changing)].map(path => ({
    address: server.address,
    path: `/${path}`,
    labels: { job: 'contract', instance: `target-${path}` },
  }))
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
  const asking: Asking = {
    real: (query, atMs) => askOver(theirs.url, query, atMs),
    embedded: (query, atMs) => {
      const { status, body } = answerTo(query, atMs)
      return { status, body: JSON.parse(body) }
    },
  }
  const stop = async () => void (await Promise.all([ours.stop(), theirs.stop(), server.stop()]))
  try {
    // every scrape is recorded as a whole, one that failed as well
    const firstIsUp = 'count(up) * on () up{instance="target-0"}'
    await eventually(async () => (await numbersNow(asking, firstIsUp)).every(count => count === targets.length))
  } catch (thrown) {
    await stop()
    throw thrown
  }
  return {
    ...asking,
    version,
    lastMs,
    changeTargets: async () => {
      server.change()
      const afterMs = Date.now() + 1
      const oldest = 'min(timestamp(up{instance=~"target-[a-z]+"}))'
      await eventually(async () => (await numbersNow(asking, oldest)).every(seconds => (seconds ?? 0) * 1000 > afterMs))
    },
    stop,
  }
}
