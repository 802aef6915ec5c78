import { describe, expect, it } from 'vitest'
import { canaryView } from '../../../src/sandbox/story/canary-view.ts'
import { draw, type Scene } from '../../../src/sandbox/story/picture.ts'
import { createTally } from '../../../src/sandbox/story/tally.ts'

const nowMs = Date.UTC(2026, 0, 1)

const canary = (status: object) => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'shop' },
  spec: { analysis: { threshold: 2, stepWeights: [20, 40] } },
  status,
})

const aScene = (status: object = {}): Scene => {
  const tally = createTally()
  const sample = { atMs: nowMs, latencyMs: 10 }
  for (let request = 0; request < 40; request += 1) tally.add({ ...sample, track: 'primary', version: 'v1', failure: undefined })
  for (let request = 0; request < 10; request += 1)
    tally.add({ ...sample, track: 'canary', version: 'v2', failure: request > 4 ? undefined : '500 from a pod' })
  return {
    act: 'A version is released',
    elapsedMs: 12_000,
    nowMs,
    canary: canaryView(canary(status)),
    routedPercent: 20,
    primaryTrack: tally.view('primary', nowMs),
    canaryTrack: tally.view('canary', nowMs),
    totals: tally.totals(),
    events: ['Advance shop.demo canary weight 20'],
    chat: [
      {
        author: 'shop.demo',
        text: 'Failed checks threshold reached 2',
        color: 'danger',
        fields: [['Reason', 'success rate 50.00% < 99%']],
      },
    ],
  }
}

const progressing = {
  phase: 'Progressing',
  state: 'Progressing.analysing',
  canaryWeight: 20,
  failedChecks: 1,
  nextEvidenceAt: new Date(nowMs + 3000).toISOString(),
  checks: [{ name: 'request-success-rate', verdict: 'fail', value: 50, min: 99 }],
}

const text = (status: object) => draw(aScene(status), { colours: false }).join('\n')

describe('the live picture', () => {
  it('shows the split as routed and as really served', () => {
    expect(text(progressing)).toMatch(/routed █{40} {2}80% primary {2}20% canary/)
    expect(text(progressing)).toMatch(/served █{40} {2}80% primary {2}20% canary/)
  })

  it('shows success and latency of both tracks as the client saw them', () => {
    expect(text(progressing)).toMatch(/primary +v1 +8 req\/s +success 100\.0% +p99 +10 ms/)
    expect(text(progressing)).toMatch(/canary +v2 +2 req\/s +success +50\.0%/)
  })

  it('shows each check with the measured value and the limit', () => {
    expect(text(progressing)).toMatch(/✘ request-success-rate +50 % +wanted at least 99 %/)
  })

  it('says what comes next, and when', () => {
    expect(text(progressing)).toContain('next look in 3 s; if all is well: 40% of the traffic')
    expect(text({ ...progressing, canaryWeight: 40 })).toContain('if all is well: the version is promoted')
  })

  it('says why it holds', () => {
    expect(text({ ...progressing, hold: { message: 'waiting for approval' } })).toContain('holding: waiting for approval')
  })

  it('shows what chat was told, with the reason', () => {
    expect(text(progressing)).toContain('shop.demo: Failed checks threshold reached 2 (success rate 50.00% < 99%)')
  })

  it('draws something for a Canary that is not there yet', () => {
    expect(text({})).toContain('phase  starting')
  })
})

describe('the tally', () => {
  it('forgets what is older than its window, but not the totals', () => {
    const tally = createTally(1000)
    tally.add({ atMs: 0, track: 'primary', version: 'v1', failure: 'ECONNREFUSED', latencyMs: 5 })
    expect(tally.view('primary', 5000)).toMatchObject({ perSecond: 0, successPercent: undefined })
    expect(tally.totals()).toEqual({ requests: 1, failed: 1 })
    expect(tally.failures()).toEqual({ ECONNREFUSED: 1 })
  })
})
