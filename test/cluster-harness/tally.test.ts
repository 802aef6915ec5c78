import { describe, expect, it } from 'vitest'
import { closingLines, type SuiteReport, tally } from '../cluster/tally.ts'

const fileWith = (status: string, tests: Readonly<Record<string, string>>): SuiteReport['testResults'][number] => ({
  name: 'some.cluster.test.ts',
  status,
  assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
})

describe('the tally of a run', () => {
  it('counts each test once', () => {
    const report = {
      testResults: [fileWith('failed', { a: 'passed', b: 'failed', c: 'skipped' }), fileWith('passed', { d: 'passed', e: 'todo' })],
    }
    expect(tally(report, 1)).toEqual({
      passed: 2,
      failed: 1,
      skipped: ['c', 'e'],
      failures: ['b\n  without a word'],
    })
  })

  it('counts a file that does not load as a failure', () => {
    expect(tally({ testResults: [fileWith('failed', {})] }, 1).failed).toBe(1)
  })

  it('counts a set-up that failed as a failure', () => {
    expect(tally({ testResults: [fileWith('failed', { a: 'skipped' })] }, 1).failed).toBe(1)
  })

  it('counts an exit code that nothing explains as a failure', () => {
    expect(tally({ testResults: [fileWith('passed', { a: 'passed' })] }, 1)).toEqual({ passed: 1, failed: 1, skipped: [], failures: [] })
  })

  it('says why a test failed, as far as its first lines do', () => {
    const why = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n')
    const report = {
      testResults: [
        { name: 'a.test.ts', status: 'failed', assertionResults: [{ fullName: 'b', status: 'failed', failureMessages: [why] }] },
        { name: 'c.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      ],
    }
    const end = closingLines(tally(report, 1), false)
    expect(end).toMatch(/FAILED b\n {2}line 0\n(.*\n)* {2}line 14\nFAILED c\.test\.ts\n {2}no such module\n0 passed, 2 failed/)
    expect(end).not.toContain('line 15')
  })

  it('ends with numbers for people', () => {
    expect(closingLines({ passed: 3, failed: 1, skipped: ['c'], failures: [] }, false)).toBe('\n3 passed, 1 failed, 1 skipped\n')
  })

  it('ends with numbers for programs', () => {
    const last = closingLines({ passed: 3, failed: 0, skipped: ['c'], failures: [] }, true)
      .trimEnd()
      .split('\n')
      .at(-1)
    expect(last).toBe('{"passed":3,"failed":0,"skipped":["c"],"failures":[]}')
  })
})
