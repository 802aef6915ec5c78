import { describe, expect, it } from 'vitest'
import { witherOf } from './cluster-deeds.ts'
import type { Deed, Incident } from './deed.ts'
import type { Ending } from './endings.ts'
import { tell } from './run-seed.ts'
import { plain, type Setup } from './setup.ts'
import { closeGate, dropPinsAnd, dropTargetFor, releaseOf } from './user-deeds.ts'

/* Stories that seeds came upon, each a defect once: told with their incidents, which no change of the dice takes away. */

const at = (seconds: number, deed: Deed, after?: Incident['after']): Incident => ({
  atMs: seconds * 1000,
  ...(after ? { after } : {}),
  ...deed,
})

const lost = dropPinsAnd('the primary')

const violationsOf = async (incidents: readonly Incident[], ending: Ending, setup: Partial<Setup> = {}) =>
  (await tell({ seed: 1, setup: { ...plain, ...setup }, incidents, ending })).violations

describe('a good revision', () => {
  it('is promoted although the one before it could not run in the primary', async () =>
    expect(await violationsOf([at(9, releaseOf('v7')), at(150, releaseOf('v7'))], 'a good release')).toEqual([]))

  it.each([
    ['in mid-run', { isGated: false }, 'Progressing.scaling'],
    ['behind a gate', { isGated: true }, 'Failed.parking'],
  ] as const)('is taken up although the primary and its pins were lost %s', async (_, setup, state) => {
    const incidents = [at(9, releaseOf('v4')), at(9.1, lost, { state, delayMs: 30 })]
    expect(await violationsOf(incidents, 'a good release', setup)).toEqual([])
  })

  it('is promoted although the primary of a core Service led to no pods', async () => {
    const incidents = [at(9, releaseOf('v7')), at(150, releaseOf('v2'))]
    expect(await violationsOf(incidents, 'a good release', { target: 'Service' })).toEqual([])
  })

  it('is taken up although the primary and its pins were lost while another one waited at its gate', async () => {
    const incidents = [
      at(9, closeGate('confirm-rollout', 60_000)),
      at(9.1, releaseOf('v2')),
      at(9.2, lost, { state: 'Waiting', delayMs: 30 }),
    ]
    expect(await violationsOf(incidents, 'a good release', { isGated: true })).toEqual([])
  })
})

it('a rollout that waits for a primary without pods ends at its deadline', async () => {
  const incidents = [at(9, witherOf('podinfo-primary', 300_000)), at(10, releaseOf('v2')), at(150, releaseOf('v2'))]
  const { trace } = await tell({ seed: 1, setup: plain, incidents, ending: 'nothing more' })
  expect(trace.filter(line => line.includes('Failed'))).not.toEqual([])
})

it('a Knative Service that is made again has revisions of its own', async () => {
  const incidents = [at(9, releaseOf('v2')), at(9.1, dropTargetFor(20_000), { state: 'Progressing.scaling', delayMs: 0 })]
  expect(await violationsOf(incidents, 'a good release', { target: 'Knative', provider: 'knative', strategy: 'blue/green' })).toEqual([])
})
