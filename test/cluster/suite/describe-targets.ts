import { beforeAll, describe, expect, it } from 'vitest'
import type { Stage } from './stage.ts'
import { coreServicePromotion, daemonSetErrors, daemonSetPromotion, nodeSelectorOf, serviceSelectorOf } from './targets.ts'

const patient = 1_200_000
const parking = { 'flagger.app/scale-to-zero': 'true' }

/** Rollouts of targets that are no Deployments, side by side. */
export const describeTargets = (stage: () => Stage): void => {
  beforeAll(() => {
    for (const scenario of [daemonSetPromotion, daemonSetErrors, coreServicePromotion]) scenario.start(stage())
  })

  describe.each([
    ['DaemonSet', daemonSetPromotion],
    ['core Service', coreServicePromotion],
  ])('a good version of a %s', (_, scenario) => {
    it('is promoted', { timeout: patient }, async () => {
      const { end, steps } = await scenario.outcome()
      expect(end, steps.join(', ')).toMatchObject({ phase: 'Succeeded', failure: '' })
    })

    it('costs users not one request', { timeout: patient }, async () => {
      const { users } = await scenario.outcome()
      expect(users.failed()).toEqual([])
    })

    it('is all that users see in the end', { timeout: patient }, async () => {
      const { users, endedMs } = await scenario.outcome()
      expect([...users.versions(endedMs)]).toEqual(['v2'])
    })
  })

  it('parks the target of a DaemonSet and never its primary', { timeout: patient }, async () => {
    const { target, primary } = await daemonSetPromotion.outcome()
    expect([nodeSelectorOf(target), nodeSelectorOf(primary)]).toEqual([parking, {}])
  })

  it('rolls a bad version of a DaemonSet back', { timeout: patient }, async () => {
    const { end, target, users, endedMs } = await daemonSetErrors.outcome()
    expect(end).toMatchObject({ phase: 'Failed', failure: expect.stringMatching(/success rate/) })
    expect([nodeSelectorOf(target), [...users.versions(endedMs)]]).toEqual([parking, ['v1']])
  })

  it('gives the primary of a core Service the pods that were released', { timeout: patient }, async () => {
    const { primary } = await coreServicePromotion.outcome()
    expect(serviceSelectorOf(primary)).toEqual({ app: 'shop', version: 'v2' })
  })
}
