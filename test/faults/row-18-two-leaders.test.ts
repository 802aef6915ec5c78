import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canaryKind, configMapKind, controllerRevisionKind, deploymentKind, leaseKind, serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { type Bench, io, openBench } from '../integration/controller-process.ts'
import { team } from '../support/stage.ts'
import { atWeight, promoted, standing } from './on-stage.ts'

describe('an old leader that does not know that it is none', () => {
  it('has each of its writes refused by version, and the rollout ends as if nothing had happened', async () => {
    const stage = await atWeight(20)
    for (const watch of stage.api.watches()) watch.mute() // it sees nothing any more
    const another = stage.startAnother()
    await stage.untilRest('Succeeded', 600)
    another.stop()
    expect(standing(stage)).toEqual(promoted)
  })
})

/** Programs start slowly where many do at once. */
const slow = 90_000
const lease = { namespace: 'default', name: 'serin-leader-election' }
/** Long enough not to be lost on a busy machine. */
const durations = ['-lease-duration=6s', '-renew-deadline=5s', '-retry-period=500ms']
const flags = ['-enable-leader-election=true', '-leader-election-namespace=default', '-mesh-provider=kubernetes', ...durations]

const written = [canaryKind, deploymentKind, serviceKind, controllerRevisionKind, configMapKind]

/** Everything that a leader would write, with its versions. */
const worldOf = async ({ connection }: Bench): Promise<string> => {
  const pages = await Promise.all(written.map(kind => connection.api.list(kind, {}, io)))
  const objects = pages.flatMap(({ items }) => items)
  return objects.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`).join('\n')
}

/** The team as the API server takes it: in a namespace that is there. */
const objects = team({ spec: { provider: 'kubernetes' }, analysis: { iterations: 2, stepWeight: undefined, maxWeight: undefined } }).map(
  ({ status: _, ...object }) => ({ ...object, metadata: { name: 'podinfo', namespace: 'default' } }) as unknown as KubeObject,
)

describe('a leader that is stopped (SIGSTOP) for longer than its lease, and wakes up when another one leads,', () => {
  let bench: Bench
  let before: string
  let after: string

  beforeAll(async () => {
    bench = await openBench()
    const { api } = bench.connection
    await bench.start('"leading"', flags)
    const [deployment, canary] = objects
    for (const [kind, object] of [
      [deploymentKind, deployment],
      [canaryKind, canary],
    ] as const)
      if (object) await api.create(kind, object, io)
    await untilThere(bench)
    bench.signal('SIGSTOP')
    // Another one takes the lease, and there is work that waits: the primary is ready.
    await api.patch(leaseKind, lease, { type: 'merge', body: { spec: { holderIdentity: 'another', leaseDurationSeconds: 3600 } } }, io)
    const primary = await api.get(deploymentKind, { namespace: 'default', name: 'podinfo-primary' }, io)
    if (primary) await api.updateStatus(deploymentKind, { ...primary, status: ready(primary) }, io)
    before = await worldOf(bench)
    await new Promise(resolve => setTimeout(resolve, 6500)) // the process has no clock of ours
    const lost = bench.hear('lost the lease, standing by')
    bench.signal('SIGCONT')
    await lost
    await new Promise(resolve => setTimeout(resolve, 1000))
    after = await worldOf(bench)
  }, slow)
  afterAll(() => bench.close())

  it('writes nothing of what was waiting', () => expect(after).toBe(before))

  it('leaves the lease to the other one', async () =>
    expect((await bench.connection.api.get(leaseKind, lease, io))?.['spec']).toMatchObject({ holderIdentity: 'another' }))
})

/** Until the leader made the primary: from there on it waits for its pods. */
const untilThere = async ({ connection }: Bench): Promise<void> => {
  const primary = { namespace: 'default', name: 'podinfo-primary' }
  for (;;) {
    if (await connection.api.get(deploymentKind, primary, io)) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

const ready = ({ metadata: { generation } }: KubeObject) => ({
  observedGeneration: generation,
  replicas: 2,
  updatedReplicas: 2,
  readyReplicas: 2,
  availableReplicas: 2,
})
