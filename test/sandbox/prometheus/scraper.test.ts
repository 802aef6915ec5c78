import { describe, expect, it } from 'vitest'
import type { HttpGet } from '../../../src/sandbox/prometheus/scrape/http-get.ts'
import { ScrapeFailed } from '../../../src/sandbox/prometheus/scrape/http-get.ts'
import { startScraper } from '../../../src/sandbox/prometheus/scrape/scraper.ts'
import type { Target } from '../../../src/sandbox/prometheus/scrape/target.ts'
import { createStorage } from '../../../src/sandbox/prometheus/storage/storage.ts'
import { recordingLogger } from '../../support/io.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { ask } from './load.ts'

const pod = (name: string): Target => ({ address: `${name}:80`, path: '/metrics', labels: { pod: name } })

/** A scraper whose targets and their answers a test may change; it starts at second 0. */
const stage = ({ targets = [pod('a')], texts = { a: 'x 1\n' } as Record<string, string> } = {}) => {
  const clock = new VirtualClock(0)
  const storage = createStorage()
  const log = recordingLogger()
  const asked: { url: string; atMs: number }[] = []
  const world = { targets, texts, slowMs: 0 }
  const http: HttpGet = {
    get: (url, signal) => {
      asked.push({ url, atMs: clock.nowMs() })
      const text = world.texts[new URL(url).hostname]
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        if (text === undefined) return reject(new ScrapeFailed('connection refused'))
        clock.schedule(world.slowMs, () => resolve({ contentType: 'text/plain', text }))
      })
    },
    close: async () => {},
  }
  const scraper = startScraper({ clock, log, http, storage, intervalMs: 1000, retentionMs: 60_000, discover: () => world.targets })
  return { clock, storage, log, asked, world, scraper, answer: (query: string) => ask(storage, query, clock.nowMs() / 1000) }
}

describe('the scraper', () => {
  it('asks a target once per interval', async () => {
    const { clock, asked } = stage()
    await clock.advance(5000)
    const gaps = asked.slice(1).map(({ atMs }, index) => atMs - (asked[index]?.atMs ?? 0))
    expect([asked.length, new Set(gaps)]).toEqual([5, new Set([1000])])
  })

  it('does not ask all targets at once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const { clock, asked } = stage({ targets: names.map(pod), texts: Object.fromEntries(names.map(name => [name, 'x 1\n'])) })
    await clock.advance(999)
    expect(new Set(asked.map(({ atMs }) => atMs)).size).toBe(6)
  })

  it('adds labels of the target', async () => {
    const { clock, answer } = stage()
    await clock.advance(1000)
    expect(answer('x')).toEqual({ 'x{instance="a:80", job="sandbox", pod="a"}': 1 })
  })

  it('keeps labels that the target says too under another name', async () => {
    const { clock, answer } = stage({ texts: { a: 'x{pod="own",exported_pod="more"} 1\n' } })
    await clock.advance(1000)
    const series = 'x{exported_exported_pod="own", exported_pod="more", instance="a:80", job="sandbox", pod="a"}'
    expect(answer('x')).toEqual({ [series]: 1 })
  })

  it('says that a target is up', async () => {
    const { clock, answer } = stage({ texts: { a: 'x 1\ny 2\n' } })
    await clock.advance(1000)
    expect([answer('sum(up)'), answer('sum(scrape_samples_scraped)'), answer('count(scrape_duration_seconds)')]).toEqual([
      { '{}': 1 },
      { '{}': 2 },
      { '{}': 1 },
    ])
  })

  it('says that a target is down', async () => {
    const { clock, answer, scraper } = stage({ texts: {} })
    await clock.advance(1000)
    expect([answer('sum(up)'), scraper.loops[0]?.state]).toMatchObject([{ '{}': 0 }, { health: 'down', lastError: 'connection refused' }])
  })

  it('takes nothing of a text with a wrong line', async () => {
    const { clock, answer, scraper } = stage({ texts: { a: 'x 1\ny\n' } })
    await clock.advance(1000)
    expect([answer('x'), answer('sum(up)'), scraper.loops[0]?.state.lastError]).toEqual([
      {},
      { '{}': 0 },
      'line 2: expected a value and, at most, a time, got ""',
    ])
  })

  it('ends a series that the target no longer has', async () => {
    const { clock, world, answer } = stage({ texts: { a: 'x 1\ny 2\n' } })
    await clock.advance(1000)
    world.texts = { a: 'x 1\n' }
    await clock.advance(1000)
    expect([answer('count(x)'), answer('y')]).toEqual([{ '{}': 1 }, {}])
  })

  it('ends all series of a target that fails, but says so', async () => {
    const { clock, world, answer } = stage()
    await clock.advance(1000)
    world.texts = {}
    await clock.advance(1000)
    expect([answer('x'), answer('sum(up)')]).toEqual([{}, { '{}': 0 }])
  })

  it('ends all series of a target that is gone', async () => {
    const { clock, world, answer } = stage()
    await clock.advance(1000)
    world.targets = []
    await clock.advance(1001)
    expect([answer('x'), answer('up')]).toEqual([{}, {}])
  })

  it('does not end series that tell their own time', async () => {
    const { clock, world, answer } = stage({ texts: { a: 'x 1 500\n' } })
    await clock.advance(1000)
    world.texts = { a: '' }
    await clock.advance(1000)
    expect(answer('timestamp(x)')).toEqual({ '{instance="a:80", job="sandbox", pod="a"}': 0.5 })
  })

  it('finds new targets within an interval', async () => {
    const { clock, world, answer } = stage({ texts: { a: 'x 1\n', b: 'x 2\n' } })
    await clock.advance(500)
    world.targets = [pod('a'), pod('b')]
    await clock.advance(1500)
    expect(answer('sum(x)')).toEqual({ '{}': 3 })
  })

  it('gives up on a target that takes longer than the interval', async () => {
    const { clock, world, answer, scraper } = stage()
    world.slowMs = 5000
    await clock.advance(3000)
    expect([answer('sum(up)'), scraper.loops[0]?.state.lastError]).toEqual([{ '{}': 0 }, 'context deadline exceeded'])
  })

  it('keeps its beat after a slow answer', async () => {
    const { clock, world, asked } = stage()
    world.slowMs = 900
    await clock.advance(3000)
    world.slowMs = 0
    await clock.advance(3000)
    const phases = new Set(asked.map(({ atMs }) => Math.round(atMs % 1000)))
    expect(phases.size).toBe(1)
  })

  it('keeps its targets when the discovery fails', async () => {
    const clock = new VirtualClock(0)
    const log = recordingLogger()
    let fails = false
    const discover = (): readonly Target[] => {
      if (fails) throw new Error('no API server')
      return [pod('a')]
    }
    const http: HttpGet = { get: async () => ({ contentType: '', text: 'x 1\n' }), close: async () => {} }
    const scraper = startScraper({ clock, log, http, storage: createStorage(), intervalMs: 1000, retentionMs: 60_000, discover })
    fails = true
    await clock.advance(2000)
    expect([scraper.loops.length, log.messages('warn')[0]]).toEqual([1, 'could not discover scrape targets'])
  })

  it('forgets series whose samples are all older than the retention', async () => {
    const { clock, world, storage } = stage()
    await clock.advance(1000)
    world.targets = []
    await clock.advance(70_000)
    expect(storage.seriesCount).toBe(0)
  })

  it('leaves no timer behind when stopped', async () => {
    const { clock, world, scraper } = stage()
    world.slowMs = 300
    await clock.advance(1100)
    scraper.stop()
    await clock.advance(1000)
    expect(clock.pending).toBe(0)
  })
})
