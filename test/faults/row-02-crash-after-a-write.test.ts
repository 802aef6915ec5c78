import { describe, expect, it } from 'vitest'
import { concerns, differences, otherRouters, referenceRuns, scenarios } from './scenarios.ts'

const answerIsLost = { mishap: 'loses the answer' } as const

it.each(scenarios)('$name ends as if nothing had happened when the answer to any one of its writes is lost', async scenario =>
  expect(await differences(scenario, answerIsLost)).toEqual([]),
)

describe.each(otherRouters)('through $name', router => {
  it.each(referenceRuns(router))('$name ends as if nothing had happened when an answer is lost', async scenario =>
    expect(await differences(scenario, answerIsLost, concerns(router))).toEqual([]),
  )
})

describe('a process that dies after a write was accepted', () => {
  const [, rollout] = scenarios

  it.each(scenarios)('does no harm where that was the last one: $name', async scenario =>
    expect(await differences(scenario, { mishap: 'dies after' }, (_, at, all) => at === all.length - 1)).toEqual([]),
  )

  describe.each(otherRouters)('through $name', router => {
    it.each(referenceRuns(router))('does no harm where that was the last one: $name', async scenario =>
      expect(await differences(scenario, { mishap: 'dies after' }, (_, at, all) => at === all.length - 1)).toEqual([]),
    )
  })

  it('gives every step its time although nobody was there for most of it', async () => {
    if (!rollout) throw new Error('no scenario')
    expect(await differences(rollout, { mishap: 'dies after', downMs: 8500 })).toEqual([])
  })
})
