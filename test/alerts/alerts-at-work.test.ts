import { afterEach, describe, expect, it } from 'vitest'
import { createStage, type Stage, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

/** What chat was told of a whole run, and with how much detail. */
const alertsOf = async (spec: Readonly<Record<string, unknown>> = {}) => {
  stage = await createStage({ objects: team({ spec }) })
  await stage.untilRest('Initialized')
  await stage.release('v2')
  await stage.untilRest('Succeeded')
  await stage.pass(2)
  return stage.sent.filter(({ channel }) => channel === 'alert').map(({ message, withDetails = false }) => [message, withDetails])
}

describe('alerts of a whole run', () => {
  it('tell target, threshold, deadline and routing where something begins, and only there', async () =>
    expect(await alertsOf()).toEqual([
      ['New Deployment detected, initialization completed.', true],
      ['New revision detected, progressing canary analysis.', true],
      ['Canary analysis completed successfully, promotion finished.', false],
    ]))

  it('say that the analysis was skipped', async () =>
    expect((await alertsOf({ skipAnalysis: true })).at(-1)).toEqual(['Canary analysis was skipped, promotion finished.', false]))
})
