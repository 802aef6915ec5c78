import { describe, expect, it } from 'vitest'
import { createSlots } from '../../src/controller/slots.ts'
import { aCanary } from '../support/builders.ts'

const slotsWith = (count: number) => {
  const slots = createSlots()
  for (let at = 0; at < count; at += 1) {
    slots.seen(aCanary({ metadata: { namespace: 'test', name: `app-${at}` }, status: { nextEvidenceAt: '2026-01-01T00:00:00Z' } }))
  }
  return slots
}

describe('slots', () => {
  it.each([
    [1, 0],
    [19, 0],
    [20, 1 / 10],
    [100, 1 / 10],
    [199, 1 / 10],
    [200, 1 / 20],
    [1000, 1 / 80],
  ])('of %i canaries that are judged take this share of an interval: %f', (count, share) => expect(slotsWith(count).share()).toBe(share))

  it('count nobody who rests or is gone', () => {
    const slots = slotsWith(20)
    slots.seen(aCanary({ metadata: { namespace: 'test', name: 'app-0' } }))
    expect(slots.share()).toBe(0)
    slots.seen(aCanary({ metadata: { namespace: 'test', name: 'app-0' }, status: { nextEvidenceAt: '2026-01-01T00:00:00Z' } }))
    slots.forget('test/app-1')
    expect(slots.share()).toBe(0)
  })
})
