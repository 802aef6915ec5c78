import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { daemonSet } from '../../src/targets/daemon-set.ts'
import type { Target } from '../../src/targets/workload.ts'
import { aCanary } from '../support/builders.ts'
import { patched } from '../support/fake-merge.ts'
import { describeWorkload } from './contract.ts'
import { flags, liveOf, specIn, templateIn } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const canary = aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'podinfo' } } })
const parkingKey = 'flagger.app/scale-to-zero'

interface Changes {
  readonly name?: string
  readonly spec?: Fields
  readonly pod?: Fields
  readonly container?: Fields
  readonly status?: Fields
  readonly generation?: number
}

const aDaemonSet = ({ name = 'podinfo', spec, pod, container, status = {}, generation = 1 }: Changes = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace: 'test', generation, labels: { app: 'podinfo' } },
  spec: {
    selector: { matchLabels: { app: 'podinfo' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    template: {
      metadata: { labels: { app: 'podinfo' } },
      spec: { containers: [{ name: 'podinfod', image: 'podinfo:1', resources: {}, ...container }], ...pod },
    },
    ...spec,
  },
  status,
})

const parked = (nodeSelector: Fields = {}): KubeObject => aDaemonSet({ pod: { nodeSelector: { ...nodeSelector, [parkingKey]: 'true' } } })

const inspected = (object: KubeObject): Target => {
  const found = daemonSet.inspect(canary, liveOf(object), flags)
  if ('unusable' in found) throw new Error(found.unusable.message)
  return found.target
}

const primaryOf = (object: KubeObject): KubeObject => {
  const target = inspected(object)
  return daemonSet.primary({ canary, target, pin: daemonSet.pin(target, {}), live: undefined, replicas: 2, options: flags })
}

const merged = (object: KubeObject, body: Fields = {}): KubeObject => patched(object, { type: 'merge', body }) as KubeObject
const nodeSelectorIn = (object: KubeObject): unknown => (templateIn(object).spec as unknown as Fields)['nodeSelector']

describeWorkload(daemonSet, () => ({
  canary,
  target: aDaemonSet({ container: { envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'licence' } }] } }),
  patched: merged,
  mounts: (workload, name) => JSON.stringify(templateIn(workload)).includes(`"name":"${name}"`),
}))

describe('a DaemonSet that is targeted', () => {
  it.each([undefined, {}, { type: 'RollingUpdate' }])('may have the update strategy %j', updateStrategy =>
    expect(inspected(aDaemonSet({ spec: { updateStrategy } })).replicas).toBe(1),
  )

  it('must be rolled by its controller', () =>
    expect(daemonSet.inspect(canary, liveOf(aDaemonSet({ spec: { updateStrategy: { type: 'OnDelete' } } })), flags)).toEqual({
      unusable: {
        reason: 'TargetInvalid',
        message:
          'daemonset podinfo.test cannot have a primary: its spec.updateStrategy.type must be RollingUpdate, got OnDelete; a primary that nothing rolls would never run what was promoted',
      },
    }))

  it('has the pods that its nodes give it', () => expect(inspected(aDaemonSet({ status: { desiredNumberScheduled: 3 } })).replicas).toBe(3))

  it('has no pods while it is parked', () => expect(inspected(parked()).replicas).toBe(0))

  it('is seen through its primary where it is gone', () => {
    const primary = primaryOf(aDaemonSet())
    expect(daemonSet.standIn(canary, liveOf(primary), flags)).toMatchObject({ label: { key: 'app', value: 'podinfo' }, replicas: 0 })
  })
})

describe('what a revision of a DaemonSet is', () => {
  it('changes with its template', () =>
    expect(inspected(aDaemonSet({ container: { image: 'podinfo:2' } })).templateHash).not.toBe(inspected(aDaemonSet()).templateHash))

  it('does not change with how it is rolled', () =>
    expect(inspected(aDaemonSet({ spec: { minReadySeconds: 9 } })).templateHash).toBe(inspected(aDaemonSet()).templateHash))

  it('has the ports of its containers, where they are asked for', () => {
    const discovering = aCanary({ spec: { ...canary.spec, service: { port: 9898, portDiscovery: true } } })
    const ports = [{ containerPort: 9898 }, { name: 'http-metrics', containerPort: 8080 }, { containerPort: 8888 }]
    const found = daemonSet.inspect(discovering, liveOf(aDaemonSet({ container: { ports } })), flags)
    expect('target' in found && found.target.ports.map(({ name, port }) => [name, port])).toEqual([
      ['http-metrics', 8080],
      ['tcp-podinfod-2', 8888],
    ])
  })
})

