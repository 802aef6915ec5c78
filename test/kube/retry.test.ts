import { describe, expect, it } from 'vitest'
import { KubeError, type KubeErrorCode } from '../../src/kube/errors.ts'
import { retrying } from '../../src/kube/retry.ts'
import { kubeError } from '../support/fake-faults.ts'
import { testIo } from '../support/io.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const policy = { deadlineMs: 30_000, repeatable: true, random: () => 1 }

/** Fails with each error in turn, then succeeds; remembers when it was asked. */
const failing = (...errors: readonly Error[]) => {
  const clock = new VirtualClock()
  const stopper = new AbortController()
  const io = testIo({ clock, signal: stopper.signal })
  const askedMs: number[] = []
  const attempt = async () => {
    const error = errors[askedMs.length]
    askedMs.push(clock.monotonicMs())
    if (error) throw error
    return 'done'
  }
  return { clock, stopper, io, askedMs, attempt }
}

const unsent = new KubeError('Unreachable', 'refused', { sent: false })

describe('retrying', () => {
  it('waits twice as long before every further attempt', async () => {
    const { clock, io, askedMs, attempt } = failing(kubeError('ServerError'), kubeError('Unreachable'), kubeError('ServerError'))
    const result = retrying(policy, io, attempt)
    await clock.advance(10_000)
    expect([await result, askedMs]).toEqual(['done', [0, 100, 300, 700]])
  })

  it('stays away as long as the server asks', async () => {
    const { clock, io, askedMs, attempt } = failing(kubeError('TooManyRequests', 'busy', 7000))
    const result = retrying(policy, io, attempt)
    await clock.advance(10_000)
    expect([await result, askedMs]).toEqual(['done', [0, 7000]])
  })

  it('does not wait past its deadline', async () => {
    const busy = kubeError('TooManyRequests', 'busy', 30_000)
    const { io, attempt } = failing(busy)
    await expect(retrying(policy, io, attempt)).rejects.toBe(busy)
  })

  it('tells each attempt how much time is left', async () => {
    const { clock, io, attempt } = failing(kubeError('ServerError'))
    const left: number[] = []
    const result = retrying(policy, io, leftMs => {
      left.push(leftMs)
      return attempt()
    })
    await clock.advance(1000)
    await result
    expect(left).toEqual([30_000, 29_900])
  })

  it('asks nobody any more once it is called off', async () => {
    const error = kubeError('ServerError')
    const { clock, stopper, io, askedMs, attempt } = failing(error, error, error)
    const result = expect(retrying(policy, io, attempt)).rejects.toBe(error)
    await clock.advance(50)
    stopper.abort()
    await result
    expect([askedMs, clock.pending]).toEqual([[0], 0])
  })

  it('repeats what never left, even when it is not safe twice', async () => {
    const { clock, io, attempt } = failing(unsent)
    const result = retrying({ ...policy, repeatable: false }, io, attempt)
    await clock.advance(1000)
    expect(await result).toBe('done')
  })

  it.each<KubeErrorCode>(['Conflict', 'Gone', 'NotFound', 'Forbidden', 'Invalid', 'Unauthorized', 'Fenced'])(
    'never repeats %s: it would only say the same again',
    async code => {
      const error = kubeError(code)
      const { io, askedMs, attempt } = failing(error)
      await expect(retrying(policy, io, attempt)).rejects.toBe(error)
      expect(askedMs.length).toBe(1)
    },
  )

  it('hands on what is no error of the API', async () => {
    const bug = new TypeError('bug')
    const { io, attempt } = failing(bug)
    await expect(retrying(policy, io, attempt)).rejects.toBe(bug)
  })
})
