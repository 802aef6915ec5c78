import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { tableText } from '../../../bench/table.ts'
import { messageOf } from '../../../src/errors.ts'

/* Plays one scenario on a real cluster, with Serin or with any other controller of these resources, and prints what users saw. */

const scenarios: Readonly<Record<string, string>> = { capacity: 'test/cluster/suite/capacity.cluster.test.ts' }

const helpText = `npm run scenario -- NAME [--cmd 'COMMAND'] [--json]
  capacity               a promotion and a rollback under steady load, with pods that need 20 s until they are ready, a
                         quarter of them away at a time, and a scaler that takes those that nobody asks
      --cmd 'COMMAND'    start this controller in place of Serin: in a shell, with KUBECONFIG and METRICS_SERVER
      --json             the last line of the output is one JSON object
  needs what npm run test:cluster needs: docs/development.md`

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

/** What the command line asks for, or what is wrong with it: nothing where only help is wanted. */
const readWish = (args: string[]): Wish | string => {
  const flag = { type: 'boolean', default: false } as const
  const options = { cmd: { type: 'string', default: '' }, json: flag, help: { ...flag, short: 'h' } } as const
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
    const [name = '', ...more] = positionals
    const file = scenarios[name]
    if (values.help) return ''
    if (file !== undefined && more.length === 0) return { file, command: values.cmd, json: values.json }
    return `expected one of ${Object.keys(scenarios).join(', ')}, got ${JSON.stringify(positionals.join(' '))}`
  } catch (error) {
    return messageOf(error)
  }
}

const main = async (): Promise<number> => {
  const wish = readWish(process.argv.slice(2))
  if (typeof wish !== 'string') return play(wish)
  say([wish, helpText].filter(Boolean).join('\n'))
  return wish === '' ? 0 : 2
}

process.exitCode = await main()
