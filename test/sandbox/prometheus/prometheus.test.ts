import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/io.ts'
import type { RunningPrometheus } from '../../../src/sandbox/prometheus/prometheus.ts'
import { startPrometheus } from '../../../src/sandbox/prometheus/prometheus.ts'
import { prometheusBinaryOnPath, startBestPrometheus, startPrometheusBinary } from '../../../src/sandbox/prometheus/real/binary.ts'
import { configText, targetsText } from '../../../src/sandbox/prometheus/real/config.ts'
import { recordingLogger } from '../../support/io.ts'
import type { Answer } from '../../support/loopback-server.ts'
import { loopbackServer } from '../../support/loopback-server.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const exposes =
  (text: string, status = 200): Answer =>
  response => {
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' }).end(text)
  }

const answerTo = async ({ url }: RunningPrometheus, query: string): Promise<string | undefined> => {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
  return data.result[0]?.value[1]
}

const targetAt = (url: string, labels: Record<string, string> = {}) => ({ address: new URL(url).host, path: '/metrics', labels })

/** The embedded one with one real target, scraped once. */
const scrapedOnce = async (answer: Answer) => {
  const clock = new VirtualClock()
  const app = await loopbackServer(answer)
  const running = await startPrometheus({ clock, log: silentLogger, scrapeIntervalMs: 1000, discover: () => [targetAt(app.url)] })
  onTestFinished(() => running.stop())
  await clock.advance(999)
  await vi.waitFor(() => expect(running.storage.seriesCount).toBeGreaterThan(0))
  return { clock, app, running }
}

describe('the embedded Prometheus', () => {
  it('scrapes over HTTP and answers over HTTP', async () => {
    const { running } = await scrapedOnce(exposes('x_total{code="200"} 7\n'))
    expect(await answerTo(running, 'sum(x_total)')).toBe('7')
  })

  it('asks for the text format', async () => {
    const { app } = await scrapedOnce(exposes('x 1\n'))
    expect(app.requests[0]?.headers.accept).toContain('text/plain;version=0.0.4')
  })

  it('keeps its connection to a target', async () => {
    const { clock, app } = await scrapedOnce(exposes('x 1\n'))
    await clock.advance(1000)
    await vi.waitFor(() => expect(app.requests.length).toBe(2))
    expect(app.connections).toBe(1)
  })

  it.each([
    ['a status other than 200', exposes('x 1\n', 503), 'server returned HTTP status 503 Service Unavailable'],
    ['a body without end', exposes('#'.repeat(17 * 1024 * 1024)), 'body size limit of 16777216 bytes exceeded'],
  ])('takes %s for down', async (_, answer, error) => {
    const { running } = await scrapedOnce(answer)
    const targets = await (await fetch(`${running.url}/api/v1/targets`)).json()
    expect([await answerTo(running, 'up'), targets]).toMatchObject([
      '0',
      { data: { activeTargets: [{ health: 'down', lastError: error }] } },
    ])
  })

  it('leaves no timer and no socket behind', async () => {
    const { clock, app, running } = await scrapedOnce(exposes('x 1\n'))
    await running.stop()
    await vi.waitFor(() => expect(app.openSockets.size).toBe(0))
    await expect(fetch(running.url)).rejects.toThrow()
    expect(clock.pending).toBe(0)
  })

  it('says when its port is taken, and stops what it had begun', async () => {
    const clock = new VirtualClock()
    const app = await loopbackServer(exposes(''))
    const port = Number(new URL(app.url).port)
    const starting = startPrometheus({ clock, log: silentLogger, scrapeIntervalMs: 1000, discover: () => [], port })
    await expect(starting).rejects.toThrow('EADDRINUSE')
    expect(clock.pending).toBe(0)
  })
})

describe('what a real Prometheus is told', () => {
  it('its interval', () => {
    expect(JSON.parse(configText('/tmp/targets.json', 1500))).toMatchObject({
      global: { scrape_interval: '1500ms', scrape_timeout: '1500ms', evaluation_interval: '1500ms' },
    })
  })

  it('its targets, labelled as the embedded one labels them', () => {
    expect(JSON.parse(targetsText([{ address: 'a:80', path: '/stats', labels: { pod: 'a', __internal: 'x' } }]))).toEqual([
      { targets: ['a:80'], labels: { instance: 'a:80', job: 'sandbox', pod: 'a', __metrics_path__: '/stats' } },
    ])
  })
})

/** Directories that a real one was given. */
const ours = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith('serin-prometheus-'))

describe('the choice between the two', () => {
  const options = { clock: systemClock(), log: silentLogger, scrapeIntervalMs: 1000, discover: () => [] }

  it('finds no program in directories that do not exist', async () => {
    expect(await prometheusBinaryOnPath(['/nowhere', '', '/nowhere/either'].join(delimiter))).toBeUndefined()
  })

  it('falls to the embedded one where the path has none', async () => {
    const running = await startBestPrometheus('/nowhere', options)
    await running.stop()
    expect(running.storage).toBeDefined()
  })

  it('reports a program that ends at once, with its words', async () => {
    await expect(startPrometheusBinary(process.execPath, options)).rejects.toThrow(/^prometheus ended with code \d+: .*bad option/s)
  })

  it('leaves no directory of a program that ended at once', async () => {
    const before = ours()
    await startPrometheusBinary(process.execPath, options).catch(() => {})
    expect(ours()).toEqual(before)
  })

  it('reports a program that cannot be started', async () => {
    await expect(startPrometheusBinary('/nowhere/prometheus', options)).rejects.toThrow('prometheus could not start')
  })
})

const binary = await prometheusBinaryOnPath(process.env['PATH'] ?? '')

describe.runIf(binary)('the real Prometheus, where there is one', () => {
  it('is chosen, scrapes the targets and leaves nothing behind', async () => {
    const app = await loopbackServer(exposes('x_total{code="200"} 7\n'))
    const before = ours()
    const log = recordingLogger()
    const discover = () => [targetAt(app.url, { pod: 'a' })]
    const running = await startBestPrometheus(process.env['PATH'] ?? '', { clock: systemClock(), log, scrapeIntervalMs: 1000, discover })
    try {
      await vi.waitFor(async () => expect(await answerTo(running, 'sum(x_total{pod="a"})')).toBe('7'), { timeout: 60_000, interval: 200 })
    } finally {
      await running.stop()
    }
    await expect(fetch(running.url)).rejects.toThrow()
    expect([log.messages('info'), ours().filter(name => !before.includes(name))]).toEqual([['using the prometheus found on the path'], []])
  }, 90_000)

  it('is not chosen for a pace that its discovery cannot keep', async () => {
    const options = { clock: systemClock(), log: recordingLogger(), scrapeIntervalMs: 999, discover: () => [] }
    const running = await startBestPrometheus(process.env['PATH'] ?? '', options)
    await running.stop()
    expect(running.storage).toBeDefined()
  })
})
