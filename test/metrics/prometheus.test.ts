import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { MetricQuestion } from '../../src/metrics/metric-store.ts'
import { prometheus } from '../../src/metrics/prometheus.ts'
import { readAnswer, readFailure } from '../../src/metrics/prometheus-answer.ts'
import { testIo } from '../support/io.ts'
import { json, loopbackServer } from '../support/loopback-server.ts'
import { describeStore, onlyRequest } from './contract.ts'
import { aQuestion, inShort, wordsOf } from './questions.ts'

const body = (resultType: string, result: unknown) => ({ status: 'success', data: { resultType, result } })
const vector = (...values: readonly unknown[]) =>
  body(
    'vector',
    values.map((value, at) => ({ metric: { pod: String(at) }, value: [1_795_252_087.313, value] })),
  )

describeStore({
  provider: prometheus,
  value: json(vector('1.5')),
  nothing: json(vector()),
  secret: { username: 'serin-user', password: 'hunter2-and-more' },
})

const opened = () => {
  const store = prometheus.open()
  onTestFinished(() => store.close())
  return store
}

const askedWith = async (change: Partial<MetricQuestion>, path = '') => {
  const server = await loopbackServer(json(vector('1')))
  await opened().ask(aQuestion(`${server.url}${path}`, change), testIo())
  return onlyRequest(server)
}

describe('an answer of Prometheus', () => {
  const read = (data: unknown, status = 200) => readAnswer({ status, body: data })

  it.each([
    ['1', 1],
    ['99.5', 99.5],
    ['-0.25', -0.25],
    ['1e+06', 1_000_000],
    ['1.5E-7', 1.5e-7],
    ['.5', 0.5],
    ['0', 0],
  ])('of one sample %s is the number', (text, value) => expect(read(vector(text))).toEqual({ value }))

  it.each(['NaN', '+Inf', '-Inf', 'Infinity', '', ' ', 'abc', '0x10', '1e999', '1_000', 'null'])('of one sample %j is no evidence', text =>
    expect(inShort(read(vector(text)))).toBe('NoData'),
  )

  it.each([1, null, undefined, true, ['1'], { value: '1' }])('with the number written as %j is no evidence', value =>
    expect(inShort(read(vector(value)))).toBe('NoData'),
  )

  it.each<readonly [string, unknown, RegExp]>([
    ['without a series', vector(), /^no values found$/],
    ['with two series', vector('1', '2'), /expected one series, got 2/],
    ['with a range', body('matrix', [{ metric: {}, values: [[1, '1']] }]), /multiple values/],
    ['that is a scalar', body('scalar', [1, '1']), /got a scalar/],
    ['that is a text', body('string', [1, 'x']), /got a string/],
    ['with a native histogram', body('vector', [{ metric: {}, histogram: [1, {}] }]), /native histogram/],
    ['with a sample of one part', body('vector', [{ metric: {}, value: [1] }]), /expected a sample/],
    ['with nothing where a sample should be', body('vector', [null]), /expected a sample/],
    ['with no list', body('vector', 'x'), /expected a vector/],
  ])('%s is no evidence, and says why', (_, data, words) => {
    expect(inShort(read(data))).toBe('NoData')
    expect(wordsOf(read(data))).toMatch(words)
  })

  it('counts how many series there are', () => expect(wordsOf(read(vector(...Array.from({ length: 7 }, () => '1'))))).toContain('got 7'))

  it.each([400, 422])('that refuses the query with %i says that the metric is invalid', status => {
    const answer = read({ status: 'error', errorType: 'bad_data', error: 'parse error: unexpected }' }, status)
    expect(answer).toEqual({
      silence: { kind: 'invalid', reason: 'MetricInvalid', message: 'the query was refused: parse error: unexpected }' },
    })
  })

  it.each<readonly [string, number, unknown]>([
    ['a refusal that is not from Prometheus', 400, '<html>Bad Request</html>'],
    ['an error with a good status', 200, { status: 'error', errorType: 'internal', error: 'boom' }],
    ['an overload', 503, { status: 'error', errorType: 'timeout', error: 'query timed out' }],
    ['a body without data', 200, { status: 'success' }],
    ['a body of null', 200, null],
    ['an empty body', 200, ''],
    ['a status without content', 204, ''],
  ])('counts %s as a store that cannot be asked', (_, status, data) => expect(inShort(read(data, status))).toBe('StoreUnreachable'))

  it('is shown only as far as people read', () => expect(wordsOf(read('x'.repeat(10_000), 500)).length).toBeLessThan(300))
})

