import { describe, expect, it } from 'vitest'
import { ConfigMissing } from '../../../src/sandbox/node/config-sources.ts'
import { type ContainerHost, type ContainerRunner, type RestartPolicy, runContainer } from '../../../src/sandbox/node/container-runner.ts'
import type { ProgramContext } from '../../../src/sandbox/node/program.ts'
import { Container } from '../../../src/sandbox/objects/pod.ts'
import { testIo } from '../../support/io.ts'
import { settle, type VirtualClock } from '../../support/virtual-clock.ts'
import { type Script, type ScriptedProgram, scriptedProgram } from './scripted-program.ts'

interface Setup {
  readonly policy?: RestartPolicy
  readonly fields?: Record<string, unknown>
  readonly script?: Script
  readonly host?: Partial<ContainerHost>
}

interface Started {
  readonly clock: VirtualClock
  readonly runner: ContainerRunner
  readonly program: ScriptedProgram
  /** What people heard. */
  readonly told: readonly string[]
  state(): string
}

const context = {} as ProgramContext

const start = async ({ policy = 'Always', fields = {}, script = {}, host = {} }: Setup = {}): Promise<Started> => {
  const io = testIo()
  const told: string[] = []
  const program = scriptedProgram(script)
  const runner = runContainer({
    container: Container.parse({ name: 'app', image: 'podinfo:1', ...fields }),
    host: {
      podText: 'a_test(uid-a)',
      address: { ip: '127.20.0.1', ports: new Map() },
      images: () => program,
      graceMs: 30_000,
      contextOf: async () => context,
      changed: () => {},
      tell: ({ reason, message }) => void told.push(`${reason}: ${message}`),
      ...host,
    },
    restartPolicy: policy,
    io,
  })
  await settle()
  const state = () => {
    const now = runner.record().state
    return now.kind === 'waiting' ? now.reason : now.kind
  }
  return { clock: io.clock, runner, program, told, state }
}

const crash = async ({ program, clock }: Started) => {
  program.runs.at(-1)?.exit({ exitCode: 1, message: 'boom' })
  await clock.advance(0)
}

describe('a container', () => {
  it('runs', async () => expect((await start()).state()).toBe('running'))

  it('without probes is ready as soon as it runs', async () =>
    expect((await start()).runner.record()).toMatchObject({ started: true, ready: true }))

  it('is started again at once after its first end', async () => {
    const started = await start()
    await crash(started)
    expect(started.program.runs).toHaveLength(2)
    expect(started.runner.record()).toMatchObject({ restartCount: 1, last: { exitCode: 1, message: 'boom', reason: 'Error' } })
  })

  it('waits longer before each further start', async () => {
    const started = await start()
    const waits: number[] = []
    for (let crashes = 0; crashes < 8; crashes++) {
      await crash(started)
      const untilMs = started.state() === 'CrashLoopBackOff' ? (started.clock.nextInMs ?? 0) : 0
      waits.push(untilMs / 1000)
      await started.clock.advance(untilMs)
    }
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300])
  })

  it('says for how long it backs off', async () => {
    const started = await start()
    await crash(started)
    await crash(started)
    expect(started.runner.record().state).toMatchObject({
      reason: 'CrashLoopBackOff',
      message: 'back-off 10s restarting failed container=app pod=a_test(uid-a)',
    })
  })

  it('is forgiven after it ran for ten minutes', async () => {
    const started = await start()
    await crash(started)
    await started.clock.advance(600_000)
    await crash(started)
    expect(started.state()).toBe('running')
  })

  it.each([
    ['Never', 1, 'terminated'],
    ['Never', 0, 'terminated'],
    ['OnFailure', 0, 'terminated'],
    ['OnFailure', 1, 'running'],
    ['Always', 0, 'running'],
  ] as const)('with restart policy %s that ended with %d is then %s', async (policy, exitCode, state) => {
    const started = await start({ policy })
    started.program.runs[0]?.exit({ exitCode })
    await settle()
    expect(started.state()).toBe(state)
  })
})

