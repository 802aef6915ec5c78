import { describe, expect, it } from 'vitest'
import { sick } from '../support/builders.ts'
import { chatUrl, createOutsideWorld } from '../support/outside-world.ts'
import { type Stage, team } from '../support/stage.ts'
import { atWeight, initialized, promoted, standing } from './on-stage.ts'

const webhooks = [
  { name: 'end', type: 'post-rollout', url: 'http://tests.test/end', timeout: '5s' },
  { name: 'bus', type: 'event', url: 'http://tests.test/bus', timeout: '5s' },
]

const begin = async () => {
  const world = createOutsideWorld()
  const stage = await initialized({ tools: world.tools, objects: team({ analysis: { webhooks } }) })
  return { world, stage }
}

const troubles = ['hang', 'dead', { status: 500 }] as const

describe.each(troubles)('receivers of events and of the end that are in trouble (%j)', trouble => {
  it('hold up no rollout', async () => {
    const { world, stage } = await begin()
    world.state.hook = trouble
    const sinceMs = stage.clock.monotonicMs()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
    expect(stage.clock.monotonicMs() - sinceMs).toBeLessThan(40_000)
  })

  it('are told all of it when they are well again', async () => {
    const { world, stage } = await begin()
    world.state.hook = trouble
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    world.state.hook = { status: 200 }
    await stage.until(() => stage.status.outbox === undefined, 900)
  })
})

describe.each(troubles)('a chat in trouble (%j)', trouble => {
  it('delays no rollback', async () => {
    const world = createOutsideWorld()
    const { tools } = world
    const measurer = { measure: async () => stage.state.measurements, probe: async () => [] }
    const stage: Stage = await atWeight(20, { tools: { ...tools, measurer } })
    world.state.chat = trouble
    stage.state.measurements = sick.measurements
    const sinceMs = stage.clock.monotonicMs()
    await stage.until(() => stage.weights[1] === 0)
    expect(stage.clock.monotonicMs() - sinceMs).toBeLessThanOrEqual(21_000) // two intervals: the threshold is two
  })
})

describe('a chat that never answers', () => {
  it('gets no more than fifty messages to wait for, and those that were dropped are counted', async () => {
    const { world, stage } = await begin()
    world.state.chat = 'hang'
    world.state.hook = 'hang'
    for (let version = 2; version < 14; version += 1) {
      await stage.release(`v${version}`)
      await stage.untilRest('Succeeded')
    }
    expect(stage.status.outbox?.length).toBeLessThanOrEqual(50)
    expect(stage.status.outboxDropped).toBeGreaterThan(0)
  })
})

describe('a chat address that is dead', () => {
  it('is told in the log, without the address', async () => {
    const { world, stage } = await begin()
    world.state.chat = 'dead'
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    const line = stage.io.log.lines.find(({ message }) => message === 'message not delivered, it will be sent again')
    const error = 'slack could not be reached: getaddrinfo ENOTFOUND hooks.chat.test'
    expect(line?.fields).toMatchObject({ channel: 'alert', receiver: 'global', error })
    expect(JSON.stringify([stage.io.log.lines, stage.status, stage.events()])).not.toContain(chatUrl)
  })

  it('gets its messages in order when it is back', async () => {
    const { world, stage } = await begin()
    world.chatted.length = 0
    world.state.chat = 'dead'
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    world.state.chat = { status: 200, body: 'ok' }
    await stage.until(() => stage.status.outbox === undefined, 600)
    const texts = world.chatted.map(body => (JSON.parse(body) as { attachments: { text: string }[] }).attachments[0]?.text)
    expect(texts).toEqual([
      'New revision detected, progressing canary analysis.',
      'Canary analysis completed successfully, promotion finished.',
    ])
  })

  it('that says that it is gone is given up, aloud', async () => {
    const { world, stage } = await begin()
    world.state.chat = { status: 410, body: 'channel_is_archived' }
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Succeeded' && stage.status.outbox === undefined)
    const line = stage.io.log.lines.find(({ level }) => level === 'error')
    expect(line?.fields['error']).toBe('sending notification bad response 410 from slack: channel_is_archived')
  })
})
