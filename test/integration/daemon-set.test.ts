import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { daemonSetKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { inProcess } from '../../src/sandbox/node/in-process.ts'
import { pods } from '../../src/sandbox/objects/kinds.ts'
import { demoInProcess } from '../../src/sandbox/programs/demo-program.ts'
import { daemonSet } from '../../src/targets/daemon-set.ts'
import type { FieldPatch, Target } from '../../src/targets/workload.ts'
import { type EmbeddedCluster, present, startEmbeddedCluster, until } from '../sandbox/embedded-cluster.ts'
import { aCanary } from '../support/builders.ts'
import { flags, liveOf } from '../targets/world.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const canary = aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'podinfo' } } })
const rule = { thresholdPercent: 100, deadlineMs: 60_000, nowMs: 0 }

const template = (version: string) => ({
  metadata: { labels: { app: 'podinfo' } },
  spec: {
    containers: [
      {
        name: 'app',
        image: 'podinfo:1',
        args: [`--version=${version}`],
        ports: [{ name: 'http', containerPort: 9898 }],
        readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1 },
      },
    ],
  },
})

describe('a DaemonSet on the embedded cluster', () => {
  let cluster: EmbeddedCluster

  const live = async (): Promise<KubeObject> => present(await cluster.get(daemonSetKind, 'podinfo'))

  const target = async (): Promise<Target> => {
    const found = daemonSet.inspect(canary, liveOf(await live()), flags)
    if ('unusable' in found) throw new Error(found.unusable.message)
    return found.target
  }

  const carryOut = async (patch: FieldPatch | undefined): Promise<void> => {
    await cluster.merge(daemonSetKind, 'podinfo', patch?.body ?? {})
  }

  const readyPods = (wanted: number): Promise<true> =>
    until(async () => {
      const { kind, readyPods: ready } = daemonSet.readiness(await live(), rule)
      return kind === 'ready' && ready === wanted ? true : undefined
    }, `${wanted} ready pods`)

  const versions = async (): Promise<readonly unknown[]> =>
    (await cluster.list(pods, 'app=podinfo')).map(
      object => (object['spec'] as { containers: readonly { args: readonly string[] }[] }).containers[0]?.args[0],
    )

  beforeAll(async () => {
    cluster = await startEmbeddedCluster({ podinfo: inProcess(demoInProcess) })
    await cluster.create(daemonSetKind, 'podinfo', {
      spec: { selector: { matchLabels: { app: 'podinfo' } }, template: template('v1') },
    })
    await readyPods(1)
  })
  afterAll(() => cluster.stop())

  it('has no pod while it is parked', async () => {
    await carryOut(daemonSet.park(await target()))
    await readyPods(0)
    await until(async () => ((await versions()).length === 0 ? true : undefined), 'the pods to leave')
  })

  it('runs its new version on every node once it is not', async () => {
    await cluster.merge(daemonSetKind, 'podinfo', { spec: { template: template('v2') } })
    expect((await target()).replicas).toBe(0)
    await carryOut(daemonSet.unpark(await target(), 1))
    await readyPods(1)
    expect(await versions()).toEqual(['--version=v2'])
  })

  it('is ready again when its pods were rolled, and not before', async () => {
    const changed = await cluster.merge(daemonSetKind, 'podinfo', { spec: { template: template('v3') } })
    expect(daemonSet.readiness(changed, rule).kind).toBe('waiting')
    await readyPods(1)
    expect(await versions()).toContain('--version=v3')
  })
})
