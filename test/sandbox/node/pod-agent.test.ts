import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../src/api/object.ts'
import { eventKind } from '../../../src/kube/event-object.ts'
import type { Addresses } from '../../../src/sandbox/node/addresses.ts'
import { type Program, repositoryOf } from '../../../src/sandbox/node/program.ts'
import { type RunningNode, startNode } from '../../../src/sandbox/node/start.ts'
import { configMaps, leases, nodes, pods } from '../../../src/sandbox/objects/kinds.ts'
import { timestamp } from '../../../src/sandbox/objects/view.ts'
import { type FakeKubeApi, fakeKubeApi } from '../../support/fake-kube-api.ts'
import { recordingLogger } from '../../support/io.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { aPodObject, type PodParts, startMs } from '../builders.ts'
import { type ScriptedProgram, scriptedProgram } from './scripted-program.ts'

interface Setup {
  readonly clock: VirtualClock
  readonly api: FakeKubeApi
  readonly node: RunningNode
  readonly program: ScriptedProgram
  readonly released: string[]
  put(name: string, parts?: PodParts): Promise<KubeObject>
  pod(name: string): Readonly<Record<string, unknown>> | undefined
}

const running: { readonly node: RunningNode; readonly clock: VirtualClock }[] = []

/** Gives every pod the same place, and remembers what came back. */
const onePlace = (released: string[], ports: ReadonlyMap<number, number>): Addresses => ({
  acquire: async () => ({ ip: '127.20.0.9', ports }),
  release: ({ ip }) => void released.push(ip),
})

const setup = async ({ program = scriptedProgram(), ports = new Map<number, number>([[9898, 9898]]) } = {}): Promise<Setup> => {
  const clock = new VirtualClock()
  const api = fakeKubeApi({ clock })
  const released: string[] = []
  const known: Readonly<Record<string, Program>> = { podinfo: program }
  const node = startNode({
    api,
    clock,
    log: recordingLogger(),
    images: image => known[repositoryOf(image)],
    addresses: onePlace(released, ports),
    nodeName: 'node-1',
  })
  running.push({ node, clock })
  await clock.advance(100)
  return {
    clock,
    api,
    node,
    program,
    released,
    put: async (name, parts = {}) => {
      const stored = api.put(
        aPodObject(name, { ...parts, status: { phase: 'Pending', podIP: undefined, conditions: [], ...parts.status } }),
      )
      await clock.advance(100)
      return stored
    },
    pod: name => api.stored(pods, { namespace: 'test', name }),
  }
}

afterEach(async () => {
  for (const { node, clock } of running.splice(0)) {
    const stopped = node.stop()
    await clock.advance(5000)
    await stopped
  }
})

const leaving = { deletionTimestamp: timestamp(startMs), deletionGracePeriodSeconds: 30 } as PodParts['metadata'] & object

describe('the node', () => {
  it('says that it is ready', async () => {
    const { api } = await setup()
    expect(api.stored(nodes, { namespace: '', name: 'node-1' })?.['status']).toMatchObject({
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True', reason: 'KubeletReady' })]),
    })
  })

  it('keeps its lease fresh', async () => {
    const { api, clock } = await setup()
    const renewed = () =>
      (api.stored(leases, { namespace: 'kube-node-lease', name: 'node-1' })?.['spec'] as { renewTime?: string })?.renewTime
    const first = renewed()
    await clock.advance(10_000)
    expect(renewed()).not.toBe(first)
  })

  it('leaves no timer behind when it stops', async () => {
    const { clock, node, put } = await setup()
    await put('a')
    await node.stop()
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })
})

