import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import { environmentOf } from '../../src/config/child-environment.ts'
import { type Connection, connect } from '../../src/kube/connect.ts'
import { type ApiServer, startApiServer } from '../../src/sandbox/apiserver/server.ts'
import { applyFile } from '../../src/sandbox/manifests.ts'
import { testIo } from '../support/io.ts'

const root = new URL('../../', import.meta.url)
const script = new URL('src/main.ts', root).pathname
const clock = systemClock()

export const io = testIo({ clock })

/** The CRDs of a cluster on which everything is there. */
const crds = ['canaries', 'metrictemplates', 'alertproviders'] as const

type Variables = Readonly<Record<string, string>>

/** How a process that ended by itself did so. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** An embedded API server, and `serin controller` as a process of its own beside it. */
export interface Bench {
  readonly connection: Connection
  /** Starts it, and collects what it says until a line has these words. */
  start(words: string, flags: readonly string[], env?: Variables): Promise<string>
  /** What it says next, until a line has these words. */
  hear(words: string): Promise<string>
  /** Asks it over HTTP. */
  get(path: string): Promise<readonly [status: number, body: string]>
  /** Asks it to end, and answers with its exit code. */
  terminate(): Promise<unknown>
  /** Signals to the process, in this order; `ended` resolves with its exit code, or null where a signal ended it. */
  signal(...names: readonly NodeJS.Signals[]): { readonly ended: Promise<number | null> }
  close(): Promise<void>
}

/** Runs it to its end, with nothing around it. */
export const runToEnd = async (flags: readonly string[]): Promise<Ended> => {
  const child = spawn(process.execPath, [script, 'controller', ...flags], { env: environmentOf(), stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString('utf8')))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}

export const openBench = async (installed: readonly string[] = crds): Promise<Bench> => {
  const folder = await mkdtemp(join(tmpdir(), 'serin-test-'))
  const server: ApiServer = await startApiServer({ clock })
  const connection = connect({ server: server.url, token: server.adminToken, clock })
  await writeFile(join(folder, 'kubeconfig'), server.kubeconfig())
  for (const name of installed) await applyFile(connection.api, { file: new URL(`crds/${name}.flagger.app.yaml`, root) }, io)
  const ears = createEars()
  let child: ChildProcess | undefined
  let port = ''

  return {
    connection,
    start: async (words, flags, env = {}) => {
      const args = [script, 'controller', `--kubeconfig=${join(folder, 'kubeconfig')}`, '-port=0', '-host=127.0.0.1', ...flags]
      child = spawn(process.execPath, args, { env: { ...environmentOf(), ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
      child.stderr?.on('data', (chunk: Buffer) => ears.take(chunk.toString('utf8')))
      child.once('close', code => ears.end(code))
      const [said] = await Promise.all([ears.until(words), ears.until('serving health and metrics')])
      port = /"port":(\d+)/.exec(ears.all())?.[1] ?? ''
      return said
    },
    hear: words => ears.next(words),
    get: async path => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      return [answer.status, await answer.text()]
    },
    terminate: async () => {
      const ended = child && once(child, 'close')
      child?.kill('SIGTERM')
      const [code] = (await ended) ?? []
      return code
    },
    signal: (...names) => {
      const ended = child ? once(child, 'close').then(([code]) => code as number | null) : Promise.resolve(null)
      for (const name of names) child?.kill(name)
      return { ended }
    },
    close: async () => {
      child?.kill('SIGKILL')
      await connection.close()
      await server.stop()
      await rm(folder, { recursive: true })
    },
  }
}

interface Listener {
  readonly from: number
  readonly words: string
  readonly promise: PromiseWithResolvers<string>
}

/** What a process said so far, and who waits for some words of it. */
const createEars = () => {
  let said = ''
  let listeners: readonly Listener[] = []
  const tell = () => {
    for (const { from, words, promise } of listeners) if (said.includes(words, from)) promise.resolve(said)
  }
  const listen = (words: string, from: number): Promise<string> => {
    const promise = Promise.withResolvers<string>()
    listeners = [...listeners, { from, words, promise }]
    tell()
    return promise.promise
  }
  return {
    all: () => said,
    take: (text: string) => {
      said += text
      tell()
    },
    end: (code: number | null) => {
      for (const { promise } of listeners) promise.reject(new Error(`ended with ${code}: ${said}`))
    },
    until: (words: string) => listen(words, 0),
    next: (words: string) => listen(words, said.length),
  }
}
