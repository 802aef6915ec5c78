import { describe, expect, it } from 'vitest'
import { readStatus } from '../../src/api/status.ts'
import { deepFreeze } from '../../src/kube/freeze.ts'

const entry = (minute: number) => ({
  at: `2026-01-01T00:0${minute}:00Z`,
  state: 'Progressing.analysing',
  weight: minute,
  reason: 'WeightAdvanced',
})

describe('a stored status', () => {
  it('costs what is new in it: entries that are the very same are read once', () => {
    const before = deepFreeze({ history: [entry(1), entry(2)] })
    const after = deepFreeze({ history: [...before.history, entry(3)] })
    const [old, read] = [readStatus(before).history, readStatus(after).history]
    expect(read).toEqual([entry(1), entry(2), entry(3)])
    expect(read?.slice(0, 2).every((one, index) => one === old?.[index])).toBe(true)
  })

  it('loses a list that holds garbage, and nothing else', () =>
    expect(readStatus({ phase: 'Progressing', history: [entry(1), { at: 'yesterday' }], grants: ['gate', 7] })).toEqual({
      phase: 'Progressing',
    }))

  it.each([[{}], ['text'], [null]])('loses a list that is %j', history => expect(readStatus({ history })).toEqual({}))

  it('is read again where it may have changed in place', () => {
    const status = { hold: { reason: 'CanaryNotReady', message: 'one', since: '2026-01-01T00:00:00Z' } }
    readStatus(status)
    status.hold.message = 'two'
    expect(readStatus(status).hold?.message).toBe('two')
  })

  it('gives the same field the same value however often it is read', () => {
    const weights = Array.from({ length: 600 }, (_, index) => index - 300)
    const read = () => weights.map(canaryWeight => readStatus({ canaryWeight }).canaryWeight)
    expect(read()).toEqual(weights)
    expect(read()).toEqual(weights)
  })

  it('does not take a value that one field may have for one of another field', () =>
    expect(readStatus({ servingFrom: 'canary', phase: 'canary', canaryWeight: '10', failedChecks: 10 })).toEqual({
      servingFrom: 'canary',
      failedChecks: 10,
    }))
})
