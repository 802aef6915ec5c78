import { describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import { atWeight } from '../faults/on-stage.ts'
import { successRate } from '../support/builders.ts'
import { httpRouteKind, type Stage } from '../support/stage.ts'

/** From now on the watches of a kind say nothing, although the server answers: nothing but a write shows that something is missed. */
const silence = (stage: Stage, kind: string): void => {
  for (const watch of stage.api.watches(kind)) watch.mute()
}

describe('a watch that is half-open, of which nobody knows,', () => {
  it('does not keep traffic from going back: the route that somebody else wrote to is read before it is written again', async () => {
    const stage = await atWeight(20)
    silence(stage, 'HTTPRoute')
    const route = stage.object(httpRouteKind, 'podinfo')
    stage.api.put({ ...route, metadata: { ...route.metadata, labels: { by: 'its controller' } } })
    stage.state.measurements = [successRate(50)]
    await stage.until(() => stage.phase === 'Failed')
    await stage.pass(1)
    expect(stage.weights).toEqual([100, 0])
  })

  it('does not keep a rollback from being recorded: the Canary that somebody else wrote to is read', async () => {
    const stage = await atWeight(20)
    silence(stage, 'Canary')
    const canary = stage.object(canaryKind, 'podinfo')
    stage.api.put({ ...canary, metadata: { ...canary.metadata, labels: { by: 'somebody' } } })
    stage.state.measurements = [successRate(50)]
    await stage.until(() => stage.weights[1] === 0, 45)
    expect(stage.phase).toBe('Failed')
  })
})
