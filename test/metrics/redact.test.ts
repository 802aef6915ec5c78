import { describe, expect, it } from 'vitest'
import { redactorOf } from '../../src/metrics/redact.ts'

describe('what a message may repeat of a question', () => {
  const address = 'http://prometheus:9090'

  it('is no value of its Secret', () =>
    expect(redactorOf({ address, secret: { token: 'abc123\n' } })('bad token abc123!')).toBe('bad token …!'))

  it('is no user and password as they are sent', () => {
    const sent = Buffer.from('me:hunter2').toString('base64')
    const redact = redactorOf({ address, secret: { username: 'me', password: 'hunter2' } })
    expect(redact(`Basic ${sent}`)).toBe('Basic …')
  })

  it('is no part of the address that stands before the @', () => {
    const redact = redactorOf({ address: 'http://me:hunter2@prometheus:9090' })
    expect(redact('me:hunter2 hunter2')).toBe('… …')
  })

  it('is no password that the address writes in another way', () => {
    const redact = redactorOf({ address: 'http://me:p%40ss@prometheus:9090' })
    expect(redact(`p@ss p%40ss ${Buffer.from('me:p@ss').toString('base64')}`)).toBe('… … …')
  })

  it('is the longest secret first, so that no tail of it is left', () =>
    expect(redactorOf({ address, secret: { a: 'abc', b: 'abcdef' } })('abcdef abc')).toBe('… …'))

  it('is everything else', () =>
    expect(redactorOf({ address })('connect ECONNREFUSED 127.0.0.1:9090')).toBe('connect ECONNREFUSED 127.0.0.1:9090'))
})
