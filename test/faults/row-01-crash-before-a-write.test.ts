import { describe, expect, it } from 'vitest'
import { concerns, differences, kindsOfTarget, otherRouters, otherTargets, referenceRuns, scenarios, targetRuns } from './scenarios.ts'

/*
 * The process dies before each of its writes in turn, and another one starts with nothing but the cluster to go by. Nothing of the cluster
 * tells this from a death after the write before it; row 2 has what differs.
 */

const ordeal = { mishap: 'dies before' } as const

it.each(scenarios)('$name ends as if nothing had happened when the process dies before any one of its writes', async scenario =>
  expect(await differences(scenario, ordeal)).toEqual([]),
)

describe.each(otherRouters)('through $name', router => {
  it.each(referenceRuns(router))('$name ends as if nothing had happened', async scenario =>
    expect(await differences(scenario, ordeal)).toEqual([]),
  )
})

describe.each(otherTargets)('of a %s', kind => {
  it.each(targetRuns(kind))('$name ends as if nothing had happened', async scenario =>
    expect(await differences(scenario, ordeal, concerns(kindsOfTarget(kind)))).toEqual([]),
  )
})
