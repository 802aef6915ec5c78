import { Agent, type Dispatcher } from 'undici'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DemoApp, type DemoParts, startDemoApp } from '../../../src/sandbox/programs/demo-app.ts'
import { type DemoOptions, readDemoOptions } from '../../../src/sandbox/programs/demo-options.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

describe('the demo application', () => {
  let clock: VirtualClock
  let app: DemoApp
  let agent: Agent

  beforeEach(() => {
    clock = new VirtualClock()
    agent = new Agent()
  })

  afterEach(async () => {
    const stopped = app.stop(0)
    await clock.advance(0)
    await stopped
    await agent.destroy()
  })

  const start = async (options: Partial<DemoOptions> = {}, parts: DemoParts = {}): Promise<void> => {
    app = await startDemoApp({ ...readDemoOptions(['--port=0', '--pod=app-1']), ...options }, { clock, ...parts })
    await clock.advance(0)
  }

  const call = (path = '/', method: Dispatcher.HttpMethod = 'GET') =>
    agent.request({ origin: `http://127.0.0.1:${app.ports[0]}`, path, method })

  const get = async (path: string): Promise<readonly [number, string]> => {
    const { statusCode, body } = await call(path)
    return [statusCode, await body.text()]
  }

  it('says which version and pod answer', async () => {
    await start({ version: 'v2', color: 'green', message: 'hi' })
    const { statusCode, headers, body } = await call()
    expect([statusCode, await body.json()]).toEqual([200, { version: 'v2', pod: 'app-1', color: 'green', message: 'hi' }])
    expect(headers).toMatchObject({ 'x-version': 'v2', 'x-pod': 'app-1', 'content-type': 'application/json' })
  })

  it('answers other paths and methods alike', async () => {
    await start()
    const { statusCode, body } = await call('/api/things?x=1', 'POST')
    expect([statusCode, await body.json()]).toMatchObject([200, { version: 'v1' }])
  })

  it('is healthy from the start, but ready only after its start-up delay', async () => {
    await start({ startupDelayMs: 3000 })
    expect(await get('/healthz')).toEqual([200, 'OK'])
    expect(await get('/readyz')).toEqual([503, 'starting'])
    await clock.advance(3000)
    expect(await get('/readyz')).toEqual([200, 'OK'])
  })

  it('can be told to say that it is not ready', async () => {
    await start()
    await (await call('/readyz/disable', 'POST')).body.dump()
    expect(await get('/readyz')).toEqual([503, 'switched off'])
    expect((await get('/'))[0]).toBe(200)
    await (await call('/readyz/enable', 'POST')).body.dump()
    expect(await get('/readyz')).toEqual([200, 'OK'])
  })

  it('spends processor time on each answer', async () => {
    await start({ cpuMs: 20 })
    const before = process.cpuUsage()
    await get('/')
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeGreaterThanOrEqual(20_000)
  })

  it('refuses requests that come before it is ready', async () => {
    await start({ startupDelayMs: 3000 })
    expect((await get('/'))[0]).toBe(503)
  })

  it('answers the given share of requests with 500', async () => {
    const draws = [0.04, 0.05, 0.5]
    await start({ errorRate: 0.05 }, { random: () => draws.shift() ?? 0 })
    expect([(await get('/'))[0], (await get('/'))[0], (await get('/'))[0]]).toEqual([500, 200, 200])
  })

  it.each([
    [0, 80],
    [0.5, 100],
    [1, 120],
  ])('with a draw of %d answers %i ms late', async (draw, lateMs) => {
    await start({ latencyMs: 100 }, { random: () => draw })
    const answer = get('/')
    await vi.waitFor(() => expect(clock.nextInMs).toBeCloseTo(lateMs), { interval: 1 })
    await clock.advance(lateMs + 0.001)
    expect((await answer)[0]).toBe(200)
  })

  it('exposes how long requests took, by status', async () => {
    await start({ errorRate: 1 })
    await get('/')
    const [, metrics] = await get('/metrics')
    expect(metrics).toContain('http_request_duration_seconds_count{method="GET",path="/",status="500"} 1')
    expect(metrics).toContain('http_request_duration_seconds_bucket{le="0.5",method="GET",path="/",status="500"} 1')
    expect(metrics).toContain('http_requests_total{status="500"} 1')
  })

  it('has its series at zero before the first request, so that a rate sees it', async () => {
    await start()
    const [, metrics] = await get('/metrics')
    expect(metrics).toContain('http_request_duration_seconds_count{method="GET",path="/",status="200"} 0')
    expect(metrics).toContain('http_request_duration_seconds_count{method="GET",path="/",status="500"} 0')
  })

  it('does not count probes or scrapes as requests', async () => {
    await start()
    for (const path of ['/healthz', '/readyz', '/metrics']) await get(path)
    expect((await get('/metrics'))[1]).not.toMatch(/_count\{.*\} [1-9]/)
  })

  it('makes one series of all paths but the root', async () => {
    await start()
    await get('/a')
    await get('/b')
    expect((await get('/metrics'))[1]).toContain('_count{method="GET",path="other",status="200"} 2')
  })

  it('answers on every port that it was given', async () => {
    await start({ ports: [0, 0] })
    const answers = await Promise.all(app.ports.map(port => fetch(`http://127.0.0.1:${port}/healthz`).then(({ status }) => status)))
    expect(answers).toEqual([200, 200])
  })

  it('rejects when its address is taken', async () => {
    await start()
    const ports = [app.ports[0] ?? 0]
    await expect(startDemoApp({ ...readDemoOptions([]), ports }, { clock })).rejects.toThrow('EADDRINUSE')
  })

  describe('when it is asked to stop', () => {
    it('is no longer ready, and still serves until the drain period is over', async () => {
      await start({ drainMs: 2000 })
      const stopped = app.stop(30_000)
      expect(await get('/readyz')).toEqual([503, 'draining'])
      expect((await get('/'))[0]).toBe(200)
      await clock.advance(2000)
      await stopped
      await expect(get('/')).rejects.toThrow('ECONNREFUSED')
    })

    it('asks callers to close their connections', async () => {
      await start({ drainMs: 2000 })
      const before = await call()
      await before.body.dump()
      const stopped = app.stop(30_000)
      const after = await call()
      await after.body.dump()
      expect([before.headers['connection'], after.headers['connection']]).toEqual(['keep-alive', 'close'])
      await clock.advance(2000)
      await stopped
    })

    it('finishes a request that is in flight at the end of the drain period', async () => {
      await start({ drainMs: 10, latencyMs: 5000 }, { random: () => 0.5 })
      const answer = get('/')
      await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 1 })
      const stopped = app.stop(30_000)
      await clock.advance(10)
      await clock.advance(4990)
      expect((await answer)[0]).toBe(200)
      await stopped
      expect(clock.pending).toBe(0)
    })

    it('cuts off what outlasts the grace period', async () => {
      await start({ drainMs: 10, latencyMs: 60_000 })
      const answer = get('/').catch(() => 'cut off')
      await vi.waitFor(() => expect(clock.pending).toBe(1), { interval: 1 })
      const stopped = app.stop(1000)
      await clock.advance(1000)
      await stopped
      expect(await answer).toBe('cut off')
    })
  })
})
