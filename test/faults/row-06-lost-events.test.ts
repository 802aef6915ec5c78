import { describe, expect, it } from 'vitest'
import { serviceKind } from '../../src/api/kinds.ts'
import { createStage, team } from '../support/stage.ts'
import { initialized, promoted, standing } from './on-stage.ts'
import { bendWatches } from './watches.ts'

/** As long as nobody has to look again by hand. */
const objects = team({ spec: { progressDeadlineSeconds: 120 } })

/** A rollout of v2 that never hears of its n-th event; 0 for none. */
const withoutEvent = async (lost: number) => {
  const stage = await createStage({ objects })
  await stage.untilRest('Initialized')
  let heard = 0
  await bendWatches(stage, event => {
    heard += 1
    return heard === lost ? [] : [event]
  })
  heard = 0
  const sinceMs = stage.clock.monotonicMs()
  await stage.release('v2')
  await stage.untilRest('Succeeded')
  const outcome = { heard, tookMs: stage.clock.monotonicMs() - sinceMs, end: standing(stage) }
  await stage.stop()
  return outcome
}

describe('an event that is lost', () => {
  it('whichever it is, costs a rollout a minute at most, and changes nothing of its end', async () => {
    const undisturbed = await withoutEvent(0)
    for (let lost = 1; lost <= undisturbed.heard; lost += 1) {
      const { end, tookMs } = await withoutEvent(lost)
      expect({ lost, end }).toEqual({ lost, end: promoted })
      expect(tookMs).toBeLessThanOrEqual(undisturbed.tookMs + 60_000)
    }
    expect(undisturbed.heard).toBeGreaterThan(15)
  })

  it('because its watch is dead is made up for when that is found out', async () => {
    const stage = await initialized()
    for (const watch of stage.api.watches('Service')) watch.mute()
    stage.api.drop(serviceKind, { namespace: 'test', name: 'podinfo-canary' })
    await stage.pass(200)
    expect(stage.object(serviceKind, 'podinfo-canary')).toBeDefined()
  })
})

describe('a rollout that waits although nothing was lost', () => {
  it('lists nothing anew: what it waits for is read, one object or Service at a time, twice a minute', async () => {
    const stage = await initialized({ objects })
    stage.state.broken.add('podinfo')
    await stage.release('v2')
    await stage.pass(35)
    stage.api.forgetRequests()
    await stage.pass(60)
    const lists = stage.api.requests.filter(({ verb, kind }) => verb === 'list' && kind !== 'Pod')
    const isNarrow = ({ options = {} }: (typeof lists)[number]) =>
      'fieldSelector' in options || ('labelSelector' in options && options.labelSelector?.startsWith('kubernetes.io/service-name='))
    expect(lists.every(isNarrow)).toBe(true)
    expect(lists.length).toBeLessThanOrEqual(5 * 2)
  })
})