describe('a container that cannot start', () => {
  it('says that nobody knows its image', async () => {
    const { runner } = await start({ host: { images: () => undefined } })
    expect(runner.record().state).toMatchObject({
      reason: 'ErrImagePull',
      message: 'failed to pull image "podinfo:1": this node knows no program of that name',
    })
  })

  it('backs off from an unknown image', async () => {
    const { clock, runner } = await start({ host: { images: () => undefined } })
    await clock.advance(1000)
    expect(runner.record().state).toMatchObject({ reason: 'ImagePullBackOff', message: 'Back-off pulling image "podinfo:1"' })
  })

  it('asks for its image again', async () => {
    let known = false
    const program = scriptedProgram()
    const { clock, state } = await start({ host: { images: () => (known ? program : undefined) } })
    known = true
    await clock.advance(11_000)
    expect(state()).toBe('running')
  })

  it('names the configuration that is missing', async () => {
    const contextOf = () => Promise.reject(new ConfigMissing('configmap "x" not found'))
    const { runner } = await start({ host: { contextOf } })
    expect(runner.record().state).toMatchObject({ reason: 'CreateContainerConfigError', message: 'configmap "x" not found' })
  })

  it('starts once the configuration is there', async () => {
    let missing = true
    const contextOf = async () => {
      if (missing) throw new ConfigMissing('configmap "x" not found')
      return context
    }
    const { clock, state } = await start({ host: { contextOf } })
    missing = false
    await clock.advance(5000)
    expect(state()).toBe('running')
  })
})

describe('a container that leaves', () => {
  it('is asked first', async () => {
    const { runner, program } = await start()
    runner.terminate(30_000)
    await runner.ended
    expect(program.runs[0]?.asked).toEqual(['terminate'])
  })

  it('is killed when the grace period is over', async () => {
    const { clock, runner, program } = await start({ script: { obeys: false } })
    runner.terminate(30_000)
    await clock.advance(29_999)
    expect(program.runs[0]?.asked).toEqual(['terminate'])
    await clock.advance(1)
    expect(program.runs[0]?.asked).toEqual(['terminate', 'kill'])
  })

  it('is killed sooner when asked again', async () => {
    const { clock, runner, program } = await start({ script: { obeys: false } })
    runner.terminate(30_000)
    runner.terminate(1000)
    await clock.advance(1000)
    expect(program.runs[0]?.asked).toContain('kill')
  })

  it('is not started again', async () => {
    const { clock, runner, program } = await start()
    runner.terminate(30_000)
    await clock.advance(60_000)
    expect(program.runs).toHaveLength(1)
  })

  it('does not wait for the end of a back-off', async () => {
    const started = await start()
    await crash(started)
    await crash(started)
    started.runner.terminate(0)
    await started.runner.ended
    expect(started.clock.pending).toBe(0)
  })

  it('leaves no timer behind', async () => {
    const { clock, runner } = await start({ fields: { livenessProbe: { tcpSocket: { port: 1 } } } })
    runner.terminate(30_000)
    await runner.ended
    await settle()
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['sleep', { sleep: { seconds: 5 } }],
    ['sleep command', { exec: { command: ['sleep', '5'] } }],
    ['shell command', { exec: { command: ['/bin/sh', '-c', 'sleep 5'] } }],
  ])('runs its %s hook before it is asked', async (_, preStop) => {
    const { clock, runner, program } = await start({ fields: { lifecycle: { preStop } } })
    runner.terminate(30_000)
    await clock.advance(4999)
    expect(program.runs[0]?.asked).toEqual([])
    await clock.advance(1)
    expect(program.runs[0]?.asked).toEqual(['terminate'])
  })

  it('does not let a hook outlast the grace period', async () => {
    const { clock, runner, program } = await start({ fields: { lifecycle: { preStop: { sleep: { seconds: 60 } } } } })
    runner.terminate(10_000)
    await clock.advance(10_000)
    await runner.ended
    expect(program.runs[0]?.asked).toContain('kill')
  })
})

