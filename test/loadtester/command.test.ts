import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Command, runCommand } from '../../src/loadtester/command.ts'
import { testIo } from '../support/io.ts'

const aCommand = (script: string, parts: Partial<Command> = {}): Command => ({
  program: '/bin/sh',
  args: ['-c', script],
  env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  timeoutMs: 60_000,
  ...parts,
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch {
    return false
  }
}

/** Dead, but not yet collected by process 1, which may take its time; only Linux lets us see it. */
const isZombie = (pid: number): boolean => {
  const status = `/proc/${pid}/stat`
  return existsSync(status) && readFileSync(status, 'utf8').includes(') Z ')
}

describe('a command', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'command-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  /** The process id that a script wrote into a file, once it is there. */
  const pidIn = (file: string): Promise<number> =>
    vi.waitFor(
      () => {
        const pid = Number(readFileSync(join(directory, file), 'utf8'))
        expect(pid).toBeGreaterThan(0)
        return pid
      },
      { timeout: 10_000, interval: 5 },
    )

  const isGone = (pid: number): Promise<void> => vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 5 })

  it('gives standard output and standard error together', async () => {
    expect(await runCommand(aCommand('echo out; echo err >&2'), testIo())).toEqual({ output: 'out\nerr\n' })
  })

  it('tells the exit status of a failure', async () => {
    expect(await runCommand(aCommand('echo no; exit 3'), testIo())).toEqual({ output: 'no\n', failure: 'exit status 3' })
  })

  it('tells the signal that ended it', async () => {
    expect(await runCommand(aCommand('kill -9 $$'), testIo())).toEqual({ output: '', failure: 'signal: SIGKILL' })
  })

  it('fails when there is no such program', async () => {
    const outcome = await runCommand(aCommand('', { program: '/nowhere/helm' }), testIo())
    expect(outcome.failure).toContain('ENOENT')
  })

  it('sees only the environment that it was given', async () => {
    const outcome = await runCommand(aCommand('echo "$SECRET.$HELLO"', { env: { HELLO: 'world' } }), testIo())
    expect(outcome.output).toBe('.world\n')
  })

  it('reads no input', async () => {
    expect(await runCommand(aCommand('cat'), testIo())).toEqual({ output: '' })
  })

  it('is ended at its time limit with all that it started', async () => {
    const io = testIo()
    const running = runCommand(aCommand(`sleep 300 & echo $! > ${directory}/child; wait`), io)
    const child = await pidIn('child')
    await io.clock.advance(60_000)
    expect((await running).failure).toBe('timed out after 1m0s')
    await isGone(child)
  })

  it('is killed when it does not end on request', async () => {
    const io = testIo()
    const running = runCommand(aCommand(`trap '' TERM; echo $$ > ${directory}/self; while :; do sleep 300; done`), io)
    await pidIn('self')
    await io.clock.advance(60_000)
    await io.clock.advance(1000)
    expect((await running).failure).toBe('timed out after 1m0s')
  })

  it('is ended when its signal aborts', async () => {
    const ending = new AbortController()
    const running = runCommand(aCommand(`echo $$ > ${directory}/self; sleep 300`), testIo({ signal: ending.signal }))
    const self = await pidIn('self')
    ending.abort(new Error('the caller went away'))
    expect((await running).failure).toBe('the caller went away')
    await isGone(self)
  })

  it('is not started when its signal aborted before', async () => {
    const signal = AbortSignal.abort(new Error('too late'))
    expect(await runCommand(aCommand('echo hi'), testIo({ signal }))).toEqual({ output: '', failure: 'too late' })
  })

  it('leaves no process behind in the background', async () => {
    await runCommand(aCommand(`sleep 300 >/dev/null 2>&1 & echo $! > ${directory}/child`), testIo())
    await isGone(await pidIn('child'))
  })

  it('leaves no timer behind', async () => {
    const io = testIo()
    await runCommand(aCommand('true'), io)
    expect(io.clock.pending).toBe(0)
  })

  it('keeps a mebibyte of output and says how much it dropped', async () => {
    const { output } = await runCommand(aCommand('head -c 1048580 /dev/zero | tr "\\0" x'), testIo())
    expect(output.slice(1024 * 1024)).toBe('\n[4 more bytes dropped]\n')
  })
})
