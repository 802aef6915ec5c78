import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { messageOf } from '../../src/errors.ts'
import { type Choice, chooseProvider, skipText } from './choose-provider.ts'
import type { ClusterUnderTest, Provider } from './cluster-under-test.ts'
import { helpText, readCommandLine, type TestWish, type UpWish } from './command-line.ts'
import { enter } from './enter.ts'
import { runInside } from './inside.ts'
import { lookAround } from './machine.ts'
import { enterNamespaces } from './namespace.ts'
import { writePlan } from './plan.ts'
import { makeFolder, removeFolder } from './session-folder.ts'
import { closingLines } from './tally.ts'
import { cacheRoot, gatherManifests, gatherPrograms, packagedPrograms } from './tools/gather-tools.ts'

const print = (text: string) => void process.stdout.write(`${text}\n`)

const howToEnter = (sessionFile: string, pid: number): string => {
  const { server, kubeconfig } = JSON.parse(readFileSync(sessionFile, 'utf8')) as ClusterUnderTest
  return [
    '',
    `The cluster is up: ${server}, which only processes in its own network reach. A shell in there:`,
    '',
    `  KUBECONFIG=${kubeconfig} SERIN_TEST_CLUSTER=${sessionFile} ${enterNamespaces(userInfo().uid, pid).join(' ')} bash`,
    '',
    'Ctrl-C ends it and leaves nothing behind.',
  ].join('\n')
}

const skip = (choice: Choice, wish: UpWish | TestWish): number => {
  print(skipText(choice))
  if (wish.kind === 'up') return 1
  const failed = wish.require ? 1 : 0
  process.stdout.write(closingLines({ passed: 0, failed, skipped: [skipText(choice)] }, wish.json))
  return failed
}

const runEmbedded = async (provider: Provider, wish: UpWish | TestWish, signal: AbortSignal): Promise<number> => {
  const use = { root: cacheRoot(process.env), say: print }
  const binaries = { ...packagedPrograms(process.env, print), ...(await gatherPrograms(use)) }
  const manifests = await gatherManifests(print)
  const folder = makeFolder()
  try {
    const planFile = await writePlan({ provider, folder, binaries, manifests, wish })
    return await enter({ planFile, signal, onReady: (file, pid) => print(howToEnter(file, pid)) })
  } finally {
    removeFolder(folder)
  }
}

const run = async (wish: UpWish | TestWish): Promise<number> => {
  const stop = new AbortController()
  const interrupt = () => stop.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const choice = chooseProvider(await lookAround(process.env), wish.provider)
  for (const line of choice.passedOver) print(`not used: ${line}`)
  return choice.provider ? runEmbedded(choice.provider, wish, stop.signal) : skip(choice, wish)
}

const main = async (): Promise<number> => {
  const wish = readCommandLine(process.argv.slice(2))
  if (wish.kind === 'up' || wish.kind === 'test') return run(wish)
  if (wish.kind === 'inside') return runInside(wish.plan)
  print(wish.kind === 'help' ? helpText : `cluster: ${wish.message}`)
  return wish.kind === 'help' ? 0 : 2
}

process.exitCode = await main().catch((error: unknown) => {
  print(`cluster: ${messageOf(error)}`)
  return 1
})
