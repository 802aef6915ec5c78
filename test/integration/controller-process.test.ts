import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { leaseKind } from '../../src/api/kinds.ts'
import { systemClock } from '../../src/clock.ts'
import { environmentOf } from '../../src/config/child-environment.ts'
import { type Connection, connect } from '../../src/kube/connect.ts'
import { type ApiServer, startApiServer } from '../../src/sandbox/apiserver/server.ts'
import { applyFile } from '../../src/sandbox/manifests.ts'
import { testIo } from '../support/io.ts'

const root = new URL('../../', import.meta.url)
const clock = systemClock()
const io = testIo({ clock })

let folder: string
let server: ApiServer
let connection: Connection
let child: ChildProcess | undefined

/** Starts `serin controller`, and collects what it says until a line has these words. */
const start = async (words: string, ...flags: readonly string[]): Promise<string> => {
  const script = new URL('src/main.ts', root).pathname
  const args = [script, 'controller', `--kubeconfig=${join(folder, 'kubeconfig')}`, '-port=0', '-host=127.0.0.1', ...flags]
  child = spawn(process.execPath, args, { env: environmentOf(), stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
    if (said.includes(words)) resolve(said)
  })
  child.once('close', code => reject(new Error(`ended with ${code}: ${said}`)))
  return promise
}

/** Asks it to end, and answers with its exit code. */
const terminate = async (): Promise<unknown> => {
  const ended = child && once(child, 'close')
  child?.kill('SIGTERM')
  const [code] = (await ended) ?? []
  return code
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serin-test-'))
  server = await startApiServer({ clock })
  connection = connect({ server: server.url, token: server.adminToken, clock })
  await writeFile(join(folder, 'kubeconfig'), server.kubeconfig())
  for (const name of ['canaries', 'metrictemplates', 'alertproviders'])
    await applyFile(connection.api, { file: new URL(`crds/${name}.flagger.app.yaml`, root) }, io)
})

afterEach(async () => {
  child?.kill('SIGKILL')
  await connection.close()
  await server.stop()
  await rm(folder, { recursive: true })
})

describe('serin controller', () => {
  it('serves health, readiness and metrics, and ends with 0 when asked', async () => {
    const said = await start('serving health and metrics')
    const port = /"port":(\d+)/.exec(said)?.[1]
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(metrics).toContain('flagger_info{')
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
    expect(await terminate()).toBe(0)
  }, 20_000)

  it('gives the lease back when it ends', async () => {
    await start('"leading"', '-enable-leader-election=true', '-leader-election-namespace=default')
    const key = { namespace: 'default', name: 'serin-leader-election' }
    const holder = async () =>
      ((await connection.api.get(leaseKind, key, io))?.['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity
    expect(await holder()).toBeTruthy()
    expect(await terminate()).toBe(0)
    expect(await holder()).toBeFalsy()
  }, 20_000)

  it.each([
    [['-mesh-provider=nope'], 2],
    [['-unknown-flag'], 2],
    [['-version'], 0],
  ])(
    'ends at once with %j',
    async (flags, code) => {
      const args = [new URL('src/main.ts', root).pathname, 'controller', ...flags]
      child = spawn(process.execPath, args, { env: environmentOf(), stdio: 'ignore' })
      const [exitCode] = await once(child, 'close')
      expect(exitCode).toBe(code)
    },
    20_000,
  )
})
