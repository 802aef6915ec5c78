import { describe, expect, it } from 'vitest'
import { createOutsideWorld } from '../support/outside-world.ts'
import { type Stage, team } from '../support/stage.ts'
import { atWeight, isTold, promoted, rolledBack, standing } from './on-stage.ts'

const inMidRun = async () => {
  const world = createOutsideWorld()
  const stage = await atWeight(20, { tools: world.tools })
  return { stage, world }
}

/** What is asked of Prometheus in its place, what people read, and how the rollout ends. */
const troubles = [
  ['is down', 'prometheus query failed for request-success-rate: connect ECONNREFUSED 10.0.0.1:9090', 'StoreUnreachable'],
  ['answers 503', 'error response: Status 503: no healthy upstream', 'StoreUnreachable'],
  ['answers HTML', 'error response: Status 200: <html>Sign in</html>', 'StoreUnreachable'],
  ['never answers', 'no answer within 10s', 'StoreUnreachable'],
  ['refuses the query', 'the query was refused: parse error', 'ProgressDeadlineExceeded'],
] as const

describe.each(troubles)('a Prometheus that %s in mid-run', (trouble, words, ending) => {
  it('holds the step, counts no failed check, and is named in condition, event and log', async () => {
    const { stage, world } = await inMidRun()
    world.state.store = trouble
    await stage.until(() => isTold(stage, words))
    expect([stage.weights, stage.status.failedChecks]).toEqual([[80, 20], 0])
  })

  it('ends the rollout with its deadline, and promotes nothing', async () => {
    const { stage, world } = await inMidRun()
    world.state.store = trouble
    await stage.untilRest('Failed')
    expect(stage.status.failure).toMatchObject({ reason: ending, message: expect.stringContaining(words) })
    expect(standing(stage)).toEqual(rolledBack)
  })

  it('for half a minute costs time only', async () => {
    const { stage, world } = await inMidRun()
    world.state.store = trouble
    await stage.pass(25)
    world.state.store = 'is healthy'
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a rollback while Prometheus never answers', () => {
  const within = async (stage: Stage, act: () => void | Promise<void>): Promise<number> => {
    const sinceMs = stage.clock.monotonicMs()
    await act()
    await stage.until(() => stage.weights[1] === 0)
    return stage.clock.monotonicMs() - sinceMs
  }

  it('that a hook asks for comes with the next question, as if all were well', async () => {
    const world = createOutsideWorld()
    world.state.hook = { status: 403 }
    const webhooks = [{ name: 'panic', type: 'rollback', url: 'http://panic.test/' }]
    const stage = await atWeight(20, { tools: world.tools, objects: team({ analysis: { webhooks } }) })
    world.state.store = 'never answers'
    world.state.hook = { status: 200 }
    expect(await within(stage, () => {})).toBeLessThanOrEqual(11_000)
    expect(stage.status.failure?.reason).toBe('RollbackRequested')
  })

  it('because the canary lost its pods comes at once', async () => {
    const { stage, world } = await inMidRun()
    world.state.store = 'never answers'
    await stage.pass(12) // the question is under way
    expect(await within(stage, () => void stage.state.broken.add('podinfo'))).toBeLessThanOrEqual(1000)
  })

  it('to a newer revision comes at once', async () => {
    const { stage, world } = await inMidRun()
    world.state.store = 'never answers'
    await stage.pass(12)
    stage.state.broken.add('podinfo podinfo:v3')
    expect(await within(stage, () => stage.release('v3'))).toBeLessThanOrEqual(1000)
  })
})
