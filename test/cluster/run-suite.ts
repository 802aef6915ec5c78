import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { TestWish } from './command-line.ts'
import { closingLines, type SuiteReport, tally } from './tally.ts'

export interface SuiteRun {
  readonly wish: TestWish
  readonly sessionFile: string
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Ends the run early. */
  readonly signal: AbortSignal
}

const repository = resolve(import.meta.dirname, '../..')
const vitest = join(repository, 'node_modules/vitest/vitest.mjs')

const readReport = async (file: string): Promise<SuiteReport> => {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return { testResults: [] } // it ended before there was anything to report; its exit code says so
  }
}

/** Runs the suite on a cluster that is up, prints the closing lines; the exit code. */
export const runSuite = async ({ wish, sessionFile, folder, env, signal }: SuiteRun): Promise<number> => {
  const reportFile = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${reportFile}`]
  const config = `--config=${join(repository, 'vitest.cluster.config.ts')}`
  const child = spawn(process.execPath, [vitest, 'run', config, ...reporters, ...wish.filters], {
    cwd: repository,
    env: { ...env, SERIN_TEST_CLUSTER: sessionFile },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const end = () => void child.kill()
  signal.addEventListener('abort', end, { once: true })
  const code = await new Promise<number>((settle, reject) => child.once('error', reject).once('exit', number => settle(number ?? 1)))
  signal.removeEventListener('abort', end)
  const totals = tally(await readReport(reportFile), code)
  process.stdout.write(closingLines(totals, wish.json))
  return totals.failed === 0 ? 0 : 1
}
