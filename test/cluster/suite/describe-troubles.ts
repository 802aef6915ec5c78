import { beforeAll, describe, expect, it } from 'vitest'
import type { Stage } from './stage.ts'
import { noImage, noRoom } from './troubles.ts'

const patient = 1_200_000

/** Rollouts whose pods do not come up, for reasons that a real cluster gives. */
export const describeTroubles = (stage: () => Stage): void => {
  beforeAll(() => {
    for (const scenario of [noImage, noRoom]) scenario.start(stage())
  })

  describe.each([
    ['an image that nobody has', noImage, /pods? shop-\S+.*: image "nowhere:v2" cannot be pulled/],
    ['a quota that is used up', noRoom, /pods cannot be created: forbidden: exceeded quota: team.*pods=3/],
  ])('a version with %s', (_, scenario, why) => {
    it('is rolled back at its deadline, with the reason', { timeout: patient }, async () => {
      const { end } = await scenario.outcome()
      expect(end).toMatchObject({ phase: 'Failed', failure: expect.stringMatching(why) })
    })

    it('is explained by kubectl describe alone', { timeout: patient }, async () => {
      const { described } = await scenario.outcome()
      expect(described).toMatch(why)
      expect(described).toMatch(/Reason:\s+ProgressDeadlineExceeded/)
      expect(described).toMatch(/Events:[\s\S]*Rolling back shop\./)
      expect(described).toContain('What to do: ')
    })

    it('does not keep kubectl wait waiting', { timeout: patient }, async () => {
      const { waitedFor } = await scenario.outcome()
      expect(waitedFor).toContain('canary.flagger.app/shop condition met')
    })
  })
}
