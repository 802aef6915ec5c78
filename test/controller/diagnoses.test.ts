import { afterEach, describe, expect, it } from 'vitest'
import { knativeServiceKind, podKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { sick } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { template } from '../support/team.ts'

let stage: Stage
afterEach(() => stage.stop())

const lists = () => stage.api.requests.filter(({ verb, kind }) => verb === 'list' && kind === 'Pod')

const pod = (name: string, labels: Readonly<Record<string, string>>, state: object) => ({
  ...podKind,
  metadata: { name, namespace: 'test', labels },
  status: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [{ name: 'app', image: 'podinfo:v2', ready: false, state }],
  },
})
const noImage = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off: ErrImagePull: not found' } }
const crash = { terminated: { exitCode: 1, reason: 'Error' } }
const words = 'pod podinfo-a: image "podinfo:v2" cannot be pulled (not found)'

const initialized = async () => {
  stage = await createStage()
  await stage.untilRest('Initialized')
}

/** A release whose pods cannot be pulled. */
const held = async () => {
  await initialized()
  stage.state.broken.add('podinfo podinfo:v2')
  stage.api.put(pod('podinfo-a', { app: 'podinfo' }, noImage))
  stage.api.put(pod('other-a', { app: 'other' }, crash))
  await stage.release('v2')
  await stage.until(() => stage.status.hold?.reason === 'CanaryNotReady')
}

