import { describe, expect, it } from 'vitest'
import { sleep } from '../../src/clock.ts'
import { type Timing, timed } from '../../src/telemetry/timed.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** A port with memory of its own, as real ones have. */
class Store {
  readonly name = 'prometheus'
  readonly #clock: VirtualClock
  #asked = 0

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  async ask(question: string): Promise<string> {
    this.#asked += 1
    await sleep(this.#clock, 40)
    if (question === '') throw new Error('no question')
    return `${question}!`
  }

  asked(): number {
    return this.#asked
  }
}

const setUp = () => {
  const clock = new VirtualClock()
  const timings: Timing[] = []
  return { clock, timings, store: timed(new Store(clock), 'ask', { clock, observe: timing => timings.push(timing) }) }
}

describe('a timed port', () => {
  it('answers as before and tells how long that took', async () => {
    const { clock, timings, store } = setUp()
    const answer = store.ask('why')
    await clock.advance(40)
    expect(await answer).toBe('why!')
    expect(timings).toEqual([{ durationMs: 40, outcome: 'ok' }])
  })

  it('fails as before and tells that too', async () => {
    const { clock, timings, store } = setUp()
    const answer = store.ask('').catch((error: Error) => error.message)
    await clock.advance(40)
    expect(await answer).toBe('no question')
    expect(timings).toEqual([{ durationMs: 40, outcome: 'error' }])
  })

  it('leaves everything else alone', async () => {
    const { clock, timings, store } = setUp()
    const answer = store.ask('why')
    await clock.advance(40)
    await answer
    expect([store.name, store.asked(), timings.length]).toEqual(['prometheus', 1, 1])
  })
})
