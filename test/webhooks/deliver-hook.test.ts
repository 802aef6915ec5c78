import { describe, expect, it } from 'vitest'
import type { OutboxEntry } from '../../src/api/status.ts'
import type { HookCall, HookCaller, HookResult } from '../../src/webhooks/hook.ts'
import { payloadOf } from '../../src/webhooks/http-hooks.ts'
import { createHookDelivery } from '../../src/webhooks/registry.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { canaryOf, hookName, observedCalls } from './observed-calls.ts'

const recording = (result: Partial<HookResult> = {}) => {
  const calls: HookCall[] = []
  const caller: HookCaller = {
    call: async call => {
      calls.push(call)
      return { name: call.hook.name, type: 'event', muted: false, ok: true, message: '', ...result }
    },
  }
  return { calls, caller }
}

const anEntry = (change: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id: 'uid-7-0',
  channel: 'event',
  receiver: 'news',
  at: '2026-01-01T00:00:00.123Z',
  phase: 'Progressing',
  severity: 'info',
  reason: 'WeightAdvanced',
  message: 'Advance podinfo.test canary weight 20',
  ...change,
})

const hooks = [
  { name: 'news', type: 'event', url: 'http://news.test', metadata: { env: 'prod', eventType: 'x', timestamp: '1' } },
  { name: 'end', type: 'post-rollout', url: 'http://end.test' },
  { name: 'gate', type: 'confirm-rollout', url: 'http://gate.test' },
]
const canary = aCanary({ analysis: { webhooks: hooks } })

const delivering = (result: Partial<HookResult> = {}, globalEventUrl = '') => {
  const { calls, caller } = recording(result)
  const deliver = createHookDelivery({ caller, globalEventUrl })
  return { calls, deliver: (change: Partial<OutboxEntry> = {}, of = canary) => deliver(of, anEntry(change), testIo()) }
}

const secretUrl = 'http://events.test/services/T000/SECRET'

describe('an event', () => {
  const events = observedCalls.filter(call => hookName(call) === 'event')

  it.each(events.map((call, at) => [at, call.body.metadata['eventMessage'], call] as const))(
    'is, to the letter, observed event %i: %s',
    async (_, message, observedCall) => {
      const { eventType, timestamp } = observedCall.body.metadata
      const { calls, caller } = recording()
      const entry = anEntry({
        receiver: 'event',
        phase: observedCall.body.phase,
        severity: eventType === 'Normal' ? 'info' : 'warn',
        message: message ?? '',
        at: new Date(Number(timestamp)).toISOString(),
      })
      await createHookDelivery({ caller, globalEventUrl: '' })(canaryOf(observedCall), entry, testIo())
      expect(calls.map(call => JSON.stringify(payloadOf(call)))).toEqual([JSON.stringify(observedCall.body)])
    },
  )

  it('keeps its own three words against the metadata of the hook', async () => {
    const { calls, deliver } = delivering()
    await deliver()
    expect(calls.map(call => payloadOf(call)['metadata'])).toEqual([
      { env: 'prod', eventMessage: 'Advance podinfo.test canary weight 20', eventType: 'Normal', timestamp: '1767225600123' },
    ])
  })

  it.each([
    ['info', 'Normal'],
    ['warn', 'Warning'],
    ['error', 'Warning'],
  ] as const)('of severity %s is %s', async (severity, eventType) => {
    const { calls, deliver } = delivering()
    await deliver({ severity })
    expect(calls[0]?.metadata?.['eventType']).toBe(eventType)
  })

  it('goes to the hook of its name only', async () => {
    const { calls, deliver } = delivering({}, secretUrl)
    await deliver()
    expect(calls.map(({ hook }) => hook.url)).toEqual(['http://news.test'])
  })

  it('goes to the receiver of the controller where it was meant to', async () => {
    const { calls, deliver } = delivering({}, secretUrl)
    await deliver({ receiver: 'global' }, aCanary())
    expect(calls.map(({ hook }) => [hook.url, hook.timeout, hook.retries, hook.disableTLS])).toEqual([[secretUrl, '10s', 0, false]])
  })

  it('carries the same key at every attempt', async () => {
    const { calls, deliver } = delivering()
    await deliver()
    await deliver()
    expect(calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['uid-7-0', 'uid-7-0'])
  })
})

describe('the end of a rollout', () => {
  it('is told in the plain payload, with the phase it ended in', async () => {
    const { calls, deliver } = delivering()
    await deliver({ channel: 'hook', receiver: 'end', phase: 'Failed' })
    expect(calls.map(call => [call.hook.name, payloadOf(call)])).toEqual([
      ['end', { name: 'podinfo', namespace: 'test', phase: 'Failed', checksum: '758df7c9fc' }],
    ])
  })

  it('is told to no hook of another type', async () => {
    const { calls, deliver } = delivering()
    await expect(deliver({ channel: 'hook', receiver: 'gate' })).rejects.toThrow('webhook gate is not configured any more')
    expect(calls).toHaveLength(0)
  })

  it('never goes to the receiver of events', async () => {
    const { calls, deliver } = delivering({}, secretUrl)
    await expect(deliver({ channel: 'hook', receiver: 'global' })).rejects.toThrow('not configured')
    expect(calls).toHaveLength(0)
  })
})

describe('a delivery that fails', () => {
  it('is worth another one where nobody took it', async () =>
    expect(delivering({ ok: false, message: 'no answer', transient: true }).deliver()).rejects.toMatchObject({
      code: 'HookUndelivered',
      disposition: 'retry',
      message: 'no answer',
    }))

  it('is not worth many where the receiver refuses', async () =>
    expect(delivering({ ok: false, message: 'denied', transient: false }).deliver()).rejects.toMatchObject({ disposition: 'terminal' }))

  it('is not worth many where the hook is gone from the manifest', async () =>
    expect(delivering().deliver({ receiver: 'old' })).rejects.toMatchObject({ disposition: 'terminal' }))

  it('is not worth many where the controller has no receiver of events any more', async () =>
    expect(delivering().deliver({ receiver: 'global' })).rejects.toMatchObject({ disposition: 'terminal' }))

  it('never shows the address of the controller’s receiver', async () => {
    const { deliver } = delivering({ ok: false, message: `POST ${secretUrl} giving up` }, secretUrl)
    await expect(deliver({ receiver: 'global' }, aCanary())).rejects.toThrow(/^the event webhook of the controller did not take it$/)
  })
})
