import { beforeEach, describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { createCircuitBreaker } from '../../src/kube/circuit-breaker.ts'
import { KubeError } from '../../src/kube/errors.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { testIo } from '../support/io.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const key = { namespace: 'test', name: 'podinfo' }
const noAnswer = new KubeError('Unreachable', 'connection refused', { sent: false })

let clock: VirtualClock
let answer: () => Promise<undefined>
let asked: number[]
let contactMs: number | undefined
let backs: number

const breakerOf = () =>
  createCircuitBreaker({
    api: {
      get: () => {
        asked.push(clock.monotonicMs())
        return answer()
      },
    } as unknown as KubeApi,
    clock,
    random: () => 1,
    contactMs: () => contactMs,
    onBack: () => {
      backs += 1
    },
  })
let breaker: ReturnType<typeof breakerOf>

/** What becomes of one call: what it was rejected with, or undefined. */
const call = (signal = new AbortController().signal): Promise<KubeError | undefined> =>
  breaker.api.get(deploymentKind, key, testIo({ clock, signal })).then(
    () => undefined,
    (error: KubeError) => error,
  )

const calls = async (count: number) => {
  for (let done = 0; done < count; done += 1) await call()
}

beforeEach(() => {
  clock = new VirtualClock()
  answer = () => Promise.reject(noAnswer)
  asked = []
  contactMs = undefined
  backs = 0
  breaker = breakerOf()
})

describe('while the server does not answer', () => {
  it('lets two calls in a row fail before it doubts the server', async () => {
    await calls(2)
    answer = async () => undefined
    expect(await call()).toBeUndefined()
  })

  it('refuses calls before they leave, with a clear error and the time to stay away', async () => {
    await calls(3)
    const refused = await call()
    expect(asked).toHaveLength(3)
    expect(refused).toMatchObject({ code: 'Unreachable', sent: false, retryAfterMs: 500 })
    expect(refused?.message).toBe(
      'get deployments test/podinfo: not sent, 3 calls in a row got no answer; the API server is asked again in 500ms',
    )
  })

  it('lets one call through after 0.5, 1, 2, 4, 8, 16, then every 30 seconds', async () => {
    for (let tenth = 0; tenth < 1200; tenth += 1) {
      await call()
      await clock.advance(100)
    }
    const first = asked[2] ?? 0
    expect(asked.slice(3).map(ms => Math.round((ms - first) / 100) / 10)).toEqual([0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5])
  })

  it('lets only one of many through that come at the same time', async () => {
    await calls(3)
    await clock.advance(500)
    const pending = Promise.withResolvers<undefined>()
    answer = () => pending.promise
    const all = Array.from({ length: 20 }, () => call())
    pending.resolve(undefined)
    expect((await Promise.all(all)).filter(error => error === undefined)).toHaveLength(1)
    expect(asked).toHaveLength(4)
  })

  it('counts calls that were under way together as one', async () => {
    await Promise.all(Array.from({ length: 20 }, () => call()))
    await clock.advance(500)
    await call()
    expect(asked).toHaveLength(21)
  })
})

describe('a server that is back', () => {
  beforeEach(async () => {
    await calls(3)
    answer = async () => undefined
  })

  it('is open to all after the first answer', async () => {
    await clock.advance(500)
    await calls(10)
    expect(asked).toHaveLength(13)
  })

  it('is open to all as soon as somebody else heard of it', async () => {
    await clock.advance(10)
    contactMs = clock.monotonicMs()
    await calls(10)
    expect(asked).toHaveLength(13)
  })

  it('stays shut where what others heard is older than the silence', async () => {
    contactMs = clock.monotonicMs() - 1
    expect(await call()).toMatchObject({ sent: false })
  })

  it('is told once to those who were refused', async () => {
    await clock.advance(500)
    await calls(10)
    expect(backs).toBe(1)
  })
})

describe('what says nothing about the server', () => {
  it.each([
    ['a refusal is an answer', () => new KubeError('Forbidden', 'no')],
    ['a server in trouble answers', () => new KubeError('ServerError', 'etcd is away')],
    ['a fence lets nothing out', () => new KubeError('Fenced', 'not leading')],
  ])('%s', async (_, error) => {
    answer = () => Promise.reject(error())
    await calls(10)
    expect(asked).toHaveLength(10)
  })

  it('a call that was called off got no answer because nobody waited for one', async () => {
    for (let done = 0; done < 5; done += 1) await call(AbortSignal.abort())
    await call()
    expect(asked).toHaveLength(6)
  })
})
