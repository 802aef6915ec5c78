import { describe, expect, it } from 'vitest'
import { createStage, team } from '../support/stage.ts'

describe('a controller that is asked to stop', () => {
  it('calls off what it is asking, and counts nothing of it as a failure', async () => {
    const webhooks = [{ name: 'load-test', type: 'rollout', url: 'http://loadtester.test/' }]
    const stage = await createStage({ objects: team({ analysis: { webhooks } }) })
    await stage.until(() => stage.phase === 'Initialized' && stage.status.state === undefined)
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.hooks = { 'load-test': 'hang' }
    await stage.pass(11)
    const before = stage.status
    await stage.stop()
    expect(stage.status).toEqual(before)
    expect(before.failedChecks).toBe(0)
  })
})
