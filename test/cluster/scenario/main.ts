import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { tableText } from '../../../bench/table.ts'

/* Plays one scenario on a real cluster, with Serin or with any other controller of these resources, and prints what users saw. */

const scenarios: Readonly<Record<string, string>> = { capacity: 'test/cluster/suite/capacity.cluster.test.ts' }

const helpText = `npm run scenario -- NAME [--cmd 'COMMAND'] [--json]
  ${Object.keys(scenarios).join(', ')}
      --cmd 'COMMAND'    start this controller in place of Serin; it is told KUBECONFIG and METRICS_SERVER
      --json             the last line of the output is one JSON object`

const repository = resolve(import.meta.dirname, '../../..')

const say = (text: string) => void process.stdout.write(`${text}\n`)

interface Wish {
  readonly file: string
  readonly command: string
  readonly json: boolean
}

const play = async ({ file, command, json }: Wish): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'serin-scenario-'))
  const figuresFile = join(folder, 'figures.json')
  try {
    const child = spawn(process.execPath, [join(repository, 'test/cluster/main.ts'), 'test', '--require', file], {
      cwd: repository,
      env: { ...process.env, SERIN_SCENARIO_CMD: command, SERIN_SCENARIO_FILE: figuresFile },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const code = await new Promise<number>((settle, reject) => child.once('error', reject).once('exit', number => settle(number ?? 1)))
    const figures = await readFile(figuresFile, 'utf8').catch(() => undefined) // it may have ended before there were any
    if (figures !== undefined) say(tableText(JSON.parse(figures)))
    if (json) say(figures ?? '{}')
    return code
  } finally {
    await rm(folder, { recursive: true })
  }
}

const main = async (): Promise<number> => {
  const options = { cmd: { type: 'string', default: '' }, json: { type: 'boolean', default: false } } as const
  const { values, positionals } = parseArgs({ args: process.argv.slice(2), allowPositionals: true, options })
  const file = scenarios[positionals[0] ?? '']
  if (file !== undefined) return play({ file, command: values.cmd, json: values.json })
  say(helpText)
  return 2
}

process.exitCode = await main()
