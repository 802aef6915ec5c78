import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chatUrl, createOutsideWorld } from '../support/outside-world.ts'
import { createStage, type Stage, team } from '../support/stage.ts'

const hook = (change: Readonly<Record<string, unknown>> = {}) => ({
  name: 'check',
  type: 'rollout',
  url: 'http://tests.test/run',
  timeout: '5s',
  ...change,
})

let stage: Stage
let world: ReturnType<typeof createOutsideWorld>

const begin = async (webhooks: readonly unknown[] = []) => {
  world = createOutsideWorld()
  stage = await createStage({ tools: world.tools, objects: team({ analysis: { webhooks } }) })
  await stage.until(() => stage.phase === 'Initialized')
}

/** A rollout in its middle. */
const released = async () => {
  await stage.release('v2')
  await stage.until(() => (stage.status.canaryWeight ?? 0) > 0)
}

/** Condition, event and log line all say it. */
const isTold = (words: string): boolean =>
  [(stage.status.conditions ?? []).map(({ message }) => message), stage.events(), stage.io.log.messages()].every(texts =>
    texts.some(text => text.includes(words)),
  )

afterEach(() => stage.stop())

describe('a Prometheus that, in the middle of a run,', () => {
  beforeEach(() => begin())

  it.each([
    ['is down', 'prometheus query failed for request-success-rate: connect ECONNREFUSED 10.0.0.1:9090', 'StoreUnreachable'],
    ['answers HTML', 'error response: Status 200: <html>Sign in</html>', 'StoreUnreachable'],
    ['answers NaN', 'expected one finite number, got "NaN"', 'NoEvidence'],
    ['answers two series', 'expected one series, got 2', 'NoEvidence'],
    ['refuses the query', 'the query was refused: parse error', 'ProgressDeadlineExceeded'],
  ] as const)('%s is named everywhere, and promotes nothing', async (store, words, ending) => {
    await released()
    world.state.store = store
    await stage.until(() => isTold(words))
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure).toMatchObject({ reason: ending, message: expect.stringContaining(words) })
    expect([stage.weights, stage.image('podinfo-primary')]).toEqual([[100, 0], 'podinfo:v1'])
  })

  it.each(['is down', 'answers HTML'] as const)('%s for a while costs time only', async store => {
    await released()
    world.state.store = store
    await stage.pass(25)
    expect([stage.phase, stage.status.failedChecks ?? 0]).toEqual(['Progressing', 0])
    world.state.store = 'is healthy'
    await stage.until(() => stage.phase === 'Succeeded')
  })
})

describe('a metric whose MetricTemplate does not exist', () => {
  it('is named everywhere, and promotes nothing', async () => {
    world = createOutsideWorld()
    const metrics = [{ name: 'errors', templateRef: { name: 'error-rate' }, thresholdRange: { max: 1 }, interval: '1m' }]
    stage = await createStage({ tools: world.tools, objects: team({ analysis: { metrics } }) })
    await stage.until(() => stage.phase === 'Initialized')
    await stage.release('v2')
    await stage.until(() => isTold('Metric template error-rate.test error: it does not exist; create it, or correct templateRef'))
    await stage.until(() => stage.phase === 'Failed')
    expect([stage.weights, stage.image('podinfo-primary')]).toEqual([[100, 0], 'podinfo:v1'])
  })
})

describe('a load test that, in the middle of a run,', () => {
  beforeEach(() => begin([hook()]))

  it.each([
    ['hangs', 'hang', 'giving up after 1 attempt(s): no answer within 5s'],
    ['answers 500', { status: 500, body: 'boom' }, 'giving up after 1 attempt(s): answered 500'],
    ['answers 403 with 2 MB', { status: 403, body: `denied ${'x'.repeat(2 * 1024 * 1024)}` }, 'check failed denied xxx'],
    ['is gone', 'dead', 'getaddrinfo ENOTFOUND tests.test'],
  ] as const)('%s is named everywhere, and the release rolled back', async (_, reply, words) => {
    await released()
    world.state.hook = reply
    await stage.until(() => isTold(words))
    await stage.until(() => stage.phase === 'Failed')
    expect([stage.status.failure?.reason, stage.weights, stage.image('podinfo-primary')]).toEqual(['HookFailed', [100, 0], 'podinfo:v1'])
  })
})

describe('a hook for the end of a rollout that hangs', () => {
  it('changes nothing of how it ended', async () => {
    await begin([hook({ type: 'post-rollout' })])
    world.state.hook = 'hang'
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('is told of it later', async () => {
    await begin([hook({ type: 'post-rollout' })])
    world.state.hook = 'hang'
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Succeeded')
    world.state.hook = { status: 200 }
    await stage.until(() => stage.status.outbox === undefined)
  })
})

describe('a chat address that is dead', () => {
  beforeEach(() => begin())

  it('holds up nothing and is told in the log, without the address', async () => {
    world.state.chat = 'dead'
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Succeeded')
    const line = stage.io.log.lines.find(({ message }) => message === 'message not delivered, it will be sent again')
    expect(line?.fields).toMatchObject({
      channel: 'alert',
      receiver: 'global',
      error: 'slack could not be reached: getaddrinfo ENOTFOUND hooks.chat.test',
    })
    expect(JSON.stringify([stage.io.log.lines, stage.status, stage.events()])).not.toContain(chatUrl)
  })

  it('gets its messages in order when it is back', async () => {
    world.chatted.length = 0
    world.state.chat = 'dead'
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Succeeded')
    world.state.chat = { status: 200, body: 'ok' }
    await stage.until(() => stage.status.outbox === undefined, 600)
    const texts = world.chatted.map(body => (JSON.parse(body) as { attachments: { text: string }[] }).attachments[0]?.text)
    expect(texts).toEqual([
      'New revision detected, progressing canary analysis.',
      'Canary analysis completed successfully, promotion finished.',
    ])
  })

  it('that says that it is gone is given up, aloud', async () => {
    world.state.chat = { status: 410, body: 'channel_is_archived' }
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Succeeded' && stage.status.outbox === undefined)
    const line = stage.io.log.lines.find(({ level }) => level === 'error')
    expect(line?.fields['error']).toBe('sending notification bad response 410 from slack: channel_is_archived')
  })
})
