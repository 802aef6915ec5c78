import { describe, expect, it } from 'vitest'
import { mishaps } from '../support/plug.ts'
import { type Ordeal, type Outcome, play, type Scenario, scenarios } from './scenarios.ts'

/** What has to be the same whatever went wrong on the way. Only a rollback that cannot be recorded takes effect without its record (S20). */
const comparable = ({ end, weights, violations }: Outcome) => ({
  end,
  weights,
  violations: violations.filter(text => !text.startsWith('S20')),
})

/** The calls at which the ordeal made a difference, and what came of it. */
const differences = async (scenario: Scenario, expected: Outcome, ordeal: Omit<Ordeal, 'call'>): Promise<readonly unknown[]> => {
  const found: unknown[] = []
  for (let call = 1; call <= expected.calls; call += 1) {
    const outcome = await play(scenario, { ...ordeal, call }).then(comparable, error => ({ error: String(error) }))
    if (JSON.stringify(outcome) !== JSON.stringify(comparable(expected))) found.push({ call, outcome })
  }
  return found
}

describe.each(scenarios)('$name', scenario => {
  const reference = play(scenario)

  it('breaks no rule when all goes well', async () => expect((await reference).violations).toEqual([]))

  it.each(mishaps)('ends as if nothing had happened when any one of its calls %s', async mishap =>
    expect(await differences(scenario, await reference, { mishap })).toEqual([]),
  )
})

it('gives every step its time when nobody was there for most of it', async () => {
  const [, rollout] = scenarios
  if (!rollout) throw new Error('no scenario')
  const expected = await play(rollout)
  expect(await differences(rollout, expected, { mishap: 'dies after', downMs: 8500 })).toEqual([])
})
