import { beforeAll, describe, expect, it } from 'vitest'
import { istio } from './istio.ts'
import { moving } from './moving.ts'
import { blueGreen, blueGreenErrors, blueGreenLatency, errors, gates, latency, newerRevision, promotion, storeAway } from './rollouts.ts'
import { chatOf } from './shop.ts'
import type { Stage } from './stage.ts'

const all = [promotion, blueGreen, errors, blueGreenErrors, latency, blueGreenLatency, gates, newerRevision, storeAway, istio, moving]
const patient = 1_200_000

const promotedSteps = [
  'Progressing.scaling 0% 0',
  'Progressing.starting 0% 0',
  'Progressing.analysing 25% 0',
  'Progressing.analysing 50% 0',
  'Promoting.copying 50% 0',
  'Promoting.sizing 50% 0',
  'Promoting.settling 0% 0',
  'Finalising.draining 0% 0',
  'Finalising.parking 0% 0',
  'Succeeded 0% 0',
]

/** Rollouts that nothing disturbs, side by side. */
export const describeRollouts = (stage: () => Stage): void => {
  beforeAll(() => {
    for (const scenario of all) scenario.start(stage())
  })

  describe.each([
    ['gatewayapi:v1', promotion],
    ['kubernetes', blueGreen],
  ])('a good version through %s', (_, scenario) => {
    it('is promoted', { timeout: patient }, async () => {
      const { end, steps } = await scenario.outcome()
      expect(end, steps.join(', ')).toMatchObject({ phase: 'Succeeded', failure: '' })
    })

    it('costs users not one request', { timeout: patient }, async () => {
      const { users } = await scenario.outcome()
      expect(users.count()).toBeGreaterThan(1000)
      expect(users.failed()).toEqual([])
    })

    it('is all that users see in the end', { timeout: patient }, async () => {
      const { users, endedMs } = await scenario.outcome()
      expect([...users.versions(endedMs)]).toEqual(['v2'])
    })
  })

  it('takes each step of a good version once', { timeout: patient }, async () => {
    const { steps } = await promotion.outcome()
    expect(steps).toEqual(promotedSteps)
  })

  it('tells the chat each thing once', { timeout: patient }, async () => {
    await promotion.outcome()
    expect(await chatOf(stage(), 'promotion', 3)).toEqual([
      'New Deployment detected, initialization completed.',
      'New revision detected, progressing canary analysis.',
      'Canary analysis completed successfully, promotion finished.',
    ])
  })

  describe.each([
    ['that fails, through gatewayapi:v1', errors, /success rate/],
    ['that fails, through kubernetes', blueGreenErrors, /success rate/],
    ['that is slow, through gatewayapi:v1', latency, /request duration/],
    ['that is slow, through kubernetes', blueGreenLatency, /request duration/],
  ])('a version %s', (_, scenario, reason) => {
    it('is rolled back for what was measured', { timeout: patient }, async () => {
      const { end, steps } = await scenario.outcome()
      expect(end, steps.join(', ')).toMatchObject({ phase: 'Failed', failure: expect.stringMatching(reason) })
    })

    it('is nowhere to be seen in the end', { timeout: patient }, async () => {
      const { users, endedMs } = await scenario.outcome()
      expect([...users.versions(endedMs)]).toEqual(['v1'])
    })

    it('costs users nothing but what it answered itself', { timeout: patient }, async () => {
      const { users } = await scenario.outcome()
      expect(users.failed().filter(({ version }) => version !== 'v2')).toEqual([])
    })
  })

  it('lets a version through gates when they open, and not before', { timeout: patient }, async () => {
    const { end, steps, users } = await gates.outcome()
    expect(steps.slice(0, 3)).toEqual(['Waiting 0% 0', 'Progressing.scaling 0% 0', 'Progressing.starting 0% 0'])
    expect(steps).toContain('WaitingPromotion 50% 0')
    expect(end.phase, steps.join(', ')).toBe('Succeeded')
    expect(users.failed()).toEqual([])
  })

  it('starts again when a newer version comes in mid-run, and promotes only that', { timeout: patient }, async () => {
    const { end, endedMs, news, users, steps } = await newerRevision.outcome()
    expect(end.phase, steps.join(', ')).toBe('Succeeded')
    expect(news).toContain('New revision detected! Restarting analysis for shop.newer-revision')
    expect([...users.versions(endedMs)]).toEqual(['v3'])
    expect([...users.versionsOf('primary')].toSorted()).toEqual(['v1', 'v3'])
    expect(users.failed()).toEqual([])
  })

  it('moves Istio’s routes as Istio’s own definitions allow, and undoes it all on deletion', { timeout: patient }, async () => {
    const { end, weights, replicas } = await istio.outcome()
    expect(end.phase).toBe('Succeeded')
    expect(weights).toEqual([0, 25, 50, 0])
    expect(replicas).toBe(2)
  })

  describe('a team that moves to another layer in mid-run', () => {
    it('has its version promoted by the same steps', { timeout: patient }, async () => {
      const { end, steps } = await moving.outcome()
      expect(end).toMatchObject({ phase: 'Succeeded', failure: '' })
      expect(steps.slice(steps.indexOf('Initialized 0% 0') + 1)).toEqual(promotedSteps)
    })

    it('finds the routes that it asked for last, and no others', { timeout: patient }, async () => {
      const { moved, back, moves } = await moving.outcome()
      expect(moved).toEqual(['HTTPRoute'])
      expect(back.toSorted()).toEqual(['DestinationRule', 'DestinationRule', 'VirtualService'])
      expect(moves).toHaveLength(2)
    })

    it('has the revision that it runs kept for it when that belonged to nobody', { timeout: patient }, async () => {
      const { kept, end } = await moving.outcome()
      expect(kept).toEqual([expect.stringContaining(end.analysed)])
    })
  })
}