it('shows no beginning of a secret that its excerpt would cut', async () => {
  const server = await loopbackServer(response => response.writeHead(500).end(`${'x'.repeat(195)}hunter2-and-more`))
  const answer = await opened().ask(aQuestion(server.url, { secret: { username: 'me', password: 'hunter2-and-more' } }), testIo())
  expect(wordsOf(answer)).not.toContain('hunt')
})

describe('a failure on the way to Prometheus', () => {
  it.each([
    [{ error: 'getaddrinfo ENOTFOUND prometheus', code: 'ENOTFOUND' }, 'getaddrinfo ENOTFOUND prometheus'],
    [{ error: '', code: 'ECONNRESET' }, 'ECONNRESET'],
    [new Error('boom'), 'boom'],
    ['plain', 'plain'],
  ])('is told in its own words: %j', (thrown, words) => expect(wordsOf(readFailure(thrown))).toBe(words))
})

describe('a question to Prometheus', () => {
  it('is a GET of the query API, without a time of ours', async () => {
    const request = await askedWith({ query: 'sum(up)' })
    expect([request.method, request.path, [...request.query], request.body]).toEqual(['GET', '/api/v1/query', [['query', 'sum(up)']], ''])
  })

  it('has each run of white space as one space', async () => {
    const request = await askedWith({ query: '\n  sum(\n\trate(x[1m])\r\n)\n' })
    expect(request.query.get('query')).toBe(' sum( rate(x[1m]) ) ')
  })

  it('keeps every character of the query', async () => {
    const query = 'x{a=~"é+&=#%20;/?.*",b!="\\\\"} > bool 1'
    expect((await askedWith({ query })).query.get('query')).toBe(query)
  })

  it.each([
    ['', '/api/v1/query'],
    ['/', '/api/v1/query'],
    ['/prom', '/prom/api/v1/query'],
    ['/prom/?a=b', '/prom/api/v1/query'],
    ['/prom//#part', '/prom/api/v1/query'],
    ['/a%2Fb/', '/a%2Fb/api/v1/query'],
  ])('at the address path %j asks %s', async (path, asked) => {
    const request = await askedWith({}, path)
    expect([request.path, [...request.query.keys()]]).toEqual([asked, ['query']])
  })

  it('carries a token', async () => expect((await askedWith({ secret: { token: 'abc\n' } })).headers.authorization).toBe('Bearer abc'))

  it('carries a user and a password', async () => {
    const basic = `Basic ${Buffer.from('me:pä:ss').toString('base64')}`
    expect((await askedWith({ secret: { username: 'me', password: 'pä:ss' } })).headers.authorization).toBe(basic)
  })

  it('carries them without the line breaks of files', async () => {
    const basic = `Basic ${Buffer.from('me: pass ').toString('base64')}`
    expect((await askedWith({ secret: { username: 'me\n', password: ' pass \r\n' } })).headers.authorization).toBe(basic)
  })

  it('prefers the token', async () =>
    expect((await askedWith({ secret: { token: 'abc', username: 'me', password: 'x' } })).headers.authorization).toBe('Bearer abc'))

  it.each([
    [{ username: 'me' }, 'password'],
    [{ password: 'x' }, 'username'],
    [{}, 'username'],
    [{ token: '' }, 'username'],
  ])('is not sent with the Secret %j', async (secret, missing) => {
    const server = await loopbackServer(json(vector('1')))
    const answer = await opened().ask(aQuestion(server.url, { secret }), testIo())
    expect([server.requests.length, inShort(answer)]).toEqual([0, 'SecretMissing'])
    expect(wordsOf(answer)).toContain(`has no ${missing}`)
  })

  it('carries the user of the address', async () => {
    const server = await loopbackServer(json(vector('1')))
    await opened().ask(aQuestion(server.url.replace('//', '//me:p%40ss@')), testIo())
    expect(onlyRequest(server).headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  })

  it('carries further headers, to the letter', async () =>
    expect((await askedWith({ headers: { 'X-Scope-OrgID': ['tenant1'] } })).headers['x-scope-orgid']).toBe('tenant1'))

  it('has one authorization however often it is asked', async () => {
    const server = await loopbackServer(json(vector('1')))
    const store = opened()
    const question = aQuestion(server.url, { headers: { 'X-Scope-OrgID': ['tenant1'] }, secret: { token: 'abc' } })
    for (let tick = 0; tick < 10; tick += 1) await store.ask(question, testIo())
    expect(new Set(server.requests.map(({ headers }) => `${headers.authorization} ${headers['x-scope-orgid']}`))).toEqual(
      new Set(['Bearer abc tenant1']),
    )
    expect(question.headers).toEqual({ 'X-Scope-OrgID': ['tenant1'] })
  })

  it('reads compressed answers', async () => {
    const server = await loopbackServer(response =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify(vector('2')))),
    )
    expect(inShort(await opened().ask(aQuestion(server.url), testIo()))).toBe(2)
  })

  it('is not blown up by a compressed answer', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))
    const server = await loopbackServer(response =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb),
    )
    const answer = await opened().ask(aQuestion(server.url), testIo())
    expect([inShort(answer), wordsOf(answer)]).toEqual(['NoData', expect.stringContaining('far too long')])
  })

  it('goes through a proxy when there is one', async () => {
    const proxy = await loopbackServer(json(vector('3')))
    const store = prometheus.open({ proxies: { HTTP_PROXY: proxy.url, NO_PROXY: 'internal.example' } })
    onTestFinished(() => store.close())
    expect(inShort(await store.ask(aQuestion('http://prometheus.example:9090'), testIo()))).toBe(3)
  })

  it('passes by the proxy where it should', async () => {
    const [proxy, server] = [await loopbackServer(json(vector('3'))), await loopbackServer(json(vector('4')))]
    const store = prometheus.open({ proxies: { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' } })
    onTestFinished(() => store.close())
    expect(inShort(await store.ask(aQuestion(server.url), testIo()))).toBe(4)
  })
})

describe('the probe of Prometheus', () => {
  const probed = async (data: unknown, status = 200) => {
    const server = await loopbackServer(json(data, status))
    return { problem: await opened().probe({ address: server.url }, testIo()), server }
  }

  it('asks for vector(1)', async () => expect(onlyRequest((await probed(vector('1'))).server).query.get('query')).toBe('vector(1)'))
  it('is content with exactly 1', async () => expect((await probed(vector('1'))).problem).toBeUndefined())
  it('says what came instead', async () => expect((await probed(vector('2'))).problem).toBe('expected 1 for the query vector(1), got 2'))
  it('says why the store cannot be asked', async () => expect((await probed('no', 503)).problem).toContain('503'))
})

describe('questions that are asked together', () => {
  const bothAsked = async (change: Partial<MetricQuestion> = {}) => {
    const marked = [0, 1].map(at => ({ metric: { serin_query: String(at) }, value: [1_795_252_087.313, String(at + 5)] }))
    const server = await loopbackServer(json(body('vector', marked)))
    const store = prometheus.open({ batching: true })
    onTestFinished(() => store.close())
    const io = testIo()
    const asked = Promise.all(['vector(5)', ' sum(\n  up ) '].map(query => store.ask(aQuestion(server.url, { query, ...change }), io)))
    await io.clock.advance(50)
    return { answers: (await asked).map(inShort), request: onlyRequest(server), pending: io.clock.pending }
  }

  it('get each their own answer', async () => expect((await bothAsked()).answers).toEqual([5, 6]))

  it('are posted as a form, each as it would be sent alone, at the time of the store', async () => {
    const { method, path, query, headers, body: form } = (await bothAsked()).request
    expect([method, path, [...query], headers['content-type'], [...new URLSearchParams(form)]]).toEqual([
      'POST',
      '/api/v1/query',
      [],
      expect.stringContaining('application/x-www-form-urlencoded'),
      [['query', 'label_replace((vector(5)\n),"serin_query","0","","") or label_replace(( sum( up ) \n),"serin_query","1","","")']],
    ])
  })

  it('carry their credentials', async () => {
    const { headers } = (await bothAsked({ secret: { token: 'abc' }, headers: { 'X-Scope-OrgID': ['tenant1'] } })).request
    expect([headers.authorization, headers['x-scope-orgid']]).toEqual(['Bearer abc', 'tenant1'])
  })

  it('leave no timer behind', async () => expect((await bothAsked()).pending).toBe(0))
})
