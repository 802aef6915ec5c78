import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crashes } from './crashes.ts'
import { apiServerFreezes, apiServerRestarts, endOutages, envoyRestarts, leadersGo, startOutages } from './outages.ts'
import { blueGreen, promotion, storeAway } from './rollouts.ts'
import type { Stage } from './stage.ts'

const patient = 2_400_000

/**
 * What a user reads: a leader that was killed is replaced within 17 s, one that was asked to go within 2 s, which is held to the millisecond in
 * virtual time. Here the machine may take its time as well, and still a lease that is given back is not one that runs out after 15 s.
 */
const machineMs = 10_000
const killedLimitMs = 17_000 + machineMs
const dismissedLimitMs = 2000 + machineMs

/** Each of `seen` once, and in the order of `all`: a watcher that was cut off may have missed some. */
const isInOrder = (seen: readonly string[], all: readonly string[]): boolean => {
  const places = seen.map(step => all.indexOf(step))
  return places.every((place, at) => place > (places[at - 1] ?? -1))
}

const undisturbed = { street: promotion, 'street-blue-green': blueGreen } as const

export const describeStoreAway = (): void => {
  it('waits, and promotes the good version when it is back', { timeout: patient }, async () => {
    const { end, steps } = await storeAway.outcome()
    expect(end.phase, steps.join(', ')).toBe('Succeeded')
    expect(steps).toEqual((await promotion.outcome()).steps)
  })

  it('costs users not one request', { timeout: patient }, async () => {
    const { users } = await storeAway.outcome()
    expect(users.failed()).toEqual([])
  })
}

/** Two replicas of Serin, and things that break around them in mid-run. */
export const describeOutages = (stage: () => Stage): void => {
  beforeAll(async () => {
    await crashes.outcome().catch(() => {}) // its own tests tell
    startOutages(stage())
  }, patient)

  afterAll(endOutages, patient)

  describe.each([
    ['two leaders go', leadersGo],
    ['the API server is started again', apiServerRestarts],
    ['the API server is frozen for 30 seconds', apiServerFreezes],
  ])('when %s', (_, outage) => {
    it('promotes the good version all the same', { timeout: patient }, async () => {
      const { sights } = await outage.outcome()
      for (const { end, steps, version, versions } of sights) {
        expect(end.phase, steps.join(', ')).toBe('Succeeded')
        expect(versions).toEqual([version])
      }
    })

    it('costs users not one request', { timeout: patient }, async () => {
      const { sights } = await outage.outcome()
      expect(sights.flatMap(({ failed }) => failed)).toEqual([])
    })

    it('takes no step twice', { timeout: patient }, async () => {
      const { sights } = await outage.outcome()
      for (const { shop, steps } of sights) {
        const all = (await undisturbed[shop as keyof typeof undisturbed].outcome()).steps
        expect(isInOrder(steps, all), steps.join(', ')).toBe(true)
      }
    })
  })

  it('takes over from a leader that was killed when its lease has run out', { timeout: patient }, async () => {
    expect((await leadersGo.outcome()).found.killedMs).toBeLessThan(killedLimitMs)
  })

  it('takes over from a leader that was asked to go, and does not wait for its lease to run out', { timeout: patient }, async () => {
    expect((await leadersGo.outcome()).found.dismissedMs).toBeLessThan(dismissedLimitMs)
  })

  describe('when Envoy is started again', () => {
    it('promotes the good version all the same', { timeout: patient }, async () => {
      const { sights } = await envoyRestarts.outcome()
      for (const { end, steps } of sights) expect(end.phase, steps.join(', ')).toBe('Succeeded')
    })

    it('costs users nothing but the time that Envoy was away', { timeout: patient }, async () => {
      const { sights, found } = await envoyRestarts.outcome()
      const failed = sights.flatMap(sight => sight.failed)
      expect(failed.filter(({ atMs, latencyMs }) => atMs < found.fromMs || atMs - latencyMs > found.toMs)).toEqual([])
    })
  })
}
