import { describe, expect, it } from 'vitest'
import { routers } from '../../src/routing/registry.ts'
import { otherRouters, phasesOf, referenceRuns } from './scenarios.ts'

/*
 * Rows 1 and 2 let a process die at each write of the reference runs. Here is what these runs are made of: a run that no longer came to its
 * promotion, or a layer that nobody put on the list, would make those rows pass for nothing.
 */

const stations = ['Initializing', 'Initialized', 'Progressing', 'Promoting', 'Finalising', 'Succeeded', 'Failed', 'Terminating'] as const

it('every layer that is registered has its runs', () =>
  expect(['gatewayapi:v1', ...otherRouters.map(({ name }) => name)].toSorted()).toEqual(routers.names.toSorted()))

describe.each(routers.all)('the reference runs through $name', router => {
  it('are a first look, a promotion, a rollback, a restart and a deletion', () =>
    expect(referenceRuns(router).map(({ name }) => name)).toEqual([
      'initialization',
      'a rollout up to its promotion',
      'a rollback',
      'a restart with a newer revision',
      'a deletion in mid-run',
    ]))

  it('come through every phase of a life', async () => {
    const phases = await Promise.all(referenceRuns(router).map(phasesOf))
    expect(stations.filter(phase => !phases.flat().includes(phase))).toEqual([])
  })
})
