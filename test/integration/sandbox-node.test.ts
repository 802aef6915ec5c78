import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { addressRange, loopbackAddresses, sharedAddress, tryListen } from '../../src/sandbox/node/addresses.ts'
import { childProcess } from '../../src/sandbox/node/child-process.ts'
import { inProcess } from '../../src/sandbox/node/in-process.ts'
import type { ProgramContext } from '../../src/sandbox/node/program.ts'
import { autoscalers, daemonSets, deployments, pods } from '../../src/sandbox/objects/kinds.ts'
import { readPod } from '../../src/sandbox/objects/pod.ts'
import { readDeployment } from '../../src/sandbox/objects/workloads.ts'
import { demoInProcess } from '../../src/sandbox/programs/demo-program.ts'
import { present, startEmbeddedCluster, until } from '../sandbox/embedded-cluster.ts'
import { type RecordingLogger, recordingLogger } from '../support/io.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const contextWith = (log: RecordingLogger): ProgramContext => ({
  image: 'x:1',
  command: [],
  args: [],
  env: { GREETING: 'hello' },
  namespace: 'test',
  podName: 'a',
  podIp: '127.0.0.1',
  ports: [],
  mounts: new Map(),
  clock: systemClock(),
  log,
})

describe('a program as a process of its own', () => {
  const run = (script: string) => {
    const log = recordingLogger()
    const program = childProcess({ commandOf: () => ({ file: process.execPath, args: ['-e', script] }) })
    const running = program.start(contextWith(log))
    onTestFinished(() => running.kill())
    const said = () => log.lines.map(({ fields }) => String(fields['line']))
    return { running, said, hears: (line: string) => expect.poll(said, { timeout: 5000 }).toContain(line) }
  }

  it('gets the environment of its container and nothing else', async () => {
    const { running, said } = run('console.log(process.env.GREETING, process.env.HOME ?? "homeless")')
    expect(await running.exited).toMatchObject({ exitCode: 0 })
    expect(said()).toEqual(['hello homeless'])
  })

  it('leaves its last words', async () => {
    const { running } = run('console.error("alas"); process.exit(3)')
    expect(await running.exited).toEqual({ exitCode: 3, message: 'alas' })
  })

  it('may end in good order', async () => {
    const { running, hears } = run('process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000); console.log("up")')
    await hears('up')
    running.terminate()
    expect(await running.exited).toMatchObject({ exitCode: 0 })
  })

  it('is ended when it does not', async () => {
    const { running, hears } = run('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")')
    await hears('up')
    running.terminate()
    running.kill()
    expect(await running.exited).toMatchObject({ exitCode: 137 })
  })

  it('takes what it started with it', async () => {
    const child = 'require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" })'
    const { running, hears } = run(`${child}; console.log("up"); setInterval(() => {}, 1000)`)
    await hears('up')
    running.kill()
    // The child holds the same output open: its end is waited for as well.
    expect(await running.exited).toMatchObject({ exitCode: 137 })
  })

  it('that does not exist says so', async () => {
    const program = childProcess({ commandOf: () => ({ file: '/does/not/exist', args: [] }) })
    expect(await program.start(contextWith(recordingLogger())).exited).toMatchObject({
      exitCode: 127,
      message: expect.stringContaining('ENOENT'),
    })
  })
})

describe('pod addresses', () => {
  it('are one of its own for each pod', async () => {
    const addresses = addressRange('127.21.0.0/29')
    const places = await Promise.all([addresses.acquire([9898]), addresses.acquire([9898])])
    expect(places.map(({ ip, ports }) => [ip, ports.get(9898)])).toEqual([
      ['127.21.0.1', 9898],
      ['127.21.0.2', 9898],
    ])
  })

  it('rest before they are used again', async () => {
    const addresses = addressRange('127.21.0.0/29')
    const first = await addresses.acquire([])
    addresses.release(first)
    expect((await addresses.acquire([])).ip).not.toBe(first.ip)
  })

  it('run out', async () => {
    const addresses = addressRange('127.21.0.0/30')
    await addresses.acquire([])
    await addresses.acquire([])
    await expect(addresses.acquire([])).rejects.toThrow('all 2 pod addresses of 127.21.0.0/30 are taken')
  })

  it('are given another port where the wanted one is taken', async () => {
    const server = createServer().listen(0, '127.21.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const taken = typeof address === 'object' && address ? address.port : 0
    const { ports } = await addressRange('127.21.0.0/29').acquire([taken])
    expect(ports.get(taken)).not.toBe(taken)
  })

  it('are told apart by port where there is only one', async () => {
    const addresses = sharedAddress('127.0.0.1')
    const [one, other] = [await addresses.acquire([9898]), await addresses.acquire([9898])]
    expect(one.ip).toBe(other.ip)
    expect(one.ports.get(9898)).not.toBe(9898)
  })

  it('refuse a prefix that is none', () => expect(() => addressRange('127.0.0.1')).toThrow('expected a prefix'))

  it('are found out about', async () => {
    const { ip } = await (await loopbackAddresses('127.21.0.0/16')).acquire([])
    expect(ip).toBe((await tryListen('127.21.0.1', 0)) === undefined ? '127.0.0.1' : '127.21.0.1')
  })
})

it('serves from pods that share one address', async () => {
  const cluster = await startEmbeddedCluster({ podinfo: inProcess(demoInProcess) }, sharedAddress('127.0.0.1'))
  onTestFinished(() => cluster.stop())
  const readinessProbe = { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1 }
  await cluster.deploy('a', {
    containers: [{ name: 'app', image: 'podinfo:1', ports: [{ name: 'http', containerPort: 9898 }], readinessProbe }],
  })
  await cluster.route({ a: 1 })
  await cluster.rolledOut('a')
  const answers = async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => fetch(cluster.gateway.url)))
    return new Set(all.map(answer => answer.headers.get('x-pod'))).size === 2 ? true : undefined
  }
  await until(answers, 'both pods to answer')
})

describe('workloads other than Deployments', () => {
  const idle = inProcess(async (_, { stop }) => {
    if (!stop.aborted) await once(stop, 'abort')
    return 0
  })
  const template = (spec = {}) => ({
    metadata: { labels: { app: 'agent' } },
    spec: { containers: [{ name: 'app', image: 'idle:1' }], ...spec },
  })

  it('a DaemonSet follows its node selector', async () => {
    const cluster = await startEmbeddedCluster({ idle })
    onTestFinished(() => cluster.stop())
    await cluster.create(daemonSets, 'agent', { spec: { selector: { matchLabels: { app: 'agent' } }, template: template() } })
    const running = async () => {
      const [object] = await cluster.list(pods, 'app=agent')
      return object && readPod(object).status.phase === 'Running' ? true : undefined
    }
    await until(running, 'the pod to run')
    await cluster.merge(daemonSets, 'agent', { spec: { template: { spec: { nodeSelector: { 'flagger.app/scale-to-zero': 'true' } } } } })
    await until(async () => ((await cluster.list(pods, 'app=agent')).length === 0 ? true : undefined), 'the pod to leave')
  })

  it('an autoscaler holds its Deployment to its bounds', async () => {
    const cluster = await startEmbeddedCluster({ idle })
    onTestFinished(() => cluster.stop())
    await cluster.deploy('a', template().spec, 1)
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }
    await cluster.create(autoscalers, 'a', { spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 3 } })
    await until(async () => {
      const { spec } = readDeployment(present(await cluster.get(deployments, 'a')))
      return spec.replicas === 2 ? true : undefined
    }, 'the minimum')
    expect((await cluster.rolledOut('a')).status.availableReplicas).toBe(2)
  })
})
