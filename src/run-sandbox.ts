import { systemClock } from './clock.ts'
import { environmentOf } from './config/child-environment.ts'
import { messageOf } from './errors.ts'
import { type Io, silentLogger } from './io.ts'
import { connect } from './kube/connect.ts'
import { readSandboxFlags, type SandboxRequest } from './sandbox/flags.ts'
import { type Sandbox, startSandbox } from './sandbox/sandbox.ts'
import { readSession } from './sandbox/session-file.ts'
import { currentVersion, release } from './sandbox/story/release.ts'
import { createScreen, type Screen } from './sandbox/story/screen.ts'
import { createShow, type Show } from './sandbox/story/story.ts'
import { flawsOf, type Summary, summaryJson, summaryLines } from './sandbox/story/summary.ts'
import { untilStopped } from './stop-signals.ts'

/** Each part of the story may take so long; all of them together take about a minute and a half. */
const limitMs = 70_000

/** `serin sandbox`: the story, or a version of one's own. */
export const runSandbox = async (argv: readonly string[]): Promise<number> => {
  const request = readSandboxFlags(argv)
  if (request.kind === 'exit') return request.code
  return request.kind === 'release' ? releaseOne(request) : tell(request)
}

const ioUntil = (signal: AbortSignal): Io => ({ clock: systemClock(), log: silentLogger, signal })

const tell = async ({ once, json, perSecond }: Extract<SandboxRequest, { kind: 'story' }>): Promise<number> => {
  const stopping = new AbortController()
  const io = ioUntil(stopping.signal)
  const screen = createScreen({ output: process.stdout, io })
  const stopped = untilStopped().then(() => stopping.abort(new Error('stopped')))
  screen.say('Serin sandbox: starting an embedded cluster, a gateway and a Prometheus on this machine')
  let sandbox: Sandbox | undefined
  try {
    sandbox = await startSandbox({ root: new URL('../', import.meta.url), script: process.argv[1] ?? '', env: environmentOf() }, io)
    const { exitCode, show } = await play({ sandbox, screen, json, perSecond }, io)
    if (once) return exitCode
    screen.say(lookAround(sandbox))
    const stopShow = screen.isLive ? show.linger('Waiting for a version of yours') : () => {}
    await stopped
    stopShow()
    return 0
  } catch (error) {
    if (io.signal.aborted) return 130
    screen.say(`The story could not go on: ${messageOf(error)}`)
    if (sandbox) screen.say(`What Serin said is in ${sandbox.controllerLog}`)
    return 1
  } finally {
    stopping.abort(new Error('stopped'))
    await sandbox?.stop()
  }
}

interface Play {
  readonly sandbox: Sandbox
  readonly screen: Screen
  readonly json: boolean
  readonly perSecond: number
}

const play = async ({ sandbox, screen, json, perSecond }: Play, io: Io): Promise<{ readonly exitCode: number; readonly show: Show }> => {
  const { cluster, slack } = sandbox
  const show = createShow(
    {
      api: cluster.api,
      gatewayUrl: cluster.gatewayUrl,
      slack,
      screen,
      perSecond,
      good: { name: 'v2', errorRate: 0, latencyMs: 0 },
      bad: { name: 'v3', errorRate: 0.3, latencyMs: 0 },
      limitMs,
    },
    io,
  )
  const summary: Summary = await show.tell()
  screen.say('')
  for (const line of summaryLines(summary)) screen.say(line)
  if (json) screen.say(summaryJson(summary))
  return { exitCode: flawsOf(summary).length === 0 ? 0 : 1, show }
}

const lookAround = ({ kubeconfig, cluster, controllerLog }: Sandbox): string =>
  [
    '',
    'The cluster stays up, and so does the traffic. Look around:',
    `  kubectl --kubeconfig ${kubeconfig} -n demo get canary,deploy,httproute`,
    `  kubectl --kubeconfig ${kubeconfig} -n demo describe canary shop`,
    `  curl -H 'Host: shop.example.com' ${cluster.gatewayUrl}`,
    `  Prometheus: ${cluster.prometheusUrl}`,
    `  what Serin says: ${controllerLog}`,
    'Release a version of your own, from another terminal:',
    '  npm run sandbox -- release --error-rate 0.05',
    'Ctrl-C ends everything and leaves nothing behind.',
  ].join('\n')

const releaseOne = async ({ version, errorRate, latencyMs }: Extract<SandboxRequest, { kind: 'release' }>): Promise<number> => {
  const session = await readSession()
  if (!session) {
    process.stderr.write('expected a sandbox that runs, found none; start one with: npm run sandbox\n')
    return 1
  }
  const io = ioUntil(AbortSignal.timeout(10_000))
  const connection = connect({
    server: session.server,
    token: session.token,
    clock: io.clock,
    userAgent: 'serin-sandbox',
    fieldManager: 'sandbox',
  })
  try {
    const name = version ?? nextVersion(await currentVersion(connection.api, io))
    await release(connection.api, { name, errorRate, latencyMs }, io)
    process.stdout.write(`released ${name}; watch the sandbox's terminal, or: kubectl get canary -n demo -w\n`)
    return 0
  } catch (error) {
    process.stderr.write(`could not release: ${messageOf(error)}\n`)
    return 1
  } finally {
    await connection.close()
  }
}

const nextVersion = (current: string): string => `v${Number(/\d+/.exec(current)?.[0] ?? 0) + 1}`
