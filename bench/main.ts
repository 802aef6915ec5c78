import { messageOf } from '../src/errors.ts'
import type { Benchmark } from './benchmark.ts'
import { clusterBenchmark } from './cluster/cluster.ts'
import { helpText, readCommandLine, type Wish } from './command-line.ts'
import { kubeBenchmark } from './kube/kube.ts'
import { machineFigures } from './machine.ts'
import { passesBenchmark } from './passes/passes.ts'
import { tableText } from './table.ts'

const benchmarks: readonly Benchmark[] = [passesBenchmark, kubeBenchmark, clusterBenchmark]

const print = (text: string) => process.stdout.write(`${text}\n`)
const say = (line: string) => void process.stderr.write(`${line}\n`)

const runOne = async ({ benchmark, settings, texts, json }: Extract<Wish, { kind: 'run' }>): Promise<void> => {
  const stop = new AbortController()
  const interrupt = () => stop.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const machine = machineFigures()
  const found = await benchmark.run(settings, { signal: stop.signal, texts, say })
  const figures = { ...found, settings, ...texts, machine }
  print(tableText(figures))
  if (json) print(JSON.stringify(figures))
}

const main = async (): Promise<void> => {
  const wish = readCommandLine(process.argv.slice(2), benchmarks)
  if (wish.kind === 'help') return void print(helpText(benchmarks))
  if (wish.kind === 'run') return runOne(wish)
  say(`bench: ${wish.message}`)
  process.exitCode = 2
}

await main().catch((error: unknown) => {
  say(`bench: ${messageOf(error)}`)
  process.exitCode = 1
})
