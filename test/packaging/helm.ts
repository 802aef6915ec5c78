import { spawnSync } from 'node:child_process'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/api/object.ts'
import { chartFolder } from './chart-files.ts'

/** Whether there is a Helm on this machine. docs/development.md says how to get one. */
export const hasHelm = spawnSync('helm', ['version']).status === 0

if (!hasHelm) console.warn('helm is not on PATH: the chart is NOT rendered by these tests (see docs/development.md)')

export const lint = (values: readonly string[] = []): string => run(['lint', '--strict', chartFolder, ...values])

const run = (args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
  return stdout
}

/** What a release named `flagger` in `flagger-system` consists of. @throws what Helm says when it refuses the values */
export const render = (...args: readonly string[]): readonly KubeObject[] =>
  parseAllDocuments(run(['template', 'flagger', chartFolder, '--namespace', 'flagger-system', ...args]))
    .map(document => document.toJS() as KubeObject | null)
    .filter(object => object !== null)
