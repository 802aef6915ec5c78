import { describe, expect, it } from 'vitest'
import { differences, type Scenario } from '../faults/scenarios.ts'
import { sick } from '../support/builders.ts'
import { team } from '../support/stage.ts'

const match = [{ headers: { 'x-insider': { exact: 'yes' } } }]

const scenarios: readonly Scenario[] = [
  {
    name: 'an A/B run that fails',
    options: { objects: team({ analysis: { iterations: 3, stepWeight: 0, match } }) },
    prepare: stage => stage.untilRest('Initialized'),
    act: async stage => {
      await stage.release('v2')
      await stage.until(() => stage.status.iterations === 1)
      stage.state.measurements = sick.measurements
      await stage.untilRest('Failed')
    },
  },
  {
    name: 'a run that mirrors first, with cookies',
    options: { objects: team({ analysis: { mirror: true, sessionAffinity: { cookieName: 'track' } } }) },
    prepare: stage => stage.untilRest('Initialized'),
    act: async stage => {
      await stage.release('v2')
      await stage.untilRest('Succeeded')
    },
  },
]

/** Each of these plays a rollout dozens of times. */
const timeout = 120_000

describe.each(scenarios)('$name', { timeout }, scenario => {
  it('ends as if nothing had happened when the process dies after any one of its calls', async () =>
    expect(await differences(scenario, { mishap: 'dies after' })).toEqual([]))
})
