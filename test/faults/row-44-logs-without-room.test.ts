import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** A pipe with no room for another byte, and nobody who reads it: what a log agent leaves that hangs. */
const fullPipe = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'serin-pipe-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'log')
  execFileSync('mkfifo', [file])
  const fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK)
  expect(() => {
    for (;;) writeSync(fd, '.'.repeat(4096))
  }).toThrow('EAGAIN')
  // The program must not find it open in our manner.
  return openSync(file, constants.O_RDWR)
}

/** Serin without a cluster: it logs much, and cannot log anything. */
const startLoggingTo = async (standardError: number) => {
  const port = await freePort()
  const flags = ['--master=http://127.0.0.1:1', `-port=${port}`, '-host=127.0.0.1', '-log-level=debug']
  const child = spawn(process.execPath, [script, 'controller', ...flags], {
    env: environmentOf(),
    stdio: ['ignore', 'ignore', standardError],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const healthz = () =>
    fetch(`http://127.0.0.1:${port}/healthz`)
      .then(answer => answer.status)
      .catch(String)
  return { child, healthz, ended: once(child, 'close') }
}

// There is such a device, and such a way to open a pipe again, on Linux only.
describe.skipIf(!existsSync(fullDisk)).each([
  ['a disk that is full where the log goes', () => openSync(fullDisk, 'w')],
  ['a pipe that is full where the log goes, and that nobody reads', fullPipe],
])('%s', (_, open) => {
  it('costs lines, not the process, which ends in good order when it is asked to', async () => {
    const { child, healthz, ended } = await startLoggingTo(open())
    await vi.waitFor(async () => expect(await healthz()).toBe(200), { timeout: 60_000, interval: 100 })
    child.kill('SIGTERM')
    expect((await ended)[0]).toBe(0)
  })
})
