import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/io.ts'
import type { ListeningServer } from '../../../src/sandbox/prometheus/http/server.ts'
import { startServer } from '../../../src/sandbox/prometheus/http/server.ts'
import { TargetLoop } from '../../../src/sandbox/prometheus/scrape/target-loop.ts'
import { createStorage } from '../../../src/sandbox/prometheus/storage/storage.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const nowMs = 1_700_000_000_500
const clock = new VirtualClock(nowMs)
const storage = createStorage()
for (let second = 0; second <= 60; second += 10) {
  const timeMs = nowMs - 60_000 + second * 1000
  storage.append({ __name__: 'up', job: 'pods', pod: 'a' }, timeMs, 1)
  storage.append({ __name__: 'up', job: 'pods', pod: 'b' }, timeMs, 0)
  storage.append({ __name__: 'total', pod: 'a' }, timeMs, second)
}
storage.append({ __name__: 'odd', i: 'nan' }, nowMs, Number.NaN)
storage.append({ __name__: 'odd', i: 'small' }, nowMs, 1e-7)

let server: ListeningServer
beforeAll(async () => {
  const http = { get: async () => ({ contentType: '', text: '' }), close: async () => {} }
  const target = { address: 'a:80', path: '/metrics', labels: { pod: 'a', job: 'pods' } }
  const loop = new TargetLoop(target, { clock, log: silentLogger, http, storage, intervalMs: 1500 })
  const world = { clock, storage, intervalMs: 1500, engineOptions: {}, loops: () => [loop] }
  server = await startServer(world, { host: '127.0.0.1', port: 0, log: silentLogger })
})
afterAll(() => server.close())

const get = async (path: string, init?: RequestInit) => {
  const response = await fetch(server.url + path, init)
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}
const answerOf = async (path: string, init?: RequestInit): Promise<unknown> => JSON.parse((await get(path, init)).text)
const dataOf = async (path: string, init?: RequestInit): Promise<unknown> => ((await answerOf(path, init)) as { data: unknown }).data
const form = (fields: Record<string, string>): RequestInit => ({ method: 'POST', body: new URLSearchParams(fields) })

describe('an instant query', () => {
  it('answers with a vector', async () => {
    expect(await answerOf('/api/v1/query?query=up')).toEqual({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [
          { metric: { __name__: 'up', job: 'pods', pod: 'a' }, value: [1_700_000_000.5, '1'] },
          { metric: { __name__: 'up', job: 'pods', pod: 'b' }, value: [1_700_000_000.5, '0'] },
        ],
      },
    })
  })

  it('answers with an empty vector', async () => {
    expect(await dataOf('/api/v1/query?query=nope')).toEqual({ resultType: 'vector', result: [] })
  })

  it('answers with a matrix for a range selector', async () => {
    expect(await dataOf('/api/v1/query?query=total[20s]')).toEqual({
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'total', pod: 'a' },
          values: [
            [1_699_999_990.5, '50'],
            [1_700_000_000.5, '60'],
          ],
        },
      ],
    })
  })

  it.each([
    ['1.5', ['scalar', '1.5']],
    ['1/0', ['scalar', '+Inf']],
    ['-1/0', ['scalar', '-Inf']],
    ['0/0', ['scalar', 'NaN']],
    ['0.0000001', ['scalar', '0.0000001']],
    ['1e21', ['scalar', '1000000000000000000000']],
    ['"a"', ['string', 'a']],
  ])('%s is %j', async (query, [resultType, text]) => {
    expect(await dataOf(`/api/v1/query?time=5&query=${encodeURIComponent(query)}`)).toEqual({ resultType, result: [5, text] })
  })

  it('writes samples with exponents where they are very small', async () => {
    expect(await dataOf('/api/v1/query?query=odd')).toMatchObject({
      result: [{ value: [1_700_000_000.5, 'NaN'] }, { value: [1_700_000_000.5, '1e-07'] }],
    })
  })

  it.each(['1699999970', '1699999970.000', '2023-11-14T22:12:50Z', '2023-11-14T23:12:50%2B01:00'])('looks at the time %s', async time => {
    expect(await dataOf(`/api/v1/query?query=total&time=${time}`)).toMatchObject({ result: [{ value: [1_699_999_970, '20'] }] })
  })

  it('takes its parameters from a form', async () => {
    expect(await dataOf('/api/v1/query', form({ query: 'time()', time: '7' }))).toEqual({ resultType: 'scalar', result: [7, '7'] })
  })

  it('looks back as far as it is told', async () => {
    expect(await dataOf('/api/v1/query?query=total&time=1700000100&lookback_delta=30s')).toMatchObject({ result: [] })
  })
})

describe('a range query', () => {
  it('answers with a matrix', async () => {
    expect(await dataOf('/api/v1/query_range?query=sum(up)&start=1699999980.5&end=1700000000.5&step=10')).toEqual({
      resultType: 'matrix',
      result: [
        {
          metric: {},
          values: [
            [1_699_999_980.5, '1'],
            [1_699_999_990.5, '1'],
            [1_700_000_000.5, '1'],
          ],
        },
      ],
    })
  })

  it('turns a scalar into a series', async () => {
    expect(await dataOf('/api/v1/query_range', form({ query: '2', start: '0', end: '60', step: '1m' }))).toMatchObject({
      result: [
        {
          metric: {},
          values: [
            [0, '2'],
            [60, '2'],
          ],
        },
      ],
    })
  })
})

