import { afterEach, describe, expect, it } from 'vitest'
import { deploymentKind, horizontalPodAutoscalerKind, podKind, serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { type Reason, reasons } from '../../src/api/reasons.ts'
import { answer, successRate } from '../support/builders.ts'
import { described } from '../support/describe.ts'
import { atWeight, scaledStage } from '../support/scaled-team.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'

/* What `kubectl describe canary` has to say beside what `describe.test.ts` plays: capacity, refused writes, what is missing, who is in the way. */

let stage: Stage
afterEach(() => stage.stop())

const initialized = async (options: StageOptions = {}): Promise<void> => {
  stage = await createStage(options)
  await stage.untilRest('Initialized')
}

/** A pod that no node takes. */
const homeless = (track: string) => ({
  ...podKind,
  metadata: { name: `${track}-7d9f-abcde`, namespace: 'test', labels: { app: track } },
  status: {
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient cpu.' },
    ],
  },
})

interface Case {
  readonly what: string
  readonly happens: () => Promise<unknown>
  readonly reason: Reason
  readonly says: readonly string[]
}

const cases: readonly Case[] = [
  {
    what: 'too few pods for the next step: how many, and why they are not there',
    happens: async () => {
      stage = await scaledStage()
      stage.state.readyPods = { podinfo: 2 }
      stage.api.put(homeless('podinfo'))
      await atWeight(stage, 20)
      await stage.pass(35)
    },
    reason: 'CapacityMissing',
    says: [
      'waiting for 2 more ready pods of podinfo: 40% of the traffic needs 4, 2 ready',
      'podinfo-7d9f-abcde: no node takes it: 0/3 nodes are available: 3 Insufficient cpu',
    ],
  },
  {
    what: 'a primary that finds no node on its first day',
    happens: async () => {
      const isCanary = ({ kind }: KubeObject) => kind === 'Canary'
      stage = await createStage({ objects: team().filter(object => !isCanary(object)) })
      stage.state.broken.add('podinfo-primary')
      for (const object of [homeless('podinfo-primary'), ...team().filter(isCanary)]) stage.api.put(object)
      await stage.pass(30)
    },
    reason: 'PrimaryNotReady',
    says: ['podinfo-primary.test not ready', 'podinfo-primary-7d9f-abcde: no node takes it'],
  },
  {
    what: 'a route that the API server refuses',
    happens: async () => {
      await initialized()
      stage.api.fault({ verb: 'apply', kind: 'HTTPRoute', with: 'Forbidden', times: Number.POSITIVE_INFINITY })
      await stage.release('v2')
      await stage.pass(20)
    },
    reason: 'DeferredWrite',
    says: ['HTTPRoute podinfo: fault: Forbidden'],
  },
  {
    what: 'a metric without a sample',
    happens: async () => {
      await initialized()
      stage.state.measurements = [successRate(undefined)]
      await stage.release('v2')
      await stage.until(() => stage.status.hold?.reason === 'NoData')
    },
    reason: 'NoData',
    says: ['no values found for prometheus metric request-success-rate'],
  },
  {
    what: 'a promoted primary that cannot be given back what it had',
    happens: async () => {
      const webhooks = [{ name: 'rollback', type: 'rollback', url: 'http://hooks.test/rollback' }]
      await initialized({ objects: team({ analysis: { webhooks } }) })
      stage.state.hooks = { rollback: answer('rollback', false) }
      stage.state.rolling.add('podinfo-primary podinfo:v2')
      await stage.release('v2')
      await stage.until(() => stage.status.state === 'Promoting.sizing')
      stage.state.broken.add('podinfo-primary')
      stage.state.hooks = { rollback: answer('rollback', true) }
      await stage.untilRest('Failed')
    },
    reason: 'RestoreFailed',
    says: ['cannot be given back', 'Deployment podinfo serves all traffic'],
  },
  {
    what: 'a Service of somebody else under a name that is needed',
    happens: async () => {
      const taken = {
        ...serviceKind,
        metadata: {
          name: 'podinfo-primary',
          namespace: 'test',
          ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x', controller: true }],
        },
        spec: { selector: { app: 'other' }, ports: [{ port: 1 }] },
      }
      stage = await createStage({ objects: [...team(), taken] })
      await stage.pass(5)
    },
    reason: 'ForeignObject',
    says: ['podinfo-primary'],
  },
  {
    what: 'a scaler that is gone',
    happens: async () => {
      stage = await scaledStage()
      stage.api.drop(horizontalPodAutoscalerKind, { namespace: 'test', name: 'podinfo' })
      await stage.pass(5)
    },
    reason: 'ScalerMissing',
    says: ['HorizontalPodAutoscaler podinfo.test does not exist; create it or remove spec.autoscalerRef'],
  },
  {
    what: 'somebody who keeps taking the pods of the primary away',
    happens: async () => {
      await initialized()
      for (let round = 0; round < 12; round += 1) {
        const found = stage.object(deploymentKind, 'podinfo-primary')
        const { replicas: _, ...spec } = found['spec'] as Readonly<Record<string, unknown>>
        stage.api.put({ ...found, spec: { ...spec, replicas: 0 } })
        await stage.pass(1)
      }
      await stage.pass(2)
    },
    reason: 'Contested',
    says: ['Deployment podinfo-primary'],
  },
]

describe('kubectl describe alone explains', () => {
  it.each(cases)('$what', async ({ happens, reason, says }) => {
    await happens()
    const text = described(stage)
    const advice = 'saysNext' in reasons[reason] ? [] : [`What to do: ${reasons[reason].next}`]
    expect(
      [...says, reason, ...advice].filter(word => !text.includes(word)),
      text,
    ).toEqual([])
  })
})