describe('a pod that was bound to the node', () => {
  it('runs and says so', async () => {
    const { put, pod } = await setup()
    await put('a')
    expect(pod('a')?.['status']).toMatchObject({
      phase: 'Running',
      podIP: '127.20.0.9',
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]),
      containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: {} } }],
    })
  })

  it('costs two status writes to start at most', async () => {
    const { put, api } = await setup()
    await put('a')
    expect(api.count('updateStatus', 'Pod')).toBeLessThanOrEqual(2)
  })

  it('is given its ports and its name', async () => {
    const { put, program } = await setup()
    await put('a')
    expect(program.runs[0]?.context).toMatchObject({
      podName: 'a',
      namespace: 'test',
      podIp: '127.20.0.9',
      ports: [{ name: 'http', containerPort: 9898, port: 9898 }],
    })
  })

  it('notes on which ports it really listens', async () => {
    const { put, pod } = await setup({ ports: new Map([[9898, 41234]]) })
    await put('a')
    expect(pod('a')?.['metadata']).toMatchObject({ annotations: { 'sandbox.serin.dev/ports': '9898=41234' } })
  })

  it('says that its image is unknown', async () => {
    const { put, pod } = await setup()
    await put('a', { spec: { containers: [{ name: 'app', image: 'nobody:1' }] } })
    expect(pod('a')?.['status']).toMatchObject({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull' } } }],
    })
  })

  it('waits for its volumes', async () => {
    const { put, api, clock, program } = await setup()
    await put('a', { spec: { volumes: [{ name: 'v', configMap: { name: 'settings' } }] } })
    expect(program.runs).toHaveLength(0)
    api.put({ apiVersion: 'v1', kind: configMaps.kind, metadata: { name: 'settings', namespace: 'test' }, data: { a: 'b' } })
    await clock.advance(2000)
    await expect.poll(() => program.runs.length).toBe(1)
  })

  it('runs its init containers first', async () => {
    const { put, pod, program, clock } = await setup()
    await put('a', { spec: { initContainers: [{ name: 'init', image: 'podinfo:1' }] } })
    expect(pod('a')?.['status']).toMatchObject({ phase: 'Pending', initContainerStatuses: [{ name: 'init', state: { running: {} } }] })
    program.runs[0]?.exit({ exitCode: 0 })
    await clock.advance(100)
    expect(pod('a')?.['status']).toMatchObject({ phase: 'Running' })
  })

  it('is finished when all its containers are', async () => {
    const { put, pod, program, clock } = await setup()
    await put('a', { spec: { restartPolicy: 'Never' } })
    program.runs[0]?.exit({ exitCode: 0 })
    await clock.advance(100)
    expect(pod('a')?.['status']).toMatchObject({ phase: 'Succeeded' })
  })
})

it('tells people what happens to a pod', async () => {
  const { put, api, clock } = await setup()
  await put('a')
  await clock.advance(0)
  expect(api.storedAll(eventKind)).toMatchObject([
    { reason: 'Started', type: 'Normal', involvedObject: { kind: 'Pod', name: 'a' }, source: { component: 'kubelet' } },
  ])
})

describe('a pod that is deleted', () => {
  const startAndLeave = async (program: ScriptedProgram) => {
    const world = await setup({ program })
    const { metadata } = await world.put('a')
    const live = world.pod('a') as KubeObject
    world.api.put({ ...live, metadata: { ...live.metadata, uid: metadata.uid ?? '', ...leaving } })
    await world.clock.advance(100)
    return world
  }

  it('is asked to end', async () => {
    const { program } = await startAndLeave(scriptedProgram({ obeys: false }))
    expect(program.runs[0]?.asked).toEqual(['terminate'])
  })

  it('stays in the API while it ends', async () => {
    const { pod } = await startAndLeave(scriptedProgram({ obeys: false }))
    expect(pod('a')).toBeDefined()
  })

  it('leaves the API once it has ended', async () => {
    const { api, pod } = await startAndLeave(scriptedProgram())
    expect(pod('a')).toBeUndefined()
    expect(api.requests.find(({ verb }) => verb === 'delete')?.body).toMatchObject({ gracePeriodSeconds: 0 })
  })

  it('is killed after its grace period', async () => {
    const { clock, program, pod } = await startAndLeave(scriptedProgram({ obeys: false }))
    await clock.advance(30_000)
    expect(program.runs[0]?.asked).toContain('kill')
    expect(pod('a')).toBeUndefined()
  })

  it('gives its address back', async () => {
    const { released } = await startAndLeave(scriptedProgram())
    expect(released).toEqual(['127.20.0.9'])
  })

  it('is ended also when the API forgot it already', async () => {
    const { api, put, program, clock } = await setup()
    await put('a')
    api.drop(pods, { namespace: 'test', name: 'a' })
    await clock.advance(100)
    expect(program.runs[0]?.asked).toEqual(['terminate'])
  })

  it('makes room for a new one of the same name', async () => {
    const { api, put, program, clock } = await setup()
    await put('a')
    api.drop(pods, { namespace: 'test', name: 'a' })
    await put('a', { metadata: { uid: 'uid-2' } })
    await clock.advance(1000)
    expect(program.runs).toHaveLength(2)
  })

  it('is taken out of the API when it never ran here', async () => {
    const { put, pod } = await setup()
    await put('a', { metadata: leaving })
    expect(pod('a')).toBeUndefined()
  })
})

it('leaves finished pods alone', async () => {
  const { put, program } = await setup()
  await put('a', { status: { phase: 'Succeeded' } })
  expect(program.runs).toHaveLength(0)
})
