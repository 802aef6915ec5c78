import { describe, expect, it } from 'vitest'
import type { JointCall } from '../../src/metrics/batch-run.ts'
import { createBatcher } from '../../src/metrics/batching.ts'
import { readAnswer } from '../../src/metrics/prometheus-answer.ts'
import type { Outcome, PrometheusCall } from '../../src/metrics/prometheus-call.ts'
import { noData, unreachable } from '../../src/metrics/silence.ts'
import { testIo } from '../support/io.ts'
import { settle } from '../support/virtual-clock.ts'
import { embeddedAnswer } from './embedded-answers.ts'
import { inShort } from './questions.ts'

interface Reply {
  readonly outcome: Outcome
  readonly afterMs?: number
}

const evaluated = ({ query }: PrometheusCall): Reply => ({ outcome: embeddedAnswer(query) })

/** A server that evaluates what it is asked, unless `reply` says otherwise; one that takes longer than a call waits is given up. */
const setUp = (reply: (call: PrometheusCall) => Reply = evaluated) => {
  const calls: PrometheusCall[] = []
  const io = testIo()
  const state = { reply, calledOff: 0 }
  const batcher = createBatcher(
    (call, { signal, clock }) =>
      new Promise((resolve, reject) => {
        calls.push(call)
        const { outcome, afterMs = 0 } = state.reply(call)
        if (outcome === broken) return reject(new Error('boom'))
        if (afterMs === 0) return resolve(outcome)
        const late = afterMs > call.timeoutMs ? unreachable(`no answer within ${call.timeoutMs / 1000}s`) : outcome
        clock.schedule(Math.min(afterMs, call.timeoutMs), () => resolve(late))
        signal.addEventListener('abort', () => {
          state.calledOff += 1
          resolve(unreachable('called off'))
        })
      }),
  )
  const ask = (query: string, change: Partial<JointCall> = {}, signal = io.signal) => batcher.ask(aCall(query, change), { ...io, signal })
  /** What each query gets when all are asked at once, in short. */
  const askAll = async (...queries: readonly string[]) => {
    const asked = Promise.all(queries.map(query => ask(query)))
    await io.clock.advance(10_000)
    return (await asked).map(short)
  }
  const methods = () => calls.splice(0).map(({ method }) => method)
  return { calls, io, state, ask, askAll, methods }
}

const broken: Outcome = { status: 0, body: 'broken' }

const aCall = (query: string, change: Partial<JointCall> = {}): JointCall => ({
  endpoint: { url: 'http://prometheus:9090', headers: {} },
  verifyTls: true,
  query,
  method: 'GET',
  timeoutMs: 5000,
  clean: text => text.replaceAll('hunter2', '…'),
  ...change,
})

const answerIn = (outcome: Outcome) => ('silence' in outcome ? outcome : readAnswer(outcome))
const short = (outcome: Outcome) => inShort(answerIn(outcome))

const isBatch = ({ method }: PrometheusCall): boolean => method === 'POST'
const vectors = (count: number): string[] => Array.from({ length: count }, (_, at) => `vector(${at})`)

