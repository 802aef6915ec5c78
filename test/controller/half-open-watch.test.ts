import { describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import type { KindRef } from '../../src/api/object.ts'
import { atWeight } from '../faults/on-stage.ts'
import { successRate } from '../support/builders.ts'
import { httpRouteKind, type Stage } from '../support/stage.ts'

/**
 * At 20 % the watches of a kind fall silent, although the server answers, and somebody writes to the object of that kind; then the canary turns
 * out to be bad. Nothing but a write of ours shows that something was missed.
 */
const afterAMissedWrite = async (kind: KindRef): Promise<Stage> => {
  const stage = await atWeight(20)
  for (const watch of stage.api.watches(kind.kind)) watch.mute()
  const object = stage.object(kind, 'podinfo')
  stage.api.put({ ...object, metadata: { ...object.metadata, labels: { by: 'somebody' } } })
  stage.state.measurements = [successRate(50)]
  return stage
}

describe('a watch that is half-open, of which nobody knows,', () => {
  it('does not keep traffic from going back: the route that somebody else wrote to is read before it is written again', async () => {
    const stage = await afterAMissedWrite(httpRouteKind)
    await stage.until(() => stage.phase === 'Failed')
    await stage.pass(1)
    expect(stage.weights).toEqual([100, 0])
  })

  it('does not keep a rollback from being recorded: the Canary that somebody else wrote to is read', async () => {
    const stage = await afterAMissedWrite(canaryKind)
    await stage.until(() => stage.weights[1] === 0, 45)
    expect(stage.phase).toBe('Failed')
  })
})