describe('pods that are not ready', () => {
  it('are named with the reason once a hold lasts', async () => {
    await held()
    await stage.pass(15)
    expect(stage.status.hold?.message).toContain(words)
  })

  it('are asked about once in each interval, and those of nobody else', async () => {
    await held()
    await stage.pass(45)
    expect(lists()).toHaveLength(4)
  })

  it('are asked about only when they had time to come up', async () => {
    await held()
    await stage.pass(5)
    expect(lists()).toHaveLength(0)
  })

  it('are told in an event when their reason becomes known, once', async () => {
    await held()
    await stage.pass(45)
    expect(stage.events().filter(text => text.includes(words))).toHaveLength(1)
  })

  it('are part of why a rollout ended, with the alert and the events', async () => {
    await held()
    await stage.untilRest('Failed')
    expect(stage.status.failure?.message).toContain(words)
    expect(stage.sent.some(({ channel, message }) => channel === 'alert' && message.includes(words))).toBe(true)
    expect(stage.events().some(text => text.startsWith('Rolling back') && text.includes(words))).toBe(true)
  })

  it('are named with the newest reason', async () => {
    await held()
    await stage.pass(15)
    stage.api.put(pod('podinfo-a', { app: 'podinfo' }, crash))
    await stage.pass(15)
    expect(stage.status.hold?.message).toContain('container app crashes (exit code 1, Error)')
    expect(stage.status.hold?.message).not.toContain('cannot be pulled')
  })

  it('stay named when another process goes on', async () => {
    await held()
    await stage.pass(15)
    stage.api.forgetRequests()
    await stage.restart()
    await stage.pass(2)
    expect(stage.status.hold?.message).toContain(words)
    expect(stage.api.requests.filter(({ verb }) => verb === 'updateStatus')).toEqual([])
  })

  it('hold nothing up that nobody answers for', async () => {
    await held()
    stage.api.fault({ verb: 'list', kind: 'Pod', with: 'hang' })
    await stage.pass(15)
    stage.state.broken.clear()
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('are left out where they may not be listed', async () => {
    await held()
    stage.api.fault({ verb: 'list', kind: 'Pod', with: 'Forbidden', times: 99 })
    await stage.pass(15)
    expect(stage.status.hold?.message).toContain('updated replicas are available')
  })
})

describe('pods of the primary', () => {
  it('are named while the primary is being built', async () => {
    stage = await createStage({ objects: [pod('podinfo-primary-a', { app: 'podinfo-primary' }, crash)] })
    stage.state.broken.add('podinfo-primary')
    for (const object of team()) stage.api.put(object)
    await stage.pass(20)
    expect(stage.condition('Ready')?.message).toContain('pod podinfo-primary-a: container app crashes')
  })

  it('are named when it is the primary that is waited for', async () => {
    await initialized()
    stage.state.broken.add('podinfo-primary podinfo:v2')
    stage.api.put(pod('podinfo-primary-a', { app: 'podinfo-primary' }, crash))
    await stage.release('v2')
    await stage.untilRest('Failed', 600)
    expect(stage.status.failure).toMatchObject({
      reason: 'PromotionFailed',
      message: expect.stringContaining('pod podinfo-primary-a: container app crashes'),
    })
  })
})

describe('pods of a DaemonSet', () => {
  it('are named like those of a Deployment', async () => {
    stage = await createStage({ objects: team({ kind: 'DaemonSet' }) })
    await stage.untilRest('Initialized')
    stage.state.broken.add('podinfo podinfo:v2')
    stage.api.put(pod('podinfo-a', { app: 'podinfo' }, noImage))
    await stage.release('v2')
    await stage.pass(20)
    expect(stage.status.hold?.message).toContain(words)
  })
})

describe('pods of a DaemonSet that the API server refuses', () => {
  const quota = 'exceeded quota: pods, requested: pods=1, used: pods=4, limited: pods=4'
  const refusal = (name: string, lastTimestamp: string, reason = 'FailedCreate') => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${lastTimestamp}`, namespace: 'test' },
    involvedObject: { kind: 'DaemonSet', name, namespace: 'test' },
    reason,
    message: `Error creating: pods "${name}-x7k2p" is forbidden: ${quota}`,
    lastTimestamp,
  })
  const now = () => new Date(stage.clock.nowMs()).toISOString()

  const released = async (events: () => readonly KubeObject[]) => {
    stage = await createStage({ objects: team({ kind: 'DaemonSet' }) })
    await stage.untilRest('Initialized')
    stage.state.broken.add('podinfo podinfo:v2')
    await stage.release('v2')
    for (const event of events()) stage.api.put(event)
    await stage.pass(15)
  }

  it('are explained by the newest event about it', async () => {
    await released(() => [refusal('podinfo', now())])
    expect(stage.status.hold?.message).toContain(`pods cannot be created: forbidden: ${quota}`)
  })

  it('are not explained by what was told long ago, about others, or about something else', async () => {
    await released(() => [
      refusal('podinfo', '2025-12-31T00:00:00Z'),
      refusal('other', now()),
      refusal('podinfo', now(), 'SuccessfulCreate'),
    ])
    expect(stage.status.hold?.message).not.toContain('cannot be created')
  })

  it('cost no list of events where all its pods are there', async () => {
    await released(() => ['a', 'b'].map(name => pod(`podinfo-${name}`, { app: 'podinfo' }, noImage)))
    expect(stage.status.hold?.message).toContain('cannot be pulled')
    expect(stage.api.requests.filter(({ verb, kind }) => verb === 'list' && kind === 'Event')).toEqual([])
  })
})

describe('pods of a revision of Knative', () => {
  it('are named by the label that Knative gives them', async () => {
    stage = await createStage({ objects: team({ kind: 'Knative' }) })
    await stage.untilRest('Initialized')
    stage.state.broken.add('podinfo podinfo:v2')
    stage.api.put(pod('podinfo-00002-a', { 'serving.knative.dev/revision': 'podinfo-00002' }, noImage))
    stage.api.put(pod('podinfo-00001-a', { 'serving.knative.dev/revision': 'podinfo-00001' }, crash))
    const found = stage.object(knativeServiceKind, 'podinfo')
    stage.api.put({ ...found, spec: { ...(found['spec'] as object), template: template('v2') } })
    await stage.pass(20)
    expect(stage.status.hold?.message).toContain('pod podinfo-00002-a: image "podinfo:v2" cannot be pulled (not found)')
    expect(stage.status.hold?.message).not.toContain('crashes')
  })
})

describe('nobody lists pods', () => {
  it('of a release that is promoted', async () => {
    await initialized()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    await stage.pass(300)
    expect(lists()).toEqual([])
  })

  it('of a release that fails its checks', async () => {
    await initialized()
    stage.state.measurements = sick.measurements
    await stage.release('v2')
    await stage.untilRest('Failed')
    await stage.pass(300)
    expect(lists()).toEqual([])
  })

  it('while a person is waited for', async () => {
    const gate = { name: 'gate', type: 'confirm-promotion', url: 'http://hooks.test/' }
    stage = await createStage({ objects: team({ analysis: { webhooks: [gate] } }) })
    await stage.untilRest('Initialized')
    stage.state.hooks = { gate: { name: 'gate', type: 'confirm-promotion', ok: false, message: '', muted: false } }
    await stage.release('v2')
    await stage.until(() => stage.phase === 'WaitingPromotion')
    await stage.pass(120)
    expect(lists()).toEqual([])
  })
})
