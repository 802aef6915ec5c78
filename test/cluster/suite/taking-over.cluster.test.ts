import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from './needs.ts'
import { uninstallSerin } from './serin-release.ts'
import { raiseStage, type Stage } from './stage.ts'
import { atRest, inTheMiddle, playTakingOver, promoting } from './taking-over.ts'

const restartedSteps = [
  'Progressing.scaling 0% 0',
  'Progressing.starting 0% 0',
  'Progressing.analysing 20% 0',
  'Progressing.analysing 40% 0',
  'Promoting.copying 40% 0',
]

/** A failed one goes once more through what comes after a rollback. */
const isAtRest = (step: string, phase: string): boolean => step.startsWith(phase) && step.endsWith(' 0% 0')

describe.runIf(missing().length === 0)('a cluster that another controller managed', () => {
  let stage: Stage | undefined
  let played: Awaited<ReturnType<typeof playTakingOver>>

  beforeAll(async () => {
    stage = await raiseStage()
    played = await playTakingOver(stage)
  }, 1_500_000)

  afterAll(async () => {
    if (stage) await uninstallSerin(stage)
    await stage?.strike()
  }, 600_000)

  describe.each([...atRest, ...inTheMiddle, promoting].map(({ name }) => name))('%s', name => {
    it('is let alone while that controller is at work', () => {
      const { before, beside } = played[name]
      expect(beside).toEqual(before)
    })

    it('costs users not one request', () => {
      const { requests, failed } = played[name]
      expect(requests).toBeGreaterThan(100)
      expect(failed).toEqual([])
    })
  })

  describe.each([
    ['inherited-initialized', 'Initialized', 'v1'],
    ['inherited-succeeded', 'Succeeded', 'v2'],
    ['inherited-failed', 'Failed', 'v2'],
  ] as const)('%s, when that controller has stopped', (name, phase, version) => {
    it('is taken over without a new rollout, or a word', () => {
      const { end, after, news } = played[name]
      expect([end.phase, ...after.steps.filter(step => !isAtRest(step, phase))]).toEqual([phase])
      expect(news.filter(text => !text.startsWith('another controller works'))).toEqual([])
    })

    it('keeps its pods as they run', () => {
      const { before, after } = played[name]
      expect(before.pods).toHaveLength(2)
      expect(after.pods).toEqual(before.pods)
    })

    it('keeps every spec as it is', () => {
      const { before, after } = played[name]
      expect(after.specs).toEqual(before.specs)
    })

    it('serves the version that it served', () => {
      expect(played[name].versions).toEqual([version])
    })
  })

  describe.each(inTheMiddle.map(({ name }) => name))('%s, when that controller has stopped', name => {
    it('has its analysis begin anew, once, and is promoted', () => {
      const { end, news, versions } = played[name]
      expect(end, played[name].after.steps.join(', ')).toMatchObject({ phase: 'Succeeded', failure: '' })
      expect(news.filter(text => text.includes('Restarting analysis'))).toHaveLength(1)
      expect(versions).toEqual(['v2'])
    })

    it('keeps the pods of its primary until the promotion', () => {
      const { before, podsOnTrial } = played[name]
      expect(podsOnTrial).toEqual(before.pods)
    })
  })

  it('takes each step of an analysis that begins anew once', () => {
    expect(played['inherited-progressing'].after.steps.slice(1, 1 + restartedSteps.length)).toEqual(restartedSteps)
  })

  it('goes on with a promotion to its end, on the pods that are there', () => {
    const { end, before, after, versions } = played[promoting.name]
    expect(end.phase, after.steps.join(', ')).toBe('Succeeded')
    expect([after.pods, versions]).toEqual([before.pods, ['v2']])
  })
})
