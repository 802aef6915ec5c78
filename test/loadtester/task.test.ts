import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { Sample } from '../../src/loadtester/load-report.ts'
import { Payload } from '../../src/loadtester/payload.ts'
import { readTask, type Task, type TaskReading, type TaskSettings } from '../../src/loadtester/task.ts'
import { testIo } from '../support/io.ts'

const path = '/usr/local/bin:/usr/bin:/bin'
const settings: TaskSettings = { path, commandEnv: { PATH: path }, taskTimeoutMs: 60_000, onSample: () => {} }

const read = (metadata: Readonly<Record<string, string>>, parts: Partial<TaskSettings> = {}): TaskReading =>
  readTask(Payload.parse({ name: 'app', namespace: 'test', metadata }), { ...settings, ...parts })

const taskOf = (metadata: Readonly<Record<string, string>>, parts: Partial<TaskSettings> = {}): Task => {
  const reading = read(metadata, parts)
  if (!reading.ok) throw new Error(reading.reason)
  return reading.task
}

describe('a task', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'task-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const program = (name: string, script: string): void => {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(directory, name), 0o755)
  }

  it('of no type is a cmd', () => {
    expect(taskOf({ cmd: 'true' })).toMatchObject({ type: 'cmd', canary: 'app.test', background: true })
  })

  it('of type cmd runs in a shell', async () => {
    expect(await taskOf({ cmd: 'echo a && echo b' }).run(testIo())).toEqual({ output: 'a\nb\n' })
  })

  it('of type bash runs in bash', async () => {
    expect(await taskOf({ type: 'bash', cmd: '[[ x == x ]] && echo "$BASH_VERSION" | grep -c .' }).run(testIo())).toEqual({ output: '1\n' })
  })

  it('of type bash without a command succeeds', async () => {
    expect(await taskOf({ type: 'bash' }).run(testIo())).toEqual({ output: '' })
  })

  it.each(['helm', 'helmv3', 'kubectl'])('of type %s runs the program with words split at blanks and no shell', async type => {
    program(type === 'kubectl' ? 'kubectl' : 'helm', 'printf "[%s]" "$@"')
    const task = taskOf({ type, cmd: `get  'a b' $HOME;id` }, { path: `${directory}:${path}` })
    expect(await task.run(testIo())).toEqual({ output: `[get]['a][b'][$HOME;id]` })
  })

  it('fails when its program is not on the path', async () => {
    const outcome = await taskOf({ type: 'kubectl', cmd: 'get pods' }, { path: directory, commandEnv: { PATH: directory } }).run(testIo())
    expect(outcome.failure).toContain('spawn kubectl ENOENT')
  })

  it.each([
    [{}, false, false],
    [{ logCmdOutput: 'true' }, true, false],
    [{ logCmdOutput: 'yes' }, false, false],
    [{ returnCmdOutput: '1' }, false, true],
    [{ type: 'bash' }, true, false],
  ])('with %j logs its output: %j, returns it: %j', (metadata, logOutput, returnOutput) => {
    expect(taskOf({ cmd: 'true', ...metadata })).toMatchObject({ logOutput, returnOutput })
  })

  it('whose first word is hey runs on the embedded load generator where the program is missing', async () => {
    const samples: Sample[] = []
    const server = createServer((_request, response) => response.end('hi')).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const task = taskOf({ cmd: `hey -n 6 -c 2 ${url}` }, { path: directory, onSample: sample => samples.push(sample) })
    const outcome = await task.run(testIo({ clock: systemClock() }))
    server.close()
    expect(outcome.output).toContain('[200]\t6 responses')
    expect(outcome).not.toHaveProperty('failure')
    expect(samples).toHaveLength(6)
  })

  it('whose first word is hey runs the program where there is one', async () => {
    program('hey', 'echo real "$@"')
    const task = taskOf({ cmd: 'hey -n 5 http://app/' }, { path: `${directory}:${path}`, commandEnv: { PATH: `${directory}:${path}` } })
    expect(await task.run(testIo())).toEqual({ output: 'real -n 5 http://app/\n' })
  })

  it('that asks the embedded load generator for HTTP/2 fails and says why', async () => {
    const outcome = await taskOf({ cmd: 'hey -h2 http://app/' }, { path: directory }).run(testIo())
    expect(outcome).toEqual({ output: expect.stringContaining('HTTP/2 (-h2) is not supported'), failure: 'exit status 1' })
  })

  it('that sends a file as body fails when the file is missing', async () => {
    const outcome = await taskOf({ cmd: `hey -n 1 -c 1 -D ${directory}/none http://app/` }, { path: directory }).run(testIo())
    expect(outcome).toEqual({ output: expect.stringContaining('hey: -D: ENOENT'), failure: 'exit status 1' })
  })

  it('of embedded load is cut short by the time limit, with the summary so far', async () => {
    const io = testIo()
    const running = taskOf({ cmd: 'hey -z 2h -q 0.0001 -c 1 http://127.0.0.1:9/' }, { path: directory }).run(io)
    await io.clock.advance(60_000)
    expect(await running).toEqual({ output: expect.stringContaining('Total:\t60.0000 secs'), failure: 'timed out after 1m0s' })
  })

  it.each([
    [{}, 'metadata not found in payload'],
    [{ type: 'cmd' }, 'cmd not found in metadata'],
    [{ type: 'nope', cmd: 'x' }, 'unknown task type nope, expected one of cmd, bash'],
    [{ type: 'constructor' }, 'unknown task type constructor'],
    [{ type: 'concord' }, 'task type concord is not available in this load tester'],
    [{ type: 'ngrinder', pollInterval: '10s' }, 'task type ngrinder is not available in this load tester'],
  ])('of %j is refused', (metadata, reason) => {
    expect(read(metadata as Record<string, string>)).toEqual({ ok: false, reason: expect.stringContaining(reason) })
  })
})
