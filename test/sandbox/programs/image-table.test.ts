import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/io.ts'
import type { ProgramContext } from '../../../src/sandbox/node/program.ts'
import { imageTable } from '../../../src/sandbox/programs/image-table.ts'

/** A program that says what it was called with. */
const echo = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'serin-image-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, name)
  writeFileSync(file, `#!/bin/sh\necho ${name} "$@"\n`, { mode: 0o755 })
  return file
}

const context = (parts: Partial<ProgramContext>): ProgramContext => ({
  image: '',
  command: [],
  args: [],
  env: {},
  namespace: 'demo',
  podName: 'a',
  podIp: '10.244.0.9',
  ports: [],
  mounts: new Map(),
  clock: systemClock(),
  log: silentLogger,
  ...parts,
})

const table = (...names: readonly string[]) =>
  imageTable({
    node: echo('node'),
    demoApp: 'demo-app.ts',
    serin: 'serin.js',
    binaries: Object.fromEntries(names.map(name => [name, echo(name)])),
    env: { PATH: process.env['PATH'] ?? '' },
  })

const said = async (image: string, parts: Partial<ProgramContext> = {}, ...names: readonly string[]) => {
  const program = table(...names)(image)
  const { message } = (await program?.start(context(parts)).exited) ?? {}
  return message
}

describe('the table of images', () => {
  it('runs Serin as its image does, at the address of the pod', async () =>
    expect(await said('serin:0.1.0', { args: ['controller', '-log-level=debug'] })).toBe(
      'node serin.js controller -log-level=debug -host=10.244.0.9',
    ))

  it('runs the controller when nothing is said', async () => expect(await said('serin')).toBe('node serin.js controller -host=10.244.0.9'))

  it('leaves an address alone that the container names itself', async () =>
    expect(await said('serin', { args: ['controller', '--host=127.0.0.1'] })).toBe('node serin.js controller --host=127.0.0.1'))

  it('runs the load tester on its port', async () =>
    expect(await said('serin-loadtester', { ports: [{ name: 'http', containerPort: 9090, port: 9191 }] })).toBe(
      'node serin.js loadtester -host=10.244.0.9 -port=9191 -log-level=warn',
    ))

  it('finds the program of an image where this machine has it', async () =>
    expect(await said('quay.io/prom/prometheus:v3', { command: ['/bin/prometheus'], args: ['--version'] }, 'prometheus')).toBe(
      'prometheus --version',
    ))

  it('lets a command find other programs of the table on PATH', async () =>
    expect(await said('serin-loadtester', { command: ['sh', '-c', 'hey -n 1'] }, 'hey')).toBe('hey -n 1'))

  it('knows no image whose program is not here', () => expect(table()('envoyproxy/envoy:v1.40')).toBeUndefined())
})
