import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { environmentOf } from '../../src/config/child-environment.ts'

const script = new URL('../../src/main.ts', import.meta.url).pathname
/** What is written there finds the disk full. */
const fullDisk = '/dev/full'

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Serin without a cluster: it logs much, and cannot log anything. */
const startOnFullDisk = async () => {
  const port = await freePort()
  const flags = ['--master=http://127.0.0.1:1', `-port=${port}`, '-host=127.0.0.1', '-log-level=debug']
  const child = spawn(process.execPath, [script, 'controller', ...flags], {
    env: environmentOf(),
    stdio: ['ignore', 'ignore', openSync(fullDisk, 'w')],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const healthz = () =>
    fetch(`http://127.0.0.1:${port}/healthz`)
      .then(answer => answer.status)
      .catch(String)
  return { child, healthz, ended: once(child, 'close') }
}

// There is such a device on Linux only.
describe.skipIf(!existsSync(fullDisk))('a disk that is full where the log goes', () => {
  it('costs lines, not the process, which ends in good order when it is asked to', async () => {
    const { child, healthz, ended } = await startOnFullDisk()
    await vi.waitFor(async () => expect(await healthz()).toBe(200), { timeout: 60_000, interval: 100 })
    child.kill('SIGTERM')
    expect((await ended)[0]).toBe(0)
  })
})
