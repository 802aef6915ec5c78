import { messageOf } from '../../src/errors.ts'
import { type Choice, chooseProvider, skipText } from './choose-provider.ts'
import type { Provider } from './cluster-under-test.ts'
import { helpText, readCommandLine, type TestWish, type UpWish } from './command-line.ts'
import { runOnK3s, runOnKubeconfig } from './foreign-cluster.ts'
import { runInside } from './inside.ts'
import { lookAround } from './machine.ts'
import { type Run, runFromAssets, runFromModules } from './own-cluster.ts'
import { closingLines } from './tally.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)

const runners: Readonly<Record<Provider, (run: Run) => Promise<number>>> = {
  kubeconfig: runOnKubeconfig,
  assets: runFromAssets,
  k3s: runOnK3s,
  modules: runFromModules,
}

const skip = (choice: Choice, wish: UpWish | TestWish): number => {
  say(skipText(choice))
  if (wish.kind === 'up') return 1
  const failed = wish.require ? 1 : 0
  process.stdout.write(closingLines({ passed: 0, failed, skipped: [skipText(choice)], failures: [] }, wish.json))
  return failed
}

const run = async (wish: UpWish | TestWish): Promise<number> => {
  const stop = new AbortController()
  const interrupt = () => stop.abort(new Error('interrupted'))
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const choice = chooseProvider(await lookAround(process.env), wish.provider)
  for (const line of choice.passedOver) say(`not used: ${line}`)
  return choice.provider ? runners[choice.provider]({ wish, env: process.env, say, signal: stop.signal }) : skip(choice, wish)
}

const main = async (): Promise<number> => {
  const wish = readCommandLine(process.argv.slice(2))
  if (wish.kind === 'up' || wish.kind === 'test') return run(wish)
  // With us, the first process in there, the kernel ends all others: nothing that is still open may keep us.
  if (wish.kind === 'inside') process.exit(await runInside(wish.plan))
  say(wish.kind === 'help' ? helpText : `cluster: ${wish.message}`)
  return wish.kind === 'help' ? 0 : 2
}

process.exitCode = await main().catch((error: unknown) => {
  say(`cluster: ${messageOf(error)}`)
  return 1
})
