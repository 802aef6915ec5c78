import { beforeAll, describe, expect, it } from 'vitest'
import { crashes } from './crashes.ts'
import { blueGreen, errors, gates, storeAway } from './rollouts.ts'
import { chatOf } from './shop.ts'
import type { Stage } from './stage.ts'

const patient = 2_400_000

/** Serin is killed and started again, all the time. */
export const describeCrashes = (stage: () => Stage): void => {
  beforeAll(async () => {
    await Promise.allSettled([gates, blueGreen, errors, storeAway].map(scenario => scenario.outcome()))
    crashes.start(stage())
  }, patient)

  describe.each([
    ['through gates', 'throughGates', gates],
    ['through kubernetes', 'blueGreen', blueGreen],
    ['that fails', 'failing', errors],
  ] as const)('with SIGKILL at each of its steps, a version %s', (_, name, undisturbed) => {
    it('goes the very same steps as when nobody disturbs it', { timeout: patient }, async () => {
      expect((await crashes.outcome())[name].steps).toEqual((await undisturbed.outcome()).steps)
    })

    it('costs users nothing but what a version on trial answered itself', { timeout: patient }, async () => {
      const { users } = (await crashes.outcome())[name]
      expect(users.failed().filter(({ track }) => track !== 'canary')).toEqual([])
    })

    it('leaves users what they have when nobody disturbs it', { timeout: patient }, async () => {
      const { users, endedMs } = (await crashes.outcome())[name]
      const { users: others, endedMs: othersEndedMs } = await undisturbed.outcome()
      expect([...users.versions(endedMs)]).toEqual([...others.versions(othersEndedMs)])
    })
  })

  it('dies in each phase', { timeout: patient }, async () => {
    const { phases, kills } = await crashes.outcome()
    expect([...phases].toSorted()).toEqual([
      '',
      'Failed',
      'Finalising',
      'Initialized',
      'Initializing',
      'Progressing',
      'Promoting',
      'Succeeded',
      'Waiting',
      'WaitingPromotion',
    ])
    expect(kills).toBeGreaterThanOrEqual(phases.size)
  })

  it('tells the chat nothing twice, and leaves nothing out', { timeout: patient }, async () => {
    await crashes.outcome()
    expect(await chatOf(stage(), 'crash-blue-green', 3)).toEqual([
      'New Deployment detected, initialization completed.',
      'New revision detected, progressing canary analysis.',
      'Canary analysis completed successfully, promotion finished.',
    ])
  })
}
