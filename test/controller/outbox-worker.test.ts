import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import type { OutboxEntry } from '../../src/api/status.ts'
import { createOutboxWorker } from '../../src/controller/outbox-worker.ts'
import { CanaryError, type Disposition } from '../../src/errors.ts'
import type { Io } from '../../src/io.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { settle } from '../support/virtual-clock.ts'

class Refused extends CanaryError {
  readonly code = 'Refused'
  readonly disposition: Disposition
  constructor(disposition: Disposition) {
    super(`refused, ${disposition}`)
    this.disposition = disposition
  }
}

const anEntry = (id: string, receiver = 'test/team'): OutboxEntry => ({
  id,
  channel: 'alert',
  receiver,
  at: '2026-01-01T00:00:00Z',
  phase: 'Progressing',
  severity: 'info',
  reason: 'WeightAdvanced',
  message: id,
})

const holding = (...entries: readonly OutboxEntry[]): Canary => aCanary({ status: { outbox: [...entries] } })

type Reply = 'ok' | 'hang' | Disposition

/** A worker and the receivers it talks to; each receiver answers as it is told, by its name. */
const setUp = (replies: Record<string, Reply> = {}) => {
  const io = testIo()
  const attempts: string[] = []
  const sent: string[] = []
  const woken: string[] = []
  const calledOff: string[] = []
  const release: Record<string, () => void> = {}
  const hang = (id: string, { signal }: Io) =>
    new Promise<void>((resolve, reject) => {
      release[id] = resolve
      signal.addEventListener('abort', () => {
        calledOff.push(id)
        reject(new Error('called off'))
      })
    })
  const worker = createOutboxWorker({
    deliver: async (_, { id, receiver }, callIo) => {
      attempts.push(id)
      const reply = replies[receiver] ?? 'ok'
      if (reply === 'hang') await hang(id, callIo)
      else if (reply !== 'ok') throw new Refused(reply)
      sent.push(id)
    },
    wake: canary => woken.push(canary),
    random: () => 1,
  })
  /** Lets so many milliseconds pass. */
  const pass = async (ms = 0) => {
    await io.clock.advance(ms)
    await settle()
  }
  return { io, worker, replies, attempts, sent, woken, calledOff, release, pass, offer: (canary: Canary) => worker.offer(canary, io) }
}

describe('the outbox worker', () => {
  it('sends what waits, in order', async () => {
    const { offer, pass, sent } = setUp()
    offer(holding(anEntry('1'), anEntry('2'), anEntry('3')))
    await pass()
    expect(sent).toEqual(['1', '2', '3'])
  })

  it('says what it sent, and wakes the Canary to record it', async () => {
    const { offer, pass, worker, woken } = setUp()
    offer(holding(anEntry('1')))
    await pass()
    expect([[...worker.delivered('test/podinfo')], woken]).toEqual([['1'], ['test/podinfo']])
  })

  it('sends nothing twice that it is offered twice', async () => {
    const { offer, pass, sent } = setUp()
    for (let turn = 0; turn < 3; turn += 1) {
      offer(holding(anEntry('1')))
      await pass()
    }
    expect(sent).toEqual(['1'])
  })

  it('forgets an acknowledgement that was recorded', async () => {
    const { offer, pass, worker } = setUp()
    offer(holding(anEntry('1')))
    await pass()
    offer(holding())
    expect(worker.delivered('test/podinfo').size).toBe(0)
  })

  it('does nothing for a Canary without messages', () => {
    const { offer, worker } = setUp()
    offer(holding())
    expect(worker.delivered('test/podinfo').size).toBe(0)
  })

  it('keeps the order of one receiver: what failed goes first', async () => {
    const { offer, pass, replies, sent } = setUp({ 'test/team': 'retry' })
    offer(holding(anEntry('1'), anEntry('2')))
    await pass()
    replies['test/team'] = 'ok'
    await pass(1000)
    expect(sent).toEqual(['1', '2'])
  })

  it('does not let one receiver hold up another', async () => {
    const { offer, pass, sent } = setUp({ slow: 'hang', broken: 'retry' })
    offer(holding(anEntry('1', 'slow'), anEntry('2', 'broken'), anEntry('3', 'fine'), anEntry('4', 'fine')))
    await pass()
    expect(sent).toEqual(['3', '4'])
  })

  it('keeps the channels of one receiver apart', async () => {
    const { offer, pass, attempts } = setUp({ same: 'hang' })
    offer(holding(anEntry('1', 'same'), { ...anEntry('2', 'same'), channel: 'event' }))
    await pass()
    expect(attempts).toEqual(['1', '2'])
  })

  it('sends with what the Canary says now', async () => {
    const io = testIo()
    const seen: (string | undefined)[] = []
    let fails = true
    const worker = createOutboxWorker({
      deliver: async canary => {
        seen.push(canary.metadata.resourceVersion)
        if (fails) throw new Error('down')
      },
      wake: () => {},
      random: () => 1,
    })
    const versioned = (resourceVersion: string) => aCanary({ status: { outbox: [anEntry('1')] }, metadata: { resourceVersion } })
    worker.offer(versioned('7'), io)
    await io.clock.advance(0)
    fails = false
    worker.offer(versioned('8'), io)
    await io.clock.advance(1000)
    expect(seen).toEqual(['7', '8'])
  })
})

