import { describe, expect, it } from 'vitest'
import { routers } from '../../src/routing/registry.ts'
import { concerns, differences, type Scenario } from '../faults/scenarios.ts'
import { sick } from '../support/builders.ts'
import { type Stage, team } from '../support/stage.ts'
import { settledTeam } from './what-stood-there.ts'

const atWeight = async (stage: Stage): Promise<void> => {
  await stage.untilRest('Initialized')
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === 20)
}

const scenarios: readonly Scenario[] = [
  {
    name: 'a Canary that moves to another layer in mid-run',
    prepare: atWeight,
    act: async stage => {
      await stage.edit({ provider: 'istio' })
      await stage.untilRest('Succeeded')
    },
  },
  {
    name: 'a Canary that moves away from a route that was there before it',
    options: { objects: settledTeam() },
    prepare: atWeight,
    act: async stage => {
      await stage.edit({ provider: 'kubernetes', analysis: { iterations: 1, interval: '10s' } })
      await stage.untilRest('Succeeded')
    },
    allows: ['S9'],
  },
  {
    name: 'a Canary that moves to another name and is rolled back',
    options: { objects: team() },
    prepare: atWeight,
    act: async stage => {
      stage.state.measurements = sick.measurements
      await stage.edit({ service: { port: 9898, name: 'web', gatewayRefs: [{ name: 'gateway', namespace: 'test' }] } })
      await stage.untilRest('Failed')
      await stage.pass(2)
    },
  },
]

/** Each of these plays a rollout dozens of times. */
const timeout = 120_000
const written = concerns({ kinds: routers.all.flatMap(({ kinds }) => kinds) })

describe.each(scenarios)('$name', { timeout }, scenario => {
  it.each(['dies before', 'dies after'] as const)('ends as if nothing had happened when the process %s any of the writes', async mishap =>
    expect(await differences(scenario, { mishap }, written)).toEqual([]),
  )
})