describe('parking a DaemonSet', () => {
  it('asks for a node that does not exist, beside those it was asked for', () => {
    const target = aDaemonSet({ pod: { nodeSelector: { disk: 'ssd' } } })
    expect(nodeSelectorIn(merged(target, daemonSet.park(inspected(target))?.body))).toEqual({ disk: 'ssd', [parkingKey]: 'true' })
  })

  it('is no part of what a revision is', () =>
    expect(inspected(parked({ disk: 'ssd' })).templateHash).toBe(
      inspected(aDaemonSet({ pod: { nodeSelector: { disk: 'ssd' } } })).templateHash,
    ))

  it('is no part of what is pinned', () => expect(JSON.stringify(daemonSet.pin(inspected(parked()), {}))).not.toContain(parkingKey))

  it('is never inherited by a primary', () => expect(nodeSelectorIn(primaryOf(parked({ disk: 'ssd' })))).toEqual({ disk: 'ssd' }))

  it('is nothing that can be taken back for more pods than the nodes give', () =>
    expect(daemonSet.unpark({ ...inspected(aDaemonSet()), replicas: 0 }, 9)).toBeUndefined())

  it('is taken back with nothing else', () => {
    const target = parked({ disk: 'ssd' })
    expect(nodeSelectorIn(merged(target, daemonSet.unpark(inspected(target), 1)?.body))).toEqual({ disk: 'ssd' })
  })
})

describe('the primary of a DaemonSet', () => {
  it('takes over how it is rolled', () =>
    expect(specIn(primaryOf(aDaemonSet({ spec: { minReadySeconds: 7 } })))).toMatchObject({
      minReadySeconds: 7,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    }))

  it('is told no number of pods', () => expect(specIn(primaryOf(aDaemonSet()))).not.toHaveProperty('replicas'))

  it('leaves behind what only a Deployment can be told', () => {
    const target = inspected(aDaemonSet())
    const pin = { ...daemonSet.pin(target, {}), settings: { strategy: { type: 'Recreate' } } }
    const primary = daemonSet.primary({ canary, target, pin, live: undefined, replicas: 2, options: flags })
    expect(specIn(primary)).not.toHaveProperty('strategy')
  })

  it('avoids its own pods where the target avoids its own', () => {
    const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'podinfo' } } }
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
    expect(JSON.stringify(templateIn(primaryOf(aDaemonSet({ pod: { affinity } }))).spec.affinity)).toContain('"app":"podinfo-primary"')
  })
})

describe('the readiness of a DaemonSet', () => {
  const rule = { thresholdPercent: 100, deadlineMs: 1000, nowMs: Date.UTC(2026, 0, 2) }
  const rolled = (status: Fields, generation = 1) =>
    aDaemonSet({ generation, status: { observedGeneration: 1, currentNumberScheduled: status['desiredNumberScheduled'], ...status } })
  const full = { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }

  it('waits while its status speaks of an older generation', () =>
    expect(daemonSet.readiness(rolled(full, 2), rule)).toMatchObject({
      kind: 'waiting',
      message: 'waiting for rollout to finish: observed daemonset generation less than desired generation',
    }))

  it('is given once all pods are updated and available', () =>
    expect(daemonSet.readiness(rolled(full), rule)).toEqual({ kind: 'ready', message: '', readyPods: 2, servingPods: 2, wantedPods: 2 }))

  it('waits for pods that are not updated', () =>
    expect(daemonSet.readiness(rolled({ ...full, updatedNumberScheduled: 0 }), rule)).toMatchObject({
      kind: 'waiting',
      message: 'waiting for rollout to finish: 0 out of 2 new pods have been updated',
    }))

  it('waits for pods that are not available', () =>
    expect(daemonSet.readiness(rolled({ ...full, numberAvailable: 0 }), rule)).toMatchObject({
      kind: 'waiting',
      message: 'waiting for rollout to finish: 0 of 2 (readyThreshold 100%) updated pods are available',
    }))

  it.each([
    [2, 'ready'],
    [1, 'waiting'],
  ])('with %i of 4 pods available at a threshold of 50%% is %s', (numberAvailable, kind) =>
    expect(
      daemonSet.readiness(rolled({ desiredNumberScheduled: 4, updatedNumberScheduled: 4, numberAvailable }), {
        ...rule,
        thresholdPercent: 50,
      }).kind,
    ).toBe(kind),
  )

  it('counts pods of an older template as serving, and not as ready', () =>
    expect(daemonSet.readiness(rolled({ ...full, updatedNumberScheduled: 1 }), rule)).toMatchObject({ readyPods: 1, servingPods: 2 }))

  it('has no pods to send traffic to where no node suits it', () =>
    expect(daemonSet.readiness(rolled({ desiredNumberScheduled: 0, updatedNumberScheduled: 0, numberAvailable: 0 }), rule)).toMatchObject({
      kind: 'ready',
      readyPods: 0,
    }))

  it('is never given up by how long ago something else was written', () =>
    expect(daemonSet.readiness(rolled({ ...full, numberAvailable: 1 }), { ...rule, nowMs: Date.UTC(2036, 0, 1) }).kind).toBe('waiting'))
})