describe('queries that come together', () => {
  it('are asked in one request', async () => {
    const { ask, io, methods } = setUp()
    const first = ask('vector(1)')
    await io.clock.advance(19)
    const second = ask('vector(2)')
    await io.clock.advance(20)
    expect([short(await first), short(await second), methods()]).toEqual([1, 2, ['POST']])
  })

  it('do not wait when nobody joined for 20 ms', async () => {
    const { ask, io, methods } = setUp()
    void ask('vector(1)')
    await io.clock.advance(20)
    void ask('vector(2)')
    await io.clock.advance(20)
    expect(methods()).toEqual(['GET', 'GET'])
  })

  it('wait 50 ms at most, however many still come', async () => {
    const { ask, io, calls } = setUp()
    for (let turn = 0; turn < 5; turn += 1) {
      void ask(`vector(${turn})`)
      await io.clock.advance(turn === 3 ? 5 : 15)
    }
    expect(calls.map(({ query }) => query.match(/vector\(\d\)/g))).toEqual([['vector(0)', 'vector(1)', 'vector(2)', 'vector(3)']])
  })

  it('keep their verdicts apart', async () => {
    const { askAll, methods } = setUp()
    const queries = ['vector(7)', 'load', 'absent_metric', 'odd{kind="nan"}', 'odd{kind="infinite"}', 'load{pod="a-0"}', 'vector(8)']
    const alone = queries.map(query => short(embeddedAnswer(query)))
    expect([await askAll(...queries), methods()]).toEqual([alone, ['POST']])
  })

  it('go at once when there are 50', async () => {
    const { ask, methods } = setUp()
    for (const query of vectors(50)) void ask(query)
    await settle()
    expect(methods()).toEqual(['POST'])
  })

  it('are never more than 15 kB together', async () => {
    const { askAll, calls } = setUp()
    await askAll(...Array.from({ length: 40 }, (_, at) => `vector(${at}) * ${'1 * '.repeat(200)}1`))
    expect([calls.every(isBatch), calls.length > 2, Math.max(...calls.map(({ query }) => query.length)) < 15_000]).toEqual([
      true,
      true,
      true,
    ])
  })

  it('are given up after a second', async () => {
    const { askAll, calls } = setUp()
    await askAll('vector(1)', 'vector(2)')
    expect(calls.map(({ timeoutMs }) => timeoutMs)).toEqual([1000])
  })
})

describe('queries to', () => {
  it.each<readonly [string, Partial<JointCall>]>([
    ['different addresses', { endpoint: { url: 'http://other:9090', headers: {} } }],
    ['different paths', { endpoint: { url: 'http://prometheus:9090/team', headers: {} } }],
    ['different tenants', { endpoint: { url: 'http://prometheus:9090', headers: { 'X-Scope-OrgID': ['team'] } } }],
    ['different users', { endpoint: { url: 'http://prometheus:9090', headers: { Authorization: 'Bearer abc' } } }],
    ['servers trusted differently', { verifyTls: false }],
  ])('%s are never asked together', async (_, change) => {
    const { ask, io, methods } = setUp()
    void ask('vector(1)')
    void ask('vector(2)', change)
    await io.clock.advance(50)
    expect(methods()).toEqual(['GET', 'GET'])
  })

  it('one server by one user are asked together whatever the order of their headers', async () => {
    const { ask, io, methods } = setUp()
    void ask('vector(1)', { endpoint: { url: 'http://a', headers: { a: '1', b: '2' } } })
    void ask('vector(2)', { endpoint: { url: 'http://a', headers: { b: '2', a: '1' } } })
    await io.clock.advance(50)
    expect(methods()).toEqual(['POST'])
  })
})

