import { describe, expect, it } from 'vitest'
import { type ContainerRecord, newContainer, toRunning, toTerminated, toWaiting } from '../../../src/sandbox/node/container-state.ts'
import { type PodFacts, phaseOf, podStatus } from '../../../src/sandbox/node/pod-status.ts'
import { timestamp } from '../../../src/sandbox/objects/view.ts'
import { aPod, startMs } from '../builders.ts'

const fresh = newContainer('app', 'podinfo:1')
const running = toRunning(fresh, startMs)
const ready: ContainerRecord = { ...running, started: true, ready: true }
const done = toTerminated(running, { exitCode: 0 }, startMs + 5000)
const crashed = toTerminated(running, { exitCode: 2, message: 'boom' }, startMs + 5000)
const backingOff = toWaiting(crashed, 'CrashLoopBackOff', 'back-off 10s restarting failed container')

const pod = (restartPolicy = 'Always', status = {}) => aPod('a', { spec: { restartPolicy }, status: { conditions: [], ...status } })

describe('the phase of a pod', () => {
  it.each([
    ['Pending', 'Always', [fresh]],
    ['Pending', 'Always', [ready, { ...fresh, name: 'sidecar' }]],
    ['Running', 'Always', [running]],
    ['Running', 'Always', [crashed]],
    ['Running', 'Always', [backingOff]],
    ['Running', 'OnFailure', [crashed]],
    ['Succeeded', 'OnFailure', [done]],
    ['Succeeded', 'Never', [done]],
    ['Failed', 'Never', [crashed]],
    ['Running', 'Never', [crashed, { ...running, name: 'sidecar' }]],
  ])('is %s with restart policy %s', (phase, policy, containers) =>
    expect(phaseOf({ pod: pod(policy), initContainers: [], containers })).toBe(phase),
  )

  it('is Pending until init containers have succeeded', () =>
    expect(phaseOf({ pod: pod(), initContainers: [running], containers: [fresh] })).toBe('Pending'))

  it('is Failed when an init container failed for good', () =>
    expect(phaseOf({ pod: pod('Never'), initContainers: [crashed], containers: [fresh] })).toBe('Failed'))
})

const facts = (parts: Partial<PodFacts> = {}): PodFacts => ({
  pod: pod(),
  initContainers: [],
  containers: [ready],
  podIp: '127.20.0.1',
  hostIp: '127.0.0.1',
  startedAtMs: startMs,
  nowMs: startMs,
  ...parts,
})
const conditionOf = (status: Readonly<Record<string, unknown>>, type: string) =>
  (status['conditions'] as { type: string }[]).find(condition => condition.type === type)

describe('the status of a pod', () => {
  it('tells its address and its start', () =>
    expect(podStatus(facts())).toMatchObject({
      phase: 'Running',
      podIP: '127.20.0.1',
      podIPs: [{ ip: '127.20.0.1' }],
      hostIP: '127.0.0.1',
      startTime: timestamp(startMs),
    }))

  it('keeps the start that was told first', () =>
    expect(podStatus(facts({ pod: pod('Always', { startTime: '2025-12-31T00:00:00Z' }) }))['startTime']).toBe('2025-12-31T00:00:00Z'))

  it('is ready when all containers are', () => expect(conditionOf(podStatus(facts()), 'Ready')).toMatchObject({ status: 'True' }))

  it('names the containers that are not', () =>
    expect(conditionOf(podStatus(facts({ containers: [ready, { ...running, name: 'sidecar' }] })), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [sidecar]',
    }))

  it('waits for readiness gates', () => {
    const gated = aPod('a', { spec: { readinessGates: [{ conditionType: 'x/y' }] }, status: { conditions: [] } })
    expect(conditionOf(podStatus(facts({ pod: gated })), 'Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' })
    expect(conditionOf(podStatus(facts({ pod: gated })), 'ContainersReady')).toMatchObject({ status: 'True' })
  })

  it('says that a finished pod has completed', () =>
    expect(conditionOf(podStatus(facts({ pod: pod('Never'), containers: [done] })), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'PodCompleted',
    }))

  it('keeps the time of a condition that did not change', () => {
    const first = podStatus(facts())
    const again = podStatus(facts({ pod: pod('Always', first), nowMs: startMs + 60_000 }))
    expect(again['conditions']).toEqual(first['conditions'])
  })

  it('keeps the conditions of others', () =>
    expect(conditionOf(podStatus(facts({ pod: pod('Always', { conditions: [{ type: 'x/y', status: 'True' }] }) })), 'x/y')).toBeDefined())

  it('tells how a container ended the last time', () =>
    expect(podStatus(facts({ containers: [backingOff] }))['containerStatuses']).toMatchObject([
      {
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 2, reason: 'Error', message: 'boom', finishedAt: timestamp(startMs + 5000) } },
        restartCount: 0,
        ready: false,
      },
    ]))

  it('counts a restart when the program runs again', () =>
    expect(podStatus(facts({ containers: [toRunning(backingOff, startMs + 20_000)] }))['containerStatuses']).toMatchObject([
      { restartCount: 1 },
    ]))
})
