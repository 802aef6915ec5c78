import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { mostTelling, podTroubles } from '../../src/core/pod-troubles.ts'

type Fields = Readonly<Record<string, unknown>>

const placed = { type: 'PodScheduled', status: 'True' }
const unready = { type: 'Ready', status: 'False', reason: 'ContainersNotReady' }

const pod = (name: string, status: Fields = {}, metadata: Fields = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'test', ...metadata },
  status: { phase: 'Pending', conditions: [placed, unready], ...status },
})
const container = (state: Fields, change: Fields = {}) => ({ name: 'app', image: 'podinfo:v2', ready: false, state, ...change })
const podWith = (state: Fields, change: Fields = {}) => pod('podinfo-a', { containerStatuses: [container(state, change)] })

const waiting = (reason: string, message = '') => ({ waiting: { reason, message } })
const backOff = 'Back-off pulling image "podinfo:v2": ErrImagePull: failed to pull "podinfo:v2": failed to resolve reference: not found'

describe('what is said of a pod', () => {
  it.each([
    ['an image that does not exist', podWith(waiting('ImagePullBackOff', backOff)), 'image "podinfo:v2" cannot be pulled (not found)'],
    [
      'an image that the node has just been refused',
      podWith(waiting('ErrImagePull', 'rpc error: code = NotFound desc = failed to resolve reference: not found')),
      'image "podinfo:v2" cannot be pulled (not found)',
    ],
    [
      'a node that gives no reason',
      podWith(waiting('ImagePullBackOff', 'Back-off pulling image "podinfo:v2"')),
      'image "podinfo:v2" cannot be pulled',
    ],
    ['a name that is none', podWith(waiting('InvalidImageName'), { image: 'a b' }), 'image "a b" cannot be pulled (InvalidImageName)'],
    [
      'a container that crashes',
      podWith(waiting('CrashLoopBackOff', 'back-off 40s restarting failed container'), {
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', message: 'SECRET' } },
      }),
      'container app crashes (exit code 137, OOMKilled)',
    ],
    [
      'a container that has just crashed',
      podWith({ terminated: { exitCode: 1, reason: 'Error' } }),
      'container app crashes (exit code 1, Error)',
    ],
    [
      'a container that was started again',
      podWith({ running: {} }, { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }),
      'container app crashes (exit code 1, Error)',
    ],
    [
      'a Secret that is missing',
      podWith(waiting('CreateContainerConfigError', 'secret "podinfo" not found')),
      'container app cannot start: CreateContainerConfigError: secret "podinfo" not found',
    ],
    [
      'a container that is not ready',
      podWith({ running: {} }, { started: true }),
      'container app runs, but its readiness probe does not pass',
    ],
    [
      'a container that starts slowly',
      podWith({ running: {} }, { started: false }),
      'container app runs, but its startup probe does not pass',
    ],
    ['a container that is being made', podWith(waiting('ContainerCreating')), 'containers are being created'],
    [
      'no node with room',
      pod('podinfo-a', {
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found.',
          },
        ],
      }),
      'no node takes it: 0/3 nodes are available: 3 Insufficient cpu',
    ],
    ['no scheduler', pod('podinfo-a', { conditions: [] }), 'it waits for a node'],
    [
      'an init container that crashes',
      pod('podinfo-a', {
        initContainerStatuses: [container({ terminated: { exitCode: 2, reason: 'Error' } }, { name: 'migrate' })],
        containerStatuses: [container(waiting('PodInitializing'))],
      }),
      'container migrate crashes (exit code 2, Error)',
    ],
    [
      'an init container at work',
      pod('podinfo-a', {
        initContainerStatuses: [container({ running: {} }, { name: 'migrate', started: false })],
        containerStatuses: [container(waiting('PodInitializing'))],
      }),
      'containers are being created',
    ],
    [
      'a readiness gate',
      pod('podinfo-a', {
        conditions: [placed, { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: 'gate "lb" is not "True"' }],
        containerStatuses: [container({ running: {} }, { ready: true })],
      }),
      'gate "lb" is not "True"',
    ],
  ])('names %s', (_, one, text) => expect(podTroubles([one])).toBe(`pod podinfo-a: ${text}`))
})

describe('what a node said of an image', () => {
  const known = 'pod a: image "podinfo:v2" cannot be pulled (not found)'

  it('holds while it says nothing more', () => expect(mostTelling(known, 'pod a: image "podinfo:v2" cannot be pulled')).toBe(known))
  it('gives way to what it says now', () =>
    expect(mostTelling(known, 'pod a: image "podinfo:v2" cannot be pulled (denied)')).toBe(
      'pod a: image "podinfo:v2" cannot be pulled (denied)',
    ))
  it('says nothing of another pod', () =>
    expect(mostTelling(known, 'pod b: image "podinfo:v2" cannot be pulled')).toBe('pod b: image "podinfo:v2" cannot be pulled'))
  it('is forgotten with its pods', () => expect(mostTelling(known, undefined)).toBeUndefined())
})

describe('what is said of many pods', () => {
  const creating = (name: string) => pod(name, { containerStatuses: [container(waiting('ContainerCreating'))] })
  const unpullable = (name: string) => pod(name, { containerStatuses: [container(waiting('ImagePullBackOff', backOff))] })

  it('begins with the most common cause', () =>
    expect(podTroubles([creating('c'), unpullable('b'), unpullable('a')])).toBe(
      'pods a, b: image "podinfo:v2" cannot be pulled (not found); pod c: containers are being created',
    ))

  it('does not name them all', () =>
    expect(podTroubles(['d', 'c', 'b', 'a'].map(creating))).toBe('pods a, b and 2 more: containers are being created'))

  it('is nothing when all of them serve', () =>
    expect(podTroubles([pod('a', { conditions: [placed, { type: 'Ready', status: 'True' }] })])).toBeUndefined())

  it.each([
    ['goes', pod('a', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    ['was evicted', pod('a', { phase: 'Failed', reason: 'Evicted' })],
    ['is done', pod('a', { phase: 'Succeeded' })],
  ])('leaves out one that %s', (_, gone) => expect(podTroubles([gone])).toBeUndefined())

  it('has an end', () => {
    const long = pod('a', { containerStatuses: [container(waiting('CreateContainerError', 'x'.repeat(10_000)))] })
    expect((podTroubles([long, ...['b', 'c'].map(name => unpullable(name.repeat(250)))]) ?? '').length).toBeLessThanOrEqual(400)
  })

  it.each([undefined, {}, { conditions: null }])('is something even of a status like %j', status => {
    expect(podTroubles([{ ...pod('a'), status }])).toMatch(/^pod a: /)
  })
})
