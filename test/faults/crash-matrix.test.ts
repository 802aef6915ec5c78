import { describe, expect, it } from 'vitest'
import { mishaps } from '../support/plug.ts'
import { type Outcome, play, scenarios } from './scenarios.ts'

/** What has to be the same whatever went wrong on the way. */
const comparable = ({ end, weights, violations }: Outcome) => ({
  end,
  weights,
  violations: violations.filter(text => !text.startsWith('S20')),
})

describe.each(scenarios)('$name', scenario => {
  const reference = play(scenario)

  it.each(mishaps)('ends as if nothing had happened when any one of its calls %s', async mishap => {
    const expected = await reference
    const different: unknown[] = []
    for (let call = 1; call <= expected.calls; call += 1) {
      const outcome = await play(scenario, { call, mishap }).catch(error => ({ error: String(error) }))
      const found = 'error' in outcome ? outcome : comparable(outcome)
      if (JSON.stringify(found) !== JSON.stringify(comparable(expected))) different.push({ call, found })
    }
    expect(comparable(expected).violations).toEqual([])
    expect(different).toEqual([])
  })
})
