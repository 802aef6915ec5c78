import { describe, expect, it } from 'vitest'
import { differences, type Scenario } from '../faults/scenarios.ts'
import { sick } from '../support/builders.ts'
import { scaledTeam } from '../support/scaled-team.ts'
import type { Stage } from '../support/stage.ts'

const options = { objects: scaledTeam() }

/** Ten pods when the rollout begins, which the scaler would take away while the canary serves. */
const underLoad = async (stage: Stage): Promise<void> => {
  await stage.untilRest('Initialized')
  stage.state.load = { 'podinfo-primary': 10 }
  await stage.pass(3)
  await stage.release('v2')
  stage.state.load = { podinfo: 'as it is' }
}

const scenarios: readonly Scenario[] = [
  {
    name: 'a promotion with a scaler that would shrink the primary',
    options,
    prepare: underLoad,
    act: async stage => {
      await stage.untilRest('Succeeded')
      await stage.pass(3)
    },
  },
  {
    name: 'a rollback with a scaler that would shrink the primary',
    options,
    prepare: async stage => {
      await underLoad(stage)
      await stage.until(() => stage.weights[1] === 20)
      stage.state.measurements = sick.measurements
    },
    act: async stage => {
      await stage.untilRest('Failed')
      await stage.pass(3)
    },
  },
]

/** Each of these plays a rollout dozens of times. */
const timeout = 120_000

describe.each(scenarios)('$name', { timeout }, scenario => {
  it('ends as if nothing had happened when the process dies after any one of its calls', async () =>
    expect(await differences(scenario, { mishap: 'dies after' })).toEqual([]))
})
