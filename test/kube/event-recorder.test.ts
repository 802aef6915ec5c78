import { describe, expect, it, onTestFinished } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { type EventFacts, eventKind } from '../../src/kube/event-object.ts'
import { createEventRecorder, type EventRecorderOptions } from '../../src/kube/event-recorder.ts'
import { type FakeKubeApi, fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { aDeployment } from '../support/kinds.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const about = aDeployment({ uid: 'u1', resourceVersion: '7' })
const synced: EventFacts = { type: 'Normal', reason: 'Synced', message: 'New revision detected!' }

const recording = async (
  options: Partial<EventRecorderOptions> = {},
  clock = new VirtualClock(Date.parse('2026-03-01T10:00:00.789Z')),
  api: FakeKubeApi = fakeKubeApi({ clock }),
) => {
  const dropped: string[] = []
  const observer = { written() {}, dropped: (reason: string) => void dropped.push(reason) }
  const recorder = createEventRecorder({ api, component: 'flagger', instance: 'serin-1', random: () => 1, observer, ...options })
  const stopper = new AbortController()
  const io = testIo({ clock, signal: stopper.signal })
  const run = recorder.run(io)
  const stop = async () => {
    stopper.abort()
    await run
  }
  onTestFinished(stop)
  await clock.advance(0)
  const stored = () => api.storedAll(eventKind) as readonly (KubeObject & { count: number; message: string; lastTimestamp: string })[]
  return { api, clock, recorder, io, stop, stored, dropped }
}

describe('the event recorder', () => {
  it('writes a core Event beside the object it is about', async () => {
    const { clock, recorder, stored } = await recording()
    recorder.record(about, synced)
    await clock.advance(0)
    expect(stored()).toMatchObject([
      {
        metadata: { namespace: 'test' },
        involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'test', name: 'podinfo', uid: 'u1', resourceVersion: '7' },
        type: 'Normal',
        reason: 'Synced',
        message: 'New revision detected!',
        source: { component: 'flagger' },
        reportingComponent: 'flagger',
        reportingInstance: 'serin-1',
        firstTimestamp: '2026-03-01T10:00:00Z',
        lastTimestamp: '2026-03-01T10:00:00Z',
        count: 1,
      },
    ])
  })

  it('never waits', async () => {
    const { api, recorder } = await recording()
    api.fault({ with: 'hang' })
    expect(recorder.record(about, synced)).toBeUndefined()
  })

  it('counts a repetition and moves its time on', async () => {
    const { clock, recorder, stored } = await recording()
    recorder.record(about, synced)
    await clock.advance(60_000)
    recorder.record(about, synced)
    await clock.advance(0)
    expect(stored()).toMatchObject([{ count: 2, firstTimestamp: '2026-03-01T10:00:00Z', lastTimestamp: '2026-03-01T10:01:00Z' }])
  })

  it('folds repetitions that still wait into one write', async () => {
    const { api, clock, recorder, stored } = await recording()
    for (let n = 0; n < 5; n++) recorder.record(about, synced)
    await clock.advance(0)
    expect([api.requests.length, stored()[0]?.count]).toEqual([1, 5])
  })

  it('counts what is recorded while it is being written', async () => {
    const { clock, recorder, stored } = await recording()
    recorder.record(about, synced)
    await Promise.resolve()
    recorder.record(about, synced)
    await clock.advance(0)
    expect(stored()[0]?.count).toBe(2)
  })

  it.each([
    ['another message', about, { ...synced, message: 'Advance podinfo.test canary weight 10' }],
    ['another reason', about, { ...synced, reason: 'Promoted' }],
    ['another revision', about, { ...synced, revision: 'abc' }],
    ['an object with another uid', aDeployment({ uid: 'u2' }), synced],
  ])('tells %s apart', async (_name, object, facts) => {
    const { clock, recorder, stored } = await recording()
    recorder.record(about, synced)
    recorder.record(object, facts)
    await clock.advance(0)
    expect(stored().length).toBe(2)
  })

  it('stays one event when a process that restarted tells it again', async () => {
    const first = await recording()
    first.recorder.record(about, synced)
    await first.clock.advance(60_000)
    const second = await recording({}, first.clock, first.api)
    second.recorder.record(about, synced)
    await first.clock.advance(0)
    expect(first.stored()).toMatchObject([{ count: 1, lastTimestamp: '2026-03-01T10:01:00Z' }])
    second.recorder.record(about, synced)
    await first.clock.advance(0)
    expect(first.stored()[0]?.count).toBe(2)
  })

  it('writes a repetition anew when the server has forgotten the event', async () => {
    const { api, clock, recorder, stored } = await recording()
    recorder.record(about, synced)
    await clock.advance(0)
    const { namespace = '', name = '' } = stored()[0]?.metadata ?? {}
    api.drop(eventKind, { namespace, name })
    recorder.record(about, synced)
    await clock.advance(0)
    expect(stored()[0]?.count).toBe(1)
  })

  it('cuts a message to 1024 characters', async () => {
    const { clock, recorder, stored } = await recording()
    recorder.record(about, { ...synced, message: 'x'.repeat(5000) })
    await clock.advance(0)
    expect(stored()[0]?.message).toBe(`${'x'.repeat(1023)}…`)
  })

  it('makes a legal name for an object whose name is as long as may be', async () => {
    const { clock, recorder, stored } = await recording()
    recorder.record(aDeployment({ name: 'n'.repeat(253) }), synced)
    await clock.advance(0)
    expect(stored()[0]?.metadata.name.length).toBeLessThanOrEqual(253)
  })

  it('puts events about objects without a namespace into default', async () => {
    const { clock, recorder, stored } = await recording()
    recorder.record({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, synced)
    await clock.advance(0)
    expect(stored()[0]?.metadata.namespace).toBe('default')
  })

  it('keeps events through an outage, with growing waits', async () => {
    const { api, clock, recorder, stored, io } = await recording()
    api.fault({ with: 'Unreachable', times: 5 })
    recorder.record(about, synced)
    await clock.advance(60_000)
    expect(stored().length).toBe(1)
    expect(api.requests.length).toBe(6)
    expect(io.log.messages('warn')).toEqual(['event could not be written'])
  })

  it('drops what the server refuses for good, and goes on', async () => {
    const { api, clock, recorder, stored, dropped } = await recording()
    api.fault({ with: 'Forbidden' })
    recorder.record(about, { ...synced, reason: 'Refused' })
    recorder.record(about, synced)
    await clock.advance(0)
    expect([dropped, stored().length]).toEqual([['Refused'], 1])
  })

  it('drops what may no longer be written because we do not lead', async () => {
    const { api, clock, recorder, dropped } = await recording()
    api.fault({ with: 'Fenced' })
    recorder.record(about, synced)
    await clock.advance(0)
    expect(dropped).toEqual(['Synced'])
  })

  it('drops the oldest when more than a thousand wait', async () => {
    const { api, clock, recorder, dropped } = await recording()
    api.fault({ with: 'hang' })
    for (let n = 0; n < 1005; n++) recorder.record(about, { ...synced, reason: `R${n}` })
    await clock.advance(0)
    expect(dropped).toEqual(['R0', 'R1', 'R2', 'R3', 'R4'])
  })

  it('flushes what waits after it was stopped', async () => {
    const { api, clock, recorder, stop, stored } = await recording()
    api.fault({ with: 'hang' })
    recorder.record(about, synced)
    recorder.record(about, { ...synced, reason: 'Second' })
    await clock.advance(0)
    await stop()
    await recorder.flush(testIo({ clock }))
    expect(stored().length).toBe(2)
  })

  it('ends a flush that gets nowhere when told to', async () => {
    const { api, clock, recorder, stop } = await recording()
    api.fault({ with: 'Unreachable', times: 1000 })
    recorder.record(about, synced)
    await stop()
    const deadline = new AbortController()
    const flush = recorder.flush(testIo({ clock, signal: deadline.signal }))
    await clock.advance(1000)
    deadline.abort()
    await flush
    expect(clock.pending).toBe(0)
  })
})