describe('a message that is not taken', () => {
  it('is sent again with pauses that double, up to five minutes', async () => {
    const { offer, pass, attempts, io } = setUp({ 'test/team': 'retry' })
    offer(holding(anEntry('1')))
    const times: number[] = []
    for (let at = 0; at < 1200; at += 1) {
      await pass(at === 0 ? 0 : 1000)
      if (times.length < attempts.length) times.push(io.clock.monotonicMs() / 1000)
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111])
  })

  it('is sent again by chance a little sooner, so that not all come back at once', async () => {
    const io = testIo()
    const attempts: number[] = []
    const deliver = async () => {
      attempts.push(io.clock.monotonicMs())
      throw new Error('down')
    }
    createOutboxWorker({ deliver, wake: () => {}, random: () => 0 }).offer(holding(anEntry('1')), io)
    await io.clock.advance(500)
    expect(attempts).toEqual([0, 500])
  })

  it('begins with a short pause again after one that was taken', async () => {
    const { offer, pass, replies, attempts } = setUp({ 'test/team': 'retry' })
    offer(holding(anEntry('1'), anEntry('2')))
    await pass(7000)
    replies['test/team'] = 'ok'
    await pass(8000)
    replies['test/team'] = 'retry'
    offer(holding(anEntry('3')))
    await pass()
    const before = attempts.length
    await pass(1000)
    expect(attempts.slice(before)).toEqual(['3'])
  })

  it('is logged, with where it should have gone', async () => {
    const { offer, pass, io } = setUp({ 'test/team': 'retry' })
    offer(holding(anEntry('1')))
    await pass()
    expect(io.log.lines).toEqual([
      {
        level: 'warn',
        fields: { canary: 'test/podinfo', channel: 'alert', receiver: 'test/team', id: '1', error: 'refused, retry' },
        message: 'message not delivered, it will be sent again',
      },
    ])
  })

  it('is given up, aloud, after three refusals for good', async () => {
    const { offer, pass, attempts, worker, io } = setUp({ 'test/team': 'terminal' })
    offer(holding(anEntry('1')))
    await pass(60_000)
    expect([attempts, [...worker.delivered('test/podinfo')]]).toEqual([['1', '1', '1'], ['1']])
    expect(io.log.messages('error')).toEqual(['message given up, its receiver refuses it'])
  })

  it('is not given up for refusals that pass', async () => {
    const { offer, pass, replies, attempts, worker } = setUp({ 'test/team': 'retry' })
    offer(holding(anEntry('1')))
    await pass(15_000)
    replies['test/team'] = 'terminal'
    await pass(16_000)
    expect([attempts.length > 5, worker.delivered('test/podinfo').size]).toEqual([true, 0])
  })

  it('that is given up lets the next one go', async () => {
    const { offer, pass, replies, sent } = setUp({ 'test/team': 'terminal' })
    offer(holding(anEntry('1'), anEntry('2')))
    await pass(2999)
    replies['test/team'] = 'ok'
    await pass(60_000)
    expect(sent.at(-1)).toBe('2')
  })
})

