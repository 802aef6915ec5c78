import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/loadtester/command.ts'
import type { Task } from '../../src/loadtester/task.ts'
import { TaskRunner } from '../../src/loadtester/task-runner.ts'
import { type TestIo, testIo } from '../support/io.ts'
import { settle, type VirtualClock } from '../support/virtual-clock.ts'

interface Manual {
  readonly task: Task
  readonly runs: { end(outcome: Outcome): void; readonly signal: AbortSignal }[]
}

/** A task that ends when the test says so, or with a failure when its signal aborts. */
const manual = (parts: Partial<Task> = {}): Manual => {
  const runs: Manual['runs'] = []
  const task: Task = {
    canary: 'app.test',
    type: 'cmd',
    command: 'hey -z 1m http://app/',
    background: true,
    logOutput: false,
    returnOutput: false,
    run: ({ signal }) =>
      new Promise(resolve => {
        runs.push({ end: resolve, signal })
        signal.addEventListener('abort', () => resolve({ output: '', failure: 'stopped' }), { once: true })
      }),
    ...parts,
  }
  return { task, runs }
}

const runnerWith = (io: TestIo<VirtualClock>) => {
  const seen: string[] = []
  const runner = new TaskRunner(io, {
    taskStarted: ({ command }) => seen.push(`started ${command}`),
    taskEnded: ({ command }, { failure }) => seen.push(`${failure ?? 'ended'} ${command}`),
  })
  return { runner, seen }
}

describe('the task runner', () => {
  it('starts the same command for the same canary once while it runs', async () => {
    const io = testIo()
    const { runner } = runnerWith(io)
    const { task, runs } = manual()
    runner.launch(task)
    runner.launch(task)
    await settle()
    expect(runs).toHaveLength(1)
    expect(io.log.messages()).toEqual(['task started', 'task is already running'])
  })

  it('starts it again after it has ended', async () => {
    const { runner } = runnerWith(testIo())
    const { task, runs } = manual()
    runner.launch(task)
    runs[0]?.end({ output: '' })
    await settle()
    runner.launch(task)
    expect(runs).toHaveLength(2)
  })

  it.each([{ canary: 'other.test' }, { command: 'other' }, { type: 'other' }])('runs a task with %j beside it', async other => {
    const { runner } = runnerWith(testIo())
    runner.launch(manual().task)
    const { task, runs } = manual(other)
    runner.launch(task)
    await settle()
    expect(runs).toHaveLength(1)
  })

  it('logs the output only when asked', async () => {
    const io = testIo()
    const { runner } = runnerWith(io)
    const [quiet, loud] = [manual({ command: 'quiet' }), manual({ command: 'loud', logOutput: true })]
    for (const { task, runs } of [quiet, loud]) {
      runner.launch(task)
      runs[0]?.end({ output: 'all fine' })
      await settle()
    }
    const outputs = io.log.lines.filter(({ message }) => message === 'task finished').map(({ fields }) => fields['output'])
    expect(outputs).toEqual([undefined, 'all fine'])
  })

  it('logs the output of a failure always', async () => {
    const io = testIo()
    const { runner } = runnerWith(io)
    const { task, runs } = manual()
    runner.launch(task)
    runs[0]?.end({ output: 'boom', failure: 'exit status 1' })
    await settle()
    expect(io.log.lines.at(-1)).toMatchObject({
      level: 'error',
      message: 'task failed',
      fields: { canary: 'app.test', output: 'boom', error: 'exit status 1' },
    })
  })

  it('hides credentials of a command in its log', async () => {
    const io = testIo()
    const { runner } = runnerWith(io)
    runner.launch(manual({ command: "hey -H 'Authorization: Bearer s3cret' http://app/" }).task)
    await settle()
    expect(JSON.stringify(io.log.lines)).not.toContain('s3cret')
  })

  it('ends what runs in the background when it stops', async () => {
    const { runner, seen } = runnerWith(testIo())
    runner.launch(manual().task)
    await runner.stop()
    expect(seen).toEqual(['started hey -z 1m http://app/', 'stopped hey -z 1m http://app/'])
  })

  it('starts nothing after it stopped', async () => {
    const { runner, seen } = runnerWith(testIo())
    await runner.stop()
    runner.launch(manual().task)
    expect(seen).toEqual([])
  })
})
