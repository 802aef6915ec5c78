import { describe, expect, it } from 'vitest'
import { heySummary } from '../../src/loadtester/hey-summary.ts'
import { LoadTally, type Sample } from '../../src/loadtester/load-report.ts'

const answered = (latencyMs: number, status = 200): Sample => ({ kind: 'answered', sentMs: 0, latencyMs, status, bytes: 12, headers: {} })
const failed = (error: string): Sample => ({ kind: 'failed', sentMs: 0, latencyMs: 1, error })

const summaryOf = (samples: readonly Sample[], durationMs = 2000): string => {
  const tally = new LoadTally()
  for (const sample of samples) tally.add(sample)
  return heySummary(tally.report(durationMs))
}

describe('the summary of a run', () => {
  it('reads like the one of hey', () => {
    const samples = [...Array.from({ length: 9 }, () => answered(10)), answered(20, 500), failed('connect ECONNREFUSED')]
    expect(summaryOf(samples)).toBe(
      [
        '',
        'Summary:',
        '  Total:\t2.0000 secs',
        '  Slowest:\t0.0200 secs',
        '  Fastest:\t0.0100 secs',
        '  Average:\t0.0110 secs',
        '  Requests/sec:\t5.5000',
        '',
        '  Total data:\t120 bytes',
        '  Size/request:\t12 bytes',
        '',
        'Response time histogram:',
        `  0.011 [9]\t|${'■'.repeat(40)}`,
        ...['0.012', '0.013', '0.014', '0.015', '0.016', '0.017', '0.018', '0.019'].map(upto => `  ${upto} [0]\t|`),
        '  0.020 [1]\t|■■■■',
        '',
        'Latency distribution:',
        ...[10, 25, 50, 75].map(percent => `  ${percent}% in 0.0101 secs`),
        '  90% in 0.0101 secs',
        '  95% in 0.0200 secs',
        '  99% in 0.0200 secs',
        '',
        'Status code distribution:',
        '  [200]\t9 responses',
        '  [500]\t1 responses',
        '',
        'Error distribution:',
        '  [1]\tconnect ECONNREFUSED',
        '',
      ].join('\n'),
    )
  })

  it('shows only totals and errors when nothing was answered', () => {
    const summary = summaryOf([failed('no route')])
    expect(summary).toContain('Error distribution:\n  [1]\tno route\n')
    expect(summary).not.toContain('Latency distribution')
  })

  it('counts many different errors together, so that memory stays small', () => {
    const summary = summaryOf(Array.from({ length: 60 }, (_, n) => failed(`port ${n}`)))
    expect(summary).toContain('[10]\tother errors')
  })
})