describe('a message that left the outbox', () => {
  it('is not sent any more', async () => {
    const { offer, pass, attempts } = setUp({ 'test/team': 'retry' })
    offer(holding(anEntry('1'), anEntry('2')))
    await pass()
    offer(holding(anEntry('2')))
    await pass(1)
    expect(attempts).toEqual(['1', '2'])
  })

  it('while it was under way is not waited for again', async () => {
    const { offer, pass, release, sent, attempts, worker } = setUp({ 'test/team': 'hang' })
    offer(holding(anEntry('1'), anEntry('2')))
    await pass()
    offer(holding(anEntry('2')))
    release['1']?.()
    await pass()
    expect([sent, attempts]).toEqual([['1'], ['1', '2']])
    offer(holding(anEntry('2')))
    expect(worker.delivered('test/podinfo').size).toBe(0)
  })
})

describe('a Canary that is forgotten', () => {
  it('gets nothing sent any more', async () => {
    const { offer, pass, worker, attempts, io } = setUp({ 'test/team': 'retry' })
    offer(holding(anEntry('1'), anEntry('2')))
    await pass()
    worker.forget('test/podinfo')
    await pass(600_000)
    expect([attempts, io.clock.pending]).toEqual([['1'], 0])
  })

  it('has what is under way called off', async () => {
    const { offer, pass, worker, calledOff, woken, io } = setUp({ 'test/team': 'hang' })
    offer(holding(anEntry('1')))
    await pass()
    worker.forget('test/podinfo')
    await pass()
    expect([calledOff, woken, io.log.lines]).toEqual([['1'], [], []])
  })

  it('may come back', async () => {
    const { offer, pass, worker, replies, sent } = setUp({ 'test/team': 'hang' })
    offer(holding(anEntry('1')))
    await pass()
    worker.forget('test/podinfo')
    replies['test/team'] = 'ok'
    offer(holding(anEntry('1')))
    await pass()
    expect(sent).toEqual(['1'])
  })

  it('that nobody knows is no trouble', () => expect(() => setUp().worker.forget('test/other')).not.toThrow())
})

describe('a term that is over', () => {
  const term = (first: ReturnType<typeof setUp>) => {
    const stop = new AbortController()
    return { stop, io: { ...first.io, signal: stop.signal } }
  }

  it('sends nothing more', async () => {
    const stage = setUp({ 'test/team': 'retry' })
    const { stop, io } = term(stage)
    stage.worker.offer(holding(anEntry('1')), io)
    await stage.pass()
    stop.abort()
    await stage.pass(600_000)
    expect(stage.attempts).toEqual(['1'])
  })

  it('does not count what it called off as a failure', async () => {
    const stage = setUp({ 'test/team': 'hang' })
    const { stop, io } = term(stage)
    stage.worker.offer(holding(anEntry('1')), io)
    await stage.pass()
    stop.abort()
    await stage.pass()
    expect([stage.calledOff, stage.io.log.lines]).toEqual([['1'], []])
  })

  it.each<Reply>(['hang', 'retry'])('hands on to the next what it left undone (%s)', async reply => {
    const stage = setUp({ 'test/team': reply })
    const { stop, io } = term(stage)
    stage.worker.offer(holding(anEntry('1'), anEntry('2')), io)
    await stage.pass()
    stop.abort()
    await stage.pass()
    stage.replies['test/team'] = 'ok'
    stage.offer(holding(anEntry('1'), anEntry('2')))
    await stage.pass(1000)
    expect(stage.sent).toEqual(['1', '2'])
  })

  it('keeps what reached its receiver in the last moment', async () => {
    const stage = setUp({ 'test/team': 'hang' })
    const { stop, io } = term(stage)
    stage.worker.offer(holding(anEntry('1')), io)
    await stage.pass()
    stage.release['1']?.()
    stop.abort()
    await stage.pass()
    expect([...stage.worker.delivered('test/podinfo')]).toEqual(['1'])
  })
})