describe('people hear', () => {
  it('of a start', async () => expect((await start()).told).toEqual(['Started: Started container app']))

  it('of an end that was asked for, once', async () => {
    const { runner, told } = await start()
    runner.terminate(1000)
    runner.terminate(500)
    expect(told.at(-1)).toBe('Killing: Stopping container app')
    expect(told).toHaveLength(2)
  })

  it('of a back-off', async () => {
    const started = await start()
    await crash(started)
    await crash(started)
    expect(started.told.at(-1)).toBe('BackOff: Back-off restarting failed container app in pod a_test(uid-a)')
  })

  it('of an image that nobody knows', async () =>
    expect((await start({ host: { images: () => undefined } })).told).toEqual([
      'Failed: failed to pull image "podinfo:1": this node knows no program of that name',
    ]))

  it('of a probe that failed, and of what follows', async () => {
    const livenessProbe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 1 }
    const { clock, told } = await start({ fields: { livenessProbe }, script: { exec: async () => ({ exitCode: 1, output: 'sick' }) } })
    await clock.advance(200)
    expect(told.slice(1, 3)).toEqual([
      'Unhealthy: Liveness probe failed: sick',
      'Killing: Container app failed liveness probe, will be restarted',
    ])
  })
})

describe('a probed container', () => {
  const answers = (texts: string) => {
    let asked = 0
    return async () => ({ exitCode: texts[Math.min(asked++, texts.length - 1)] === '+' ? 0 : 1, output: 'no' })
  }
  const probe = (more: Record<string, unknown> = {}) => ({ exec: { command: ['check'] }, periodSeconds: 1, ...more })

  it('is ready when its probe says so', async () => {
    const { clock, runner } = await start({ fields: { readinessProbe: probe() }, script: { exec: answers('--+') } })
    expect(runner.record().ready).toBe(false)
    await clock.advance(2000)
    expect(runner.record().ready).toBe(false)
    await clock.advance(200)
    expect(runner.record().ready).toBe(true)
  })

  it('is not ready any more after enough failures', async () => {
    const { clock, runner } = await start({ fields: { readinessProbe: probe({ failureThreshold: 2 }) }, script: { exec: answers('+-') } })
    await clock.advance(1200)
    expect(runner.record().ready).toBe(true)
    await clock.advance(1000)
    expect(runner.record().ready).toBe(false)
  })

  it('is asked only after the initial delay', async () => {
    const { clock, runner } = await start({ fields: { readinessProbe: probe({ initialDelaySeconds: 5 }) }, script: { exec: answers('+') } })
    await clock.advance(4900)
    expect(runner.record().ready).toBe(false)
    await clock.advance(300)
    expect(runner.record().ready).toBe(true)
  })

  it('is restarted when its liveness probe fails too often', async () => {
    const { clock, runner, program } = await start({ fields: { livenessProbe: probe() }, script: { exec: answers('+---') } })
    await clock.advance(3200)
    expect(program.runs).toHaveLength(2)
    expect(runner.record().restartCount).toBe(1)
  })

  it('is neither started nor ready until its startup probe passes', async () => {
    const { clock, runner } = await start({ fields: { startupProbe: probe({ failureThreshold: 10 }) }, script: { exec: answers('--+') } })
    await clock.advance(1500)
    expect(runner.record()).toMatchObject({ started: false, ready: false })
    await clock.advance(1000)
    expect(runner.record()).toMatchObject({ started: true, ready: true })
  })

  it('is restarted when its startup probe never passes', async () => {
    const { clock, program } = await start({ fields: { startupProbe: probe() }, script: { exec: answers('-') } })
    await clock.advance(2200)
    expect(program.runs).toHaveLength(2)
  })

  it('fails its probe when there is no answer in time', async () => {
    const { clock, program } = await start({
      fields: { livenessProbe: probe({ failureThreshold: 1 }) },
      script: { exec: () => new Promise(() => {}) },
    })
    await clock.advance(1000)
    expect(program.runs).toHaveLength(1)
    await clock.advance(200)
    expect(program.runs).toHaveLength(2)
  })

  it('fails a command that its program does not know', async () => {
    const { clock, runner } = await start({ fields: { readinessProbe: probe() } })
    await clock.advance(5000)
    expect(runner.record().ready).toBe(false)
  })
})
