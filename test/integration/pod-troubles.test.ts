import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { deploymentKind, podKind } from '../../src/api/kinds.ts'
import { podSelectorOf } from '../../src/core/pod-selector.ts'
import { podTroubles } from '../../src/core/pod-troubles.ts'
import { inProcess } from '../../src/sandbox/node/in-process.ts'
import { demoInProcess } from '../../src/sandbox/programs/demo-program.ts'
import { type EmbeddedCluster, present, startEmbeddedCluster, until } from '../sandbox/embedded-cluster.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const pod = (image: string, change: Readonly<Record<string, unknown>> = {}) => ({
  containers: [{ name: 'app', image, ports: [{ name: 'http', containerPort: 9898 }], ...change }],
})

const apps = {
  unknown: pod('nowhere:v9'),
  crashing: pod('crasher:1'),
  deaf: pod('podinfo:1', { readinessProbe: { tcpSocket: { port: 9 }, periodSeconds: 1 } }),
  unconfigured: pod('podinfo:1', { env: [{ name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'colors', key: 'main' } } }] }),
  good: pod('podinfo:1'),
}

describe('pods on the embedded cluster that are not ready', () => {
  let cluster: EmbeddedCluster

  /** What would be said of the pods of a Deployment: asked for as the controller asks. */
  const troublesOf = async (name: string): Promise<string | undefined> => {
    const selector = podSelectorOf(present(await cluster.get(deploymentKind, name)))
    return podTroubles(await cluster.list(podKind, selector))
  }

  const said = (name: string, words: RegExp): Promise<string> =>
    until(
      async () => {
        const text = await troublesOf(name)
        return text && words.test(text) ? text : undefined
      },
      `words like ${String(words)} about ${name}`,
    )

  beforeAll(async () => {
    cluster = await startEmbeddedCluster({ podinfo: inProcess(demoInProcess), crasher: inProcess(async () => 3) })
    await Promise.all(Object.entries(apps).map(([name, spec]) => cluster.deploy(name, spec)))
  })
  afterAll(() => cluster.stop())

  it.each([
    ['unknown', /^pods unknown-\S+, unknown-\S+: image "nowhere:v9" cannot be pulled/],
    ['crashing', /^pods crashing-\S+, crashing-\S+: container app crashes \(exit code 3, Error\)/],
    ['deaf', /^pods deaf-\S+, deaf-\S+: container app runs, but its readiness probe does not pass/],
    ['unconfigured', /^pods unconfigured-\S+, unconfigured-\S+: container app cannot start: CreateContainerConfigError: .*colors/],
  ] as const)('say so: %s', async (name, words) => expect(await said(name, words)).toMatch(words))

  it('are none of a Deployment that came up', async () => {
    await cluster.rolledOut('good')
    expect(await troublesOf('good')).toBeUndefined()
  })
})