describe('a refusal', () => {
  it.each<[path: string, status: number, errorType: string, error: string]>([
    ['/api/v1/query?query=sum(', 400, 'bad_data', 'invalid parameter "query": 1:5: parse error: unexpected end of input'],
    ['/api/v1/query', 400, 'bad_data', 'invalid parameter "query": 1:1: parse error: no expression found in input'],
    ['/api/v1/query?query=1&time=x', 400, 'bad_data', 'invalid parameter "time": cannot parse "x" to a valid timestamp'],
    ['/api/v1/query?query=1&timeout=x', 400, 'bad_data', 'invalid parameter "timeout": cannot parse "x" to a valid duration'],
    [
      '/api/v1/query?query=up%2Bon(job)up',
      422,
      'execution',
      'found duplicate series for the match group {job="pods"} on the right hand-side',
    ],
    ['/api/v1/query_range?query=up&start=1&end=0&step=1', 400, 'bad_data', 'end timestamp must not be before start time'],
    [
      '/api/v1/query_range?query=up&start=1&end=2&step=0',
      400,
      'bad_data',
      'zero or negative query resolution step widths are not accepted',
    ],
    [
      '/api/v1/query_range?query=up&start=0&end=99999&step=1',
      400,
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries',
    ],
    ['/api/v1/query_range?query=up&end=2&step=1', 400, 'bad_data', 'invalid parameter "start": cannot parse "" to a valid timestamp'],
    ['/api/v1/query_range?query=up&start=1&end=2', 400, 'bad_data', 'invalid parameter "step": cannot parse "" to a valid duration'],
    ['/api/v1/query_range?query=up[1m]&start=1&end=2&step=1', 400, 'bad_data', 'must be Scalar or instant Vector'],
    ['/api/v1/series', 400, 'bad_data', 'no match[] parameter provided'],
    ['/api/v1/series?match[]=sum(up)', 400, 'bad_data', 'invalid parameter "match[]": expected a series selector'],
    ['/api/v1/label/%zz/values', 400, 'bad_data', 'invalid label name'],
  ])('of %s has status %d', async (...row) => {
    const [path, status, errorType, error] = row
    const answer = await get(path)
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      status,
      { status: 'error', errorType, error: expect.stringContaining(error) },
    ])
  })

  it('ends a query that takes too long', async () => {
    const slow = new VirtualClock(0)
    let readings = 0
    const hasty = { ...slow, nowMs: () => 0, schedule: slow.schedule.bind(slow), monotonicMs: () => readings++ * 1000 }
    const world = { clock: hasty, storage, intervalMs: 1000, engineOptions: {}, loops: () => [] }
    const other = await startServer(world, { host: '127.0.0.1', port: 0, log: silentLogger })
    const response = await fetch(`${other.url}/api/v1/query_range?query=1&start=0&end=60&step=1&timeout=5s`)
    await other.close()
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' },
    ])
  })

  it.each([
    ['GET', '/nope', 404],
    ['GET', '/api/v1/constructor', 404],
    ['GET', '//', 404],
    ['DELETE', '/api/v1/query', 405],
    ['POST', '/-/ready', 405],
  ])('of %s %s has status %d', async (method, path, status) => {
    expect((await get(path, { method })).status).toBe(status)
  })

  it('of a form without end has status 400', async () => {
    expect((await get('/api/v1/query', form({ query: 'x'.repeat(1_100_000) }))).status).toBe(400)
  })
})

describe('the other routes', () => {
  it.each([
    ['/api/v1/labels', ['__name__', 'i', 'job', 'pod']],
    ['/api/v1/labels?match[]=total', ['__name__', 'pod']],
    ['/api/v1/label/pod/values', ['a', 'b']],
    ['/api/v1/label/pod/values?match[]=total', ['a']],
    ['/api/v1/label/__name__/values', ['odd', 'total', 'up']],
    [
      '/api/v1/series?match[]=total&match[]=up{pod="a"}&match[]=total',
      [
        { __name__: 'total', pod: 'a' },
        { __name__: 'up', job: 'pods', pod: 'a' },
      ],
    ],
    ['/api/v1/series?match[]=odd&end=1699999990', []],
  ])('%s', async (path, data) => {
    expect(await dataOf(path)).toEqual(data)
  })

  it('the targets are listed with their health', async () => {
    expect(await dataOf('/api/v1/targets')).toEqual({
      activeTargets: [
        {
          discoveredLabels: { __address__: 'a:80', __metrics_path__: '/metrics', __scheme__: 'http', pod: 'a', job: 'pods' },
          labels: { instance: 'a:80', job: 'pods', pod: 'a' },
          scrapePool: 'pods',
          scrapeUrl: 'http://a:80/metrics',
          globalUrl: 'http://a:80/metrics',
          lastError: '',
          lastScrape: '0001-01-01T00:00:00Z',
          lastScrapeDuration: 0,
          health: 'unknown',
          scrapeInterval: '1.5s',
          scrapeTimeout: '1.5s',
        },
      ],
      droppedTargets: [],
      droppedTargetCounts: {},
    })
  })

  it.each([
    ['/-/ready', 'Prometheus Server is Ready.\n'],
    ['/-/healthy', 'Prometheus Server is Healthy.\n'],
  ])('%s', async (path, text) => {
    expect(await get(path)).toMatchObject({ status: 200, text })
  })

  it('the version is said to be ours', async () => {
    expect(await dataOf('/api/v1/status/buildinfo')).toMatchObject({ version: expect.stringMatching(/^3\.\d+\.\d+\+serin$/) })
  })

  it('the root is a page for people', async () => {
    expect(await get('/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' })
  })
})
