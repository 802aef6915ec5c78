import { beforeEach, describe, expect, it } from 'vitest'
import { sleep } from '../../src/clock.ts'
import { createInquiries, type Inquiries } from '../../src/controller/inquiries.ts'
import { healthy } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { settle } from '../support/virtual-clock.ts'

describe('questions that are under way', () => {
  let woken: string[]
  let inquiries: Inquiries
  let calledOff: string[]
  beforeEach(() => {
    woken = []
    calledOff = []
    inquiries = createInquiries(canary => woken.push(canary))
  })

  /** Asks something that is answered after ten milliseconds. */
  const begin = (canary: string, step: string, io = testIo()) => {
    inquiries.begin(
      canary,
      {
        step,
        ask: async ({ clock, signal }) => {
          await sleep(clock, 10, signal)
          if (signal.aborted) calledOff.push(step)
          return healthy
        },
      },
      io,
    )
    return io
  }

  it('have no findings at first', () => {
    begin('test/app', 'one')
    expect(inquiries.about('test/app', ['one'])).toMatchObject({ findings: undefined })
  })

  it('wake the Canary when all is known', async () => {
    const io = begin('test/app', 'one')
    await io.clock.advance(10)
    expect(woken).toEqual(['test/app'])
    expect(inquiries.about('test/app', ['one'])?.findings).toEqual({ evidence: healthy, tookMs: 10, atMs: 10 })
  })

  it.each([[['two']], [[]]])('are called off when the steps are %j', async steps => {
    const io = begin('test/app', 'one')
    expect(inquiries.about('test/app', steps)).toBeUndefined()
    await io.clock.advance(10)
    expect([calledOff, woken, inquiries.about('test/app', ['one'])]).toEqual([['one'], [], undefined])
  })

  it('are those of one step or of another that is named as well', () => {
    begin('test/app', 'one')
    expect(inquiries.about('test/app', ['two', 'one'])).toMatchObject({ findings: undefined })
  })

  it('leave the time behind at which they were asked, until the Canary is gone', async () => {
    expect(inquiries.askedAtMs('test/app')).toBeUndefined()
    const io = begin('test/app', 'one')
    await io.clock.advance(10)
    inquiries.end('test/app')
    expect(inquiries.askedAtMs('test/app')).toBe(0)
    inquiries.forget('test/app')
    expect(inquiries.askedAtMs('test/app')).toBeUndefined()
  })

  it('give way to those that come after them', async () => {
    begin('test/app', 'one')
    const io = begin('test/app', 'two')
    await io.clock.advance(10)
    expect([calledOff, inquiries.about('test/app', ['two'])?.findings?.tookMs]).toEqual([['one'], 10])
  })

  it('of other Canaries go on', async () => {
    const io = begin('test/other', 'one')
    begin('test/app', 'one')
    inquiries.end('test/app')
    await io.clock.advance(10)
    expect(woken).toEqual(['test/other'])
  })

  it('find out nothing once the process is to stop', async () => {
    const stop = new AbortController()
    begin('test/app', 'one', testIo({ signal: stop.signal }))
    stop.abort()
    await settle()
    expect([calledOff, woken, inquiries.about('test/app', ['one'])?.findings]).toEqual([['one'], [], undefined])
  })

  it('are all over once they rest', async () => {
    begin('test/app', 'one')
    begin('test/other', 'two')
    await inquiries.rest()
    expect([calledOff, inquiries.about('test/app', ['one'])]).toEqual([['one', 'two'], undefined])
  })
})
