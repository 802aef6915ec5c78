import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { environmentOf } from '../../src/config/child-environment.ts'
import { type Io, silentLogger } from '../../src/io.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import type { Screen } from '../../src/sandbox/story/screen.ts'
import { createShow } from '../../src/sandbox/story/story.ts'
import { flawsOf, type Summary } from '../../src/sandbox/story/summary.ts'

const stopping = new AbortController()
const io: Io = { clock: systemClock(), log: silentLogger, signal: stopping.signal }
const lines: string[] = []
const screen: Screen = { say: line => lines.push(line), hear: line => lines.push(line), show: () => () => {}, isLive: false }
const root = new URL('../../', import.meta.url)

let sandbox: Sandbox
let summary: Summary

describe('the story, with real traffic and Serin as a process of its own', () => {
  beforeAll(async () => {
    sandbox = await startSandbox(
      {
        root,
        script: new URL('src/main.ts', root).pathname,
        env: environmentOf(),
        pace: { interval: '1s', metricInterval: '3s', scrapeIntervalMs: 250, drain: '1s' },
      },
      io,
    )
    const { cluster, slack } = sandbox
    const show = createShow(
      {
        api: cluster.api,
        gatewayUrl: cluster.gatewayUrl,
        slack,
        screen,
        perSecond: 100,
        good: { name: 'v2', errorRate: 0, latencyMs: 0 },
        bad: { name: 'v3', errorRate: 0.5, latencyMs: 0 },
        limitMs: 120_000,
      },
      io,
    )
    summary = await show.tell()
  }, 300_000)

  afterAll(async () => {
    stopping.abort(new Error('the test is over'))
    await sandbox?.stop()
  }, 60_000)

  it('promotes the good version without losing a request', () => {
    expect(summary.promoted?.revision).toBe('v2')
    expect(summary.failedRequestsDuringPromotion).toBe(0)
  })

  it('rolls the bad version back, and says what was measured against which limit', () => {
    expect(summary.rolledBack?.revision).toBe('v3')
    expect(summary.rolledBack?.reason).toMatch(/MetricOutOfRange: .*success rate \d+\.\d+% < 99%/)
    expect(summary.rolledBack?.failedRequests).toBeGreaterThan(0)
  })

  it('tells Slack each thing once, in order', () => {
    expect(sandbox.slack.messages.map(message => message.text)).toEqual([
      'New Deployment detected, initialization completed.',
      'New revision detected, progressing canary analysis.',
      'Canary analysis completed successfully, promotion finished.',
      'New revision detected, progressing canary analysis.',
      'Failed checks threshold reached 2',
    ])
    expect(sandbox.slack.messages.every(message => message.author === 'shop.demo')).toBe(true)
  })

  it('went as it should', () => {
    expect(flawsOf(summary)).toEqual([])
  })
})