describe('someone whose query is one of several', () => {
  it('can leave without ending it for the others', async () => {
    const { ask, io } = setUp(call => ({ ...evaluated(call), afterMs: 100 }))
    const stop = new AbortController()
    const leaving = ask('vector(1)', {}, stop.signal)
    const staying = ask('vector(2)')
    await io.clock.advance(60)
    stop.abort()
    expect(short(await leaving)).toBe('StoreUnreachable')
    await io.clock.advance(100)
    expect(short(await staying)).toBe(2)
  })

  it('is not asked for after leaving', async () => {
    const { ask, io, calls } = setUp()
    const stop = new AbortController()
    void ask('vector(1)', {}, stop.signal)
    void ask('vector(2)')
    stop.abort()
    await io.clock.advance(50)
    expect(calls.map(({ query }) => query)).toEqual(['vector(2)'])
  })

  it('leaves nothing behind by leaving last', async () => {
    const { ask, io, calls } = setUp()
    const stop = new AbortController()
    void ask('vector(1)', {}, stop.signal)
    void ask('vector(2)', {}, stop.signal)
    stop.abort()
    await settle()
    expect([io.clock.pending, calls]).toEqual([0, []])
  })

  it('ends the request by leaving last', async () => {
    const { ask, io, state } = setUp(call => ({ ...evaluated(call), afterMs: 500 }))
    const stop = new AbortController()
    void ask('vector(1)', {}, stop.signal)
    void ask('vector(2)', {}, stop.signal)
    await io.clock.advance(60)
    stop.abort()
    await settle()
    expect(state.calledOff).toBe(1)
  })

  it('asks nothing when it has left before', async () => {
    const { ask, calls } = setUp()
    expect([short(await ask('vector(1)', {}, AbortSignal.abort())), calls]).toEqual(['StoreUnreachable', []])
  })

  it('hears of a client that breaks', async () => {
    const { ask, io } = setUp(() => ({ outcome: broken }))
    const asked = Promise.allSettled([ask('vector(1)'), ask('vector(2)')])
    await io.clock.advance(50)
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})

const answer = (result: readonly unknown[], more: object = {}): Outcome => ({
  status: 200,
  body: { status: 'success', data: { resultType: 'vector', result }, ...more },
})
const series = (mark: string) => ({ metric: { serin_query: mark }, value: [1, '999'] })

describe('a batch that fails', () => {
  const failures: readonly (readonly [string, Outcome])[] = [
    ['is refused', { status: 400, body: { status: 'error', errorType: 'bad_data', error: 'parse error' } }],
    [
      'is too much',
      { status: 422, body: { status: 'error', errorType: 'execution', error: 'query processing would load too many samples' } },
    ],
    ['has a body too long', { status: 413, body: 'too large' }],
    ['may not be posted', { status: 403, body: 'forbidden' }],
    ['meets a proxy without an upstream', { status: 502, body: '<html>' }],
    ['gets no answer', unreachable('reset')],
    ['gets an answer too long', noData('the answer is far too long')],
    ['gets a series of nobody', answer([series('0'), series('2')])],
    ['gets a series without a mark', answer([series('0'), { metric: {}, value: [1, '999'] }])],
    ['gets a mark that is no number', answer([series('0x1')])],
    ['gets an answer with warnings', answer([series('0'), series('1')], { warnings: ['store gateway 3 did not answer'] })],
    ['gets an answer that is partial', answer([series('0'), series('1')], { isPartial: true })],
    ['gets far more series than anybody needs', answer(Array.from({ length: 21 }, () => series('0')))],
    ['gets a range', { status: 200, body: { status: 'success', data: { resultType: 'matrix', result: [] } } }],
    ['gets no JSON', { status: 200, body: '<html>Sign in</html>' }],
  ]
  it.each(failures)('because it %s leaves each its own answer', async (_, outcome) => {
    const { askAll } = setUp(call => (isBatch(call) ? { outcome } : evaluated(call)))
    expect(await askAll('vector(1)', 'vector(2)')).toEqual([1, 2])
  })

  it('holds nobody up until a slow one has answered', async () => {
    const slow = 'vector(2)'
    const { ask, io } = setUp(call => ({ ...evaluated(call), afterMs: call.query === slow || isBatch(call) ? 4000 : 0 }))
    const quick = ask('vector(1)')
    void ask(slow)
    await io.clock.advance(1050)
    expect(short(await quick)).toBe(1)
  })
})

describe('a query that disturbs others', () => {
  const bad = 'label_replace(load, "pod", "x", "", "")'

  it.each<readonly [string, (call: PrometheusCall) => Reply]>([
    ['is refused', evaluated],
    [
      'has something left out',
      ({ query }) => ({ outcome: query.includes(bad) ? answer([], { warnings: ['a limit'] }) : embeddedAnswer(query) }),
    ],
    ['hangs', call => ({ outcome: embeddedAnswer(call.query.replace(bad, 'load')), afterMs: call.query.includes(bad) ? 9000 : 0 })],
    ['is far too long', ({ query }) => ({ outcome: query.includes(bad) ? noData('far too long') : embeddedAnswer(query) })],
    [
      'has many series',
      ({ query }) => {
        const many = Array.from({ length: 21 }, () => ({ metric: query === bad ? {} : { serin_query: '1' }, value: [1, '1'] }))
        return { outcome: query.includes(bad) ? answer(many) : embeddedAnswer(query) }
      },
    ],
    ['is kept from us', ({ query }) => ({ outcome: query.includes(bad) ? { status: 403, body: 'no' } : embeddedAnswer(query) })],
  ])('because it %s is asked alone from then on', async (_, reply) => {
    const { askAll, calls } = setUp(reply)
    await askAll('vector(1)', bad, 'vector(2)')
    calls.length = 0
    await askAll('vector(1)', bad, 'vector(2)')
    expect(calls.map(call => [isBatch(call), call.query.includes(bad)])).toEqual([
      [false, true],
      [true, false],
    ])
  })

  it('may join again once it is fine alone', async () => {
    const { askAll, state, methods } = setUp(call => ({
      outcome: call.query.includes('(2)') ? { status: 422, body: {} } : evaluated(call).outcome,
    }))
    await askAll('vector(1)', 'vector(2)')
    state.reply = evaluated
    await askAll('vector(1)', 'vector(2)')
    methods()
    await askAll('vector(1)', 'vector(2)')
    expect(methods()).toEqual(['POST'])
  })

  it('is found when a batch was slow', async () => {
    const { askAll, calls } = setUp(call => ({ ...evaluated(call), afterMs: call.query.includes('vector(2)') ? 400 : 10 }))
    const queries = ['vector(1)', 'vector(2)', 'vector(3)']
    for (let pass = 0; pass < 2; pass += 1) await askAll(...queries)
    calls.length = 0
    await askAll(...queries)
    expect(calls.map(call => [isBatch(call), call.query.includes('vector(2)')])).toEqual([
      [false, true],
      [true, false],
    ])
  })
})

describe('a server', () => {
  const noBatches = (call: PrometheusCall): Reply =>
    isBatch(call) ? { outcome: { status: 405, body: 'hunter2 may not POST' } } : evaluated(call)

  it('that answers one by one only gets no batches for a while', async () => {
    const { askAll, methods } = setUp(noBatches)
    await askAll('vector(1)', 'vector(2)')
    methods()
    await askAll('vector(1)', 'vector(2)')
    expect(methods()).toEqual(['GET', 'GET'])
  })

  it('that answers one by one only is told of, without credentials', async () => {
    const { askAll, io } = setUp(noBatches)
    await askAll('vector(1)', 'vector(2)')
    expect(io.log.lines).toEqual([
      {
        level: 'warn',
        fields: { address: 'http://prometheus:9090', forSeconds: 300, error: 'error response: Status 405: … may not POST' },
        message: expect.stringContaining('not batched'),
      },
    ])
  })

  it('is given another chance after five minutes', async () => {
    const { askAll, io, state, methods } = setUp(noBatches)
    await askAll('vector(1)', 'vector(2)')
    state.reply = evaluated
    await io.clock.advance(300_000)
    methods()
    await askAll('vector(1)', 'vector(2)')
    expect(methods()).toEqual(['POST'])
  })

  it('that was down gets batches again at once', async () => {
    const { askAll, state, methods, io } = setUp(() => ({ outcome: unreachable('refused') }))
    await askAll('vector(1)', 'vector(2)')
    state.reply = evaluated
    methods()
    await askAll('vector(1)', 'vector(2)')
    expect([methods(), io.log.lines]).toEqual([['POST'], []])
  })

  it('that hung gets batches again at once', async () => {
    const { askAll, state, methods } = setUp(call => ({ ...evaluated(call), afterMs: 9000 }))
    await askAll('vector(1)', 'vector(2)')
    state.reply = evaluated
    methods()
    await askAll('vector(1)', 'vector(2)')
    expect(methods()).toEqual(['POST'])
  })
})
