import { describe, expect, it } from 'vitest'
import { coalesced } from '../../src/metrics/coalescing.ts'
import type { MetricAnswer, MetricObserver, MetricQuestion } from '../../src/metrics/metric-store.ts'
import { noData, unreachable } from '../../src/metrics/silence.ts'
import { testIo } from '../support/io.ts'
import { settle } from '../support/virtual-clock.ts'
import { fakeStore, type Reply } from './fake-store.ts'
import { aQuestion, inShort } from './questions.ts'

const counting = () => {
  const seen: string[] = []
  const observer: MetricObserver = {
    asked: (store, outcome) => seen.push(`asked ${store} ${outcome}`),
    shared: store => seen.push(`shared ${store}`),
  }
  return { seen, observer }
}

const setUp = (reply?: (question: MetricQuestion) => Reply) => {
  const fake = fakeStore(reply)
  const counted = counting()
  return { ...fake, ...counted, shared: coalesced(fake.store, counted.observer), io: testIo() }
}

const question = aQuestion('http://prometheus:9090')

describe('identical questions', () => {
  it('at the same time are asked once', async () => {
    const { shared, asked, io } = setUp()
    const answers = await Promise.all([1, 2, 3].map(() => shared.ask(question, io)))
    expect([answers.map(inShort), asked.length]).toEqual([[1, 1, 1], 1])
  })

  it('within a second are asked once', async () => {
    const { shared, asked, io } = setUp()
    await shared.ask(question, io)
    await io.clock.advance(999)
    await shared.ask(question, io)
    expect(asked).toHaveLength(1)
  })

  it('are asked again after a second', async () => {
    const { shared, asked, io } = setUp()
    await shared.ask(question, io)
    await io.clock.advance(1000)
    await shared.ask(question, io)
    expect(asked).toHaveLength(2)
  })

  it('share why there is no answer too', async () => {
    const { shared, asked, io } = setUp(() => unreachable('refused'))
    const answers = [await shared.ask(question, io), await shared.ask(question, io)]
    expect([answers.map(inShort), asked.length]).toEqual([['StoreUnreachable', 'StoreUnreachable'], 1])
  })

  it('are counted', async () => {
    const { shared, seen, io } = setUp()
    await Promise.all([shared.ask(question, io), shared.ask(question, io)])
    await shared.ask(question, io)
    expect(seen).toEqual(['shared prometheus', 'asked prometheus ok', 'shared prometheus'])
  })

  it('are the same whatever order their headers have', async () => {
    const { shared, asked, io } = setUp()
    await shared.ask({ ...question, headers: { a: ['1'], b: ['2'] } }, io)
    await shared.ask({ ...question, headers: { b: ['2'], a: ['1'] } }, io)
    expect(asked).toHaveLength(1)
  })
})

describe('questions that differ', () => {
  it.each<Partial<MetricQuestion>>([
    { address: 'http://other:9090' },
    { query: 'up' },
    { headers: { 'X-Scope-OrgID': ['tenant1'] } },
    { secret: { token: 'abc' } },
    { insecureSkipVerify: true },
    { region: 'eu' },
  ])('by %j are both asked', async change => {
    const { shared, asked, io } = setUp()
    await Promise.all([shared.ask(question, io), shared.ask({ ...question, ...change }, io)])
    expect(asked).toHaveLength(2)
  })

  it('by credentials only never get each other’s answer', async () => {
    const { shared, io } = setUp(({ secret }) => ({ value: secret?.['token'] === 'mine' ? 1 : 2 }))
    const ask = (token: string) => shared.ask({ ...question, secret: { token } }, io)
    expect((await Promise.all([ask('mine'), ask('yours'), ask('mine')])).map(inShort)).toEqual([1, 2, 1])
  })
})

describe('someone who shares a question', () => {
  it('can leave without ending it for the others', async () => {
    let give: (answer: MetricAnswer) => void = () => {}
    const fake = fakeStore()
    const store = { ...fake.store, ask: () => new Promise<MetricAnswer>(resolve => (give = resolve)) }
    const shared = coalesced(store, counting().observer)
    const stop = new AbortController()
    const leaving = shared.ask(question, testIo({ signal: stop.signal }))
    const staying = shared.ask(question, testIo())
    stop.abort()
    await settle()
    give({ value: 7 })
    expect([inShort(await leaving), inShort(await staying)]).toEqual(['StoreUnreachable', 7])
  })

  it('ends it by leaving last', async () => {
    const { shared, state } = setUp(() => 'hang')
    const stop = new AbortController()
    const io = testIo({ signal: stop.signal })
    const asked = [shared.ask(question, io), shared.ask(question, io)]
    await settle()
    stop.abort()
    await Promise.all(asked)
    expect(state.calledOff).toBe(1)
  })

  it('leaves no answer behind that was called off', async () => {
    const replies: Reply[] = ['hang', { value: 2 }]
    const { shared } = setUp(() => replies.shift() ?? 'throw')
    const stop = new AbortController()
    const first = shared.ask(question, testIo({ signal: stop.signal }))
    await settle()
    stop.abort()
    await first
    expect(inShort(await shared.ask(question, testIo()))).toBe(2)
  })

  it('asks nothing when it has left before', async () => {
    const { shared, asked } = setUp()
    expect(inShort(await shared.ask(question, testIo({ signal: AbortSignal.abort() })))).toBe('StoreUnreachable')
    expect(asked).toHaveLength(0)
  })

  it('hears of a store that breaks', async () => {
    const replies: Reply[] = ['throw', { value: 2 }]
    const { shared, io } = setUp(() => replies.shift() ?? 'throw')
    await expect(shared.ask(question, io)).rejects.toThrow('boom')
    expect(inShort(await shared.ask(question, io))).toBe(2)
  })
})

describe('what is counted', () => {
  it.each<readonly [Reply, string]>([
    [{ value: 1 }, 'ok'],
    [noData('nothing'), 'ok'],
    [unreachable('refused'), 'error'],
  ])('of %j is %s', async (reply, outcome) => {
    const { shared, seen, io } = setUp(() => reply)
    await shared.ask(question, io)
    expect(seen).toEqual([`asked prometheus ${outcome}`])
  })
})

describe('probes', () => {
  it('of one store are made once', async () => {
    const { shared, probed, io } = setUp()
    await Promise.all([1, 2].map(() => shared.probe({ address: 'http://prometheus:9090' }, io)))
    expect(probed).toHaveLength(1)
  })

  it('never stand for an answer', async () => {
    const { shared, asked, probed, io } = setUp()
    await shared.probe({ address: 'http://prometheus:9090' }, io)
    await shared.ask(question, io)
    expect([asked.length, probed.length]).toEqual([1, 1])
  })
})

it('remembers no more than what it may still give', async () => {
  const { shared, asked, io } = setUp()
  for (let turn = 0; turn < 50; turn += 1) {
    await shared.ask(aQuestion('http://prometheus:9090', { query: `q${turn}` }), io)
    await io.clock.advance(100)
  }
  await shared.ask(aQuestion('http://prometheus:9090', { query: 'q45' }), io)
  await shared.ask(aQuestion('http://prometheus:9090', { query: 'q30' }), io)
  expect(asked).toHaveLength(51)
})
