import { describe, expect, it } from 'vitest'
import { unreachable } from '../support/builders.ts'
import { httpRouteKind, type Stage } from '../support/stage.ts'
import { atWeight, initialized } from './on-stage.ts'

interface Route {
  readonly rules: readonly { readonly backendRefs: readonly object[] }[]
}

/** Somebody sets the shares by hand, as a GitOps tool does that knows of no rollout. */
const setShares = (stage: Stage, shares: readonly number[]): void => {
  const route = stage.object(httpRouteKind, 'podinfo')
  const spec = route['spec'] as Route
  const rules = spec.rules.map(rule => ({ ...rule, backendRefs: rule.backendRefs.map((ref, at) => ({ ...ref, weight: shares[at] })) }))
  stage.api.put({ ...route, spec: { ...spec, rules } })
}

describe('shares that somebody sets by hand', () => {
  it.each([[[60, 40]], [[0, 100]], [[0, 0]], [[50, 70]]])('to %j while nothing runs are set back', async shares => {
    const stage = await initialized()
    stage.monitor.allow('S1')
    setShares(stage, shares)
    await stage.pass(60)
    expect(stage.weights).toEqual([100, 0])
  })

  it('in mid-run are set back to what is recorded, and the ramp is not reset', async () => {
    const stage = await atWeight(20)
    setShares(stage, [0, 100])
    await stage.calm()
    expect([stage.weights, stage.status.canaryWeight]).toEqual([[80, 20], 20])
  })
})

describe('somebody who changes the route back again and again', () => {
  const fight = async (): Promise<Stage> => {
    const stage = await atWeight(20)
    stage.state.measurements = [unreachable]
    stage.api.forgetRequests()
    for (let round = 0; round < 40; round += 1) {
      const route = stage.object(httpRouteKind, 'podinfo')
      stage.api.put({ ...route, spec: { ...(route['spec'] as object), hostnames: ['other.example'] } })
      await stage.calm()
    }
    return stage
  }

  it('does not draw us into a hot loop', async () => {
    const stage = await fight()
    expect(stage.api.count('apply', 'HTTPRoute')).toBeLessThan(12)
  })

  it('is reported in condition and event', async () => {
    const stage = await fight()
    await stage.pass(3)
    expect(stage.status.hold).toMatchObject({ reason: 'Contested', message: expect.stringContaining('somebody else') })
    expect(stage.condition('Ready')?.message).toContain('somebody else')
    expect(stage.events()).toContainEqual(expect.stringContaining('somebody else'))
  })
})
