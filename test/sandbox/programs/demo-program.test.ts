import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { resolve } from 'node:path'
import { Agent } from 'undici'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/io.ts'
import { inProcess } from '../../../src/sandbox/node/in-process.ts'
import type { ProgramContext, RunningProgram } from '../../../src/sandbox/node/program.ts'
import { demoInProcess } from '../../../src/sandbox/programs/demo-program.ts'
import { imageTable } from '../../../src/sandbox/programs/image-table.ts'

const script = resolve(import.meta.dirname, '../../../src/sandbox/programs/demo-app.ts')

const freePort = async (): Promise<number> => {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const contextWith = (port: number, env: Readonly<Record<string, string>>): ProgramContext => ({
  image: 'demo-app:v1',
  command: [],
  args: [],
  env,
  namespace: 'demo',
  podName: `app-${port}`,
  podIp: '127.0.0.1',
  ports: [{ name: 'http', containerPort: 9898, port }],
  mounts: new Map(),
  clock: systemClock(),
  log: silentLogger,
})

const fromTable = imageTable({ node: process.execPath, demoApp: script, serin: '', binaries: {}, env: {} })('serin-demo:v1')
if (!fromTable) throw new Error('expected the demo application in the table of images')

const programs = { inProcess: inProcess(demoInProcess), childProcess: fromTable } as const

const ready = async (port: number): Promise<void> => {
  for (;;) {
    const status = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      response => response.status,
      () => 0,
    )
    if (status === 200) return
    await new Promise(setImmediate)
  }
}

describe.each(['inProcess', 'childProcess'] as const)('the demo application as a container (%s)', kind => {
  it('takes its address, name and behaviour from the pod', async () => {
    const port = await freePort()
    const running = programs[kind].start(contextWith(port, { VERSION: 'v7', DRAIN_MS: '1' }))
    await ready(port)
    expect(await fetch(`http://127.0.0.1:${port}/`).then(response => response.json())).toMatchObject({ version: 'v7', pod: `app-${port}` })
    running.terminate()
    expect(await running.exited).toMatchObject({ exitCode: 0 })
  })

  it('exits at once when it is killed', async () => {
    const port = await freePort()
    const running = programs[kind].start(contextWith(port, { DRAIN_MS: '60000' }))
    await ready(port)
    running.terminate()
    running.kill()
    expect(await running.exited).toMatchObject({ exitCode: 137 })
  })

  it('fails with the reason when its environment makes no sense', async () => {
    const running = programs[kind].start(contextWith(await freePort(), { ERROR_RATE: 'many' }))
    const { exitCode, message } = await running.exited
    expect(exitCode).toBeGreaterThan(0)
    expect(message).toContain('--error-rate: expected a number from 0 to 1, got "many"')
  })
})

/** Sends requests through keep-alive connections to whichever pod is routed to, as a gateway does, and moves on while they run. */
describe('a rolling update under load', () => {
  it('loses no request', async () => {
    const agent = new Agent({ connections: 8 })
    const pods: RunningProgram[] = []
    let routed = 0
    const gateway = createServer((request, response) => {
      agent.request({ origin: `http://127.0.0.1:${routed}`, path: request.url ?? '/', method: 'GET' }).then(
        async ({ statusCode, body }) => response.writeHead(statusCode).end(await body.text()),
        (error: Error) => response.writeHead(502).end(error.message),
      )
    }).listen(0, '127.0.0.1')
    await once(gateway, 'listening')
    const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/`

    const roll = async (): Promise<void> => {
      const port = await freePort()
      pods.push(programs.inProcess.start(contextWith(port, { DRAIN_MS: '150', LATENCY_MS: '5' })))
      await ready(port)
      // Like an endpoint controller, the router learns of the change only after the old pod was asked to stop.
      pods.at(-2)?.terminate()
      setTimeout(() => {
        routed = port
      }, 20)
      await Promise.all(pods.slice(0, -1).map(({ exited }) => exited))
    }

    await roll()
    while (routed === 0) await new Promise(setImmediate)
    let sending = true
    const answers: (number | string)[] = []
    const client = async (): Promise<void> => {
      while (sending) {
        const response = await fetch(url)
        answers.push(response.status === 200 ? 200 : await response.text())
      }
    }
    const clients = Promise.all([client(), client(), client(), client()])
    for (let n = 0; n < 4; n += 1) await roll()
    sending = false
    await clients
    pods.at(-1)?.terminate()
    await pods.at(-1)?.exited
    await agent.close()
    gateway.closeAllConnections()
    gateway.close()
    expect(answers.length).toBeGreaterThan(20)
    expect(answers.filter(answer => answer !== 200)).toEqual([])
  })
})

describe('the program', () => {
  const exitOf = async (child: ChildProcess): Promise<unknown> => (await once(child, 'exit'))[0]

  it('ends with 2 and a reason for a wrong flag', async () => {
    const child = spawn(process.execPath, [script, '--error-rate=7'], { stdio: ['ignore', 'ignore', 'pipe'] })
    const words: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => words.push(text))
    expect(await exitOf(child)).toBe(2)
    expect(words.join('')).toBe('demo-app: --error-rate: expected a number from 0 to 1, got "7"\n')
  })

  it('ends with 1 at once on a second signal', async () => {
    const child = spawn(process.execPath, [script, '--port=0', '--drain-ms=60000'], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const again = setInterval(() => child.kill('SIGINT'), 20)
    expect(await exitOf(child)).toBe(1)
    clearInterval(again)
  })
})
