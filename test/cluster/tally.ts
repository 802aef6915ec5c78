/** As much of vitest's JSON report as is read here. */
export interface SuiteReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    /** Why the file failed, when no test of it did. */
    readonly message?: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

export interface Totals {
  readonly passed: number
  readonly failed: number
  /** Names of what was not tried. */
  readonly skipped: readonly string[]
  /** What failed, each with the beginning of why: whoever has only the end of the output needs no more. */
  readonly failures: readonly string[]
}

const linesOfWhy = 15

const failure = (name: string, why = 'without a word') => [name, ...why.split('\n').slice(0, linesOfWhy)].join('\n  ')

/** Counts a run. Something that failed without being a test (a file that does not load, an error outside of tests, no test at all) counts as one. */
export const tally = ({ testResults }: SuiteReport, exitCode: number): Totals => {
  const tests = testResults.flatMap(file => file.assertionResults)
  const withStatus = (status: string) => tests.filter(test => test.status === status)
  const brokenFiles = testResults.filter(file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed'))
  const failed = withStatus('failed').length + brokenFiles.length
  return {
    passed: withStatus('passed').length,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: tests.filter(test => test.status !== 'passed' && test.status !== 'failed').map(test => test.fullName),
    failures: [
      ...withStatus('failed').map(test => failure(test.fullName, test.failureMessages?.[0])),
      ...brokenFiles.map(file => failure(file.name, file.message)),
    ],
  }
}

/** The end of the output, for people and, with `json`, for programs. */
export const closingLines = (totals: Totals, json: boolean): string => {
  const lines = [
    ...totals.failures.map(failed => `FAILED ${failed}`),
    `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped.length} skipped`,
    ...(json ? [JSON.stringify(totals)] : []),
  ]
  return `\n${lines.join('\n')}\n`
}
