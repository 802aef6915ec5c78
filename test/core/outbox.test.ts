import { describe, expect, it } from 'vitest'
import type { OutboxEntry } from '../../src/api/status.ts'
import type { Alert, Notice } from '../../src/core/notices.ts'
import { outboxLimit, type Posting, post } from '../../src/core/outbox.ts'
import { aCanary, epochMs } from '../support/builders.ts'

type Fields = Readonly<Record<string, unknown>>

const notice = (change: Partial<Notice> = {}): Notice => ({
  type: 'Normal',
  reason: 'WeightAdvanced',
  message: 'Advance podinfo.test',
  ...change,
})
const alert = (severity: Alert['severity'], change: Partial<Alert> = {}): Notice =>
  notice({ alert: { severity, text: 'Text for chat.', ...change } })

const posted = (change: Partial<Posting> & { analysis?: Fields } = {}) => {
  const { analysis = {}, ...rest } = change
  return post({
    canary: aCanary({ analysis }),
    notices: [notice()],
    phase: 'Progressing',
    nowMs: epochMs,
    receivers: { globalAlert: true, globalEvent: true },
    delivered: new Set(),
    ...rest,
  })
}
const entriesOf = (channel: OutboxEntry['channel'], change: Parameters<typeof posted>[0] = {}) =>
  posted(change).outbox.filter(entry => entry.channel === channel)
const receiversOf = (channel: OutboxEntry['channel'], change: Parameters<typeof posted>[0] = {}) =>
  entriesOf(channel, change).map(({ receiver }) => receiver)

const waiting = (id: string, at = '2026-01-01T00:00:00.000Z'): OutboxEntry => ({
  id,
  channel: 'event',
  receiver: 'global',
  at,
  phase: 'Progressing',
  severity: 'info',
  reason: 'WeightAdvanced',
  message: 'earlier',
})

describe('alerts of a Canary that names no receiver', () => {
  it.each(['info', 'warn', 'error'] as const)('go to everybody’s chat with severity %s', severity =>
    expect(receiversOf('alert', { notices: [alert(severity)] })).toEqual(['global']),
  )

  it('go nowhere where the controller has no chat', () =>
    expect(receiversOf('alert', { notices: [alert('error')], receivers: { globalAlert: false, globalEvent: true } })).toEqual([]))
})

describe('alerts of a Canary that names receivers', () => {
  const to = (severity: string | undefined) => ({
    alerts: [{ name: 'a', ...(severity === undefined ? {} : { severity }), providerRef: { name: 'team' } }],
  })

  it.each([
    ['info', 'info', true],
    ['info', 'warn', true],
    ['info', 'error', true],
    ['warn', 'info', false],
    ['warn', 'warn', true],
    ['warn', 'error', true],
    ['error', 'info', false],
    ['error', 'warn', false],
    ['error', 'error', true],
    ['', 'info', true],
    [undefined, 'info', true],
    [undefined, 'error', true],
  ] as const)('from %s on, with severity %s, are sent: %s', (least, severity, sent) =>
    expect(receiversOf('alert', { notices: [alert(severity)], analysis: to(least) })).toEqual(sent ? ['test/team'] : []),
  )

  it('go to each of them, and not to everybody', () => {
    const alerts = [
      { name: 'a', severity: 'info', providerRef: { name: 'team' } },
      { name: 'b', severity: 'error', providerRef: { name: 'team' } },
      { name: 'c', severity: 'warn', providerRef: { name: 'ops', namespace: 'shared' } },
    ]
    expect(receiversOf('alert', { notices: [alert('warn')], analysis: { alerts } })).toEqual(['test/team', 'shared/ops'])
  })
})

describe('events', () => {
  const hooks = (...names: readonly string[]) => ({ webhooks: names.map(name => ({ name, type: 'event', url: 'http://a.test' })) })

  it('go to the receiver of the controller', () => expect(receiversOf('event')).toEqual(['global']))
  it('go to every event hook of the Canary instead', () => expect(receiversOf('event', { analysis: hooks('a', 'b') })).toEqual(['a', 'b']))
  it('go nowhere where nobody listens', () =>
    expect(receiversOf('event', { receivers: { globalAlert: true, globalEvent: false } })).toEqual([]))
  it.each([
    ['Normal', 'info'],
    ['Warning', 'warn'],
  ] as const)('of type %s have severity %s', (type, severity) =>
    expect(entriesOf('event', { notices: [notice({ type })] }).map(entry => entry.severity)).toEqual([severity]),
  )
})

describe('the end of a rollout', () => {
  const webhooks = [
    { name: 'one', type: 'post-rollout', url: 'http://a.test' },
    { name: 'two', type: 'post-rollout', url: 'http://a.test' },
    { name: 'gate', type: 'confirm-rollout', url: 'http://a.test' },
  ]

  it('is told to every post-rollout hook', () =>
    expect(receiversOf('hook', { notices: [notice({ final: true })], analysis: { webhooks } })).toEqual(['one', 'two']))
  it('is the only thing they are told', () => expect(receiversOf('hook', { analysis: { webhooks } })).toEqual([]))
})

describe('an entry of the outbox', () => {
  it('says what happened, where, when and why', () =>
    expect(
      entriesOf('alert', { notices: [{ ...alert('error', { withDetails: true }), because: 'it was slow' }], phase: 'Failed' }),
    ).toEqual([
      {
        id: 'canary-uid-7-1',
        channel: 'alert',
        receiver: 'global',
        at: '2026-01-01T00:00:00.000Z',
        phase: 'Failed',
        severity: 'error',
        reason: 'WeightAdvanced',
        message: 'Text for chat.',
        because: 'it was slow',
        withDetails: true,
      },
    ]))

  it('has the same key whoever makes it from the same version of the object', () => expect(posted()).toEqual(posted()))

  it('has a key of its own', () => {
    const ids = posted({ notices: [alert('info'), notice(), alert('warn')] }).outbox.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('holds no address and no secret', () => {
    const analysis = { webhooks: [{ name: 'a', type: 'event', url: 'http://a.test/SECRET' }] }
    expect(JSON.stringify(posted({ analysis }).outbox)).not.toContain('SECRET')
  })
})

describe('what waits in the outbox', () => {
  const holding = (entries: readonly OutboxEntry[]) => aCanary({ status: { outbox: [...entries] } })

  it('comes before what is new', () =>
    expect(posted({ canary: holding([waiting('old')]) }).outbox.map(({ id }) => id)).toEqual(['old', 'canary-uid-7-0']))

  it('leaves when it was delivered', () => {
    const { outbox, dropped } = posted({ canary: holding([waiting('old')]), delivered: new Set(['old']), notices: [] })
    expect([outbox, dropped]).toEqual([[], 0])
  })

  it('is dropped, and counted, after a day', () => {
    const entries = [waiting('late', '2025-12-30T23:59:59.999Z'), waiting('old', '2025-12-31T00:00:00.000Z')]
    const { outbox, dropped } = posted({ canary: holding(entries), notices: [] })
    expect([outbox.map(({ id }) => id), dropped]).toEqual([['old'], 1])
  })

  it('gives way, the oldest first and counted, when there is too much', () => {
    const entries = Array.from({ length: outboxLimit.entries }, (_, at) => waiting(`old-${at}`))
    const { outbox, dropped } = posted({ canary: holding(entries), notices: [notice(), notice()] })
    expect([outbox.length, outbox[0]?.id, outbox.at(-1)?.id, dropped]).toEqual([50, 'old-2', 'canary-uid-7-1', 2])
  })
})
