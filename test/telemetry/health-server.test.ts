import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { type Health, startHealthServer } from '../../src/telemetry/health-server.ts'
import type { HttpServer } from '../../src/telemetry/http-server.ts'
import { type RecordingLogger, recordingLogger } from '../support/io.ts'

describe('the health server', () => {
  let server: HttpServer
  let log: RecordingLogger
  let ready: Health
  let live: Health
  let exposed: () => Promise<string>

  beforeEach(async () => {
    log = recordingLogger()
    ready = () => undefined
    live = () => undefined
    exposed = async () => 'up 1\n'
    server = await startHealthServer({
      host: '127.0.0.1',
      port: 0,
      clock: systemClock(),
      log,
      ready: () => ready(),
      live: () => live(),
      metrics: { text: () => exposed(), contentType: 'text/plain; version=0.0.4' },
    })
  })
  afterEach(() => server.stop(0))

  const get = async (path: string, method = 'GET'): Promise<readonly [number, string]> => {
    const response = await fetch(`${server.url}${path}`, { method })
    return [response.status, await response.text()]
  }

  it.each(['GET', 'POST'])('answers %s on /healthz with OK while there is progress', async method => {
    expect(await get('/healthz', method)).toEqual([200, 'OK'])
  })

  it('says on /healthz why there is no progress', async () => {
    live = () => 'no pass for 5m0s'
    expect(await get('/healthz')).toEqual([503, 'no pass for 5m0s'])
  })

  it('says on /readyz what is still missing', async () => {
    ready = () => 'caches are still being filled'
    expect(await get('/readyz')).toEqual([503, 'caches are still being filled'])
    expect(await get('/healthz')).toEqual([200, 'OK'])
  })

  it('exposes metrics', async () => {
    const response = await fetch(`${server.url}/metrics`)
    expect([response.headers.get('content-type'), await response.text()]).toEqual(['text/plain; version=0.0.4', 'up 1\n'])
  })

  it.each(['/', '/constructor', '/healthz/'])('does not know %s', async path => {
    expect(await get(path)).toEqual([404, 'expected one of /healthz, /readyz, /metrics'])
  })

  it('answers 500 without details and logs them when exposing fails', async () => {
    exposed = async () => Promise.reject(new Error('boom'))
    expect(await get('/metrics')).toEqual([500, 'internal error'])
    expect(log.lines).toMatchObject([{ level: 'error', message: 'cannot answer a request', fields: { path: '/metrics', error: 'boom' } }])
  })

  it('leaves no socket when it stops', async () => {
    await get('/healthz')
    await server.stop(60_000)
    await expect(get('/healthz')).rejects.toThrow()
  })
})
