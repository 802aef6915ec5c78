import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { knativeService } from '../../src/targets/knative-service.ts'
import { revisionNameOf } from '../../src/targets/registry.ts'
import type { Target } from '../../src/targets/workload.ts'
import { aCanary } from '../support/builders.ts'
import { describeWorkload } from './contract.ts'
import { flags, liveOf } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const canary = aCanary({
  spec: { provider: 'knative', targetRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' } },
})

const aService = (latestCreatedRevisionName: string | undefined, annotations: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'podinfo', namespace: 'test', generation: 1, annotations },
  spec: { template: {} },
  status: { ...(latestCreatedRevisionName && { latestCreatedRevisionName }) },
})

const aRevision = (name: string, condition: Fields = { status: 'True' }): KubeObject => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Revision',
  metadata: { name, namespace: 'test' },
  status: { conditions: [{ type: 'Ready', ...condition }] },
})

const inspected = (...objects: readonly KubeObject[]): Target => {
  const found = knativeService.inspect(canary, liveOf(...objects), flags)
  if ('unusable' in found) throw new Error(found.unusable.message)
  return found.target
}

describeWorkload(knativeService, () => ({
  canary,
  target: aService('podinfo-00001'),
  patched: object => object,
  mounts: () => false,
}))

describe('a Knative Service that is targeted', () => {
  it('is another revision with another latest revision', () =>
    expect(inspected(aService('podinfo-00002')).templateHash).not.toBe(inspected(aService('podinfo-00001')).templateHash))

  it('is another revision when it was deleted and made again, although revisions are counted anew', () => {
    const service = aService('podinfo-00002')
    const remade = { ...service, metadata: { ...service.metadata, uid: 'another' } }
    expect(inspected(remade).templateHash).not.toBe(inspected(service).templateHash)
  })

  it('is the same revision whatever its routes say', () =>
    expect(inspected(aService('podinfo-00001', { 'flagger.app/primary-revision': 'podinfo-00000' })).templateHash).toBe(
      inspected(aService('podinfo-00001')).templateHash,
    ))

  it('is neither changed nor unchanged while Knative names no revision', () =>
    expect(knativeService.inspect(canary, liveOf(aService(undefined)), flags)).toMatchObject({ unusable: { reason: 'TargetInvalid' } }))

  it('is seen by its primary meanwhile', () =>
    expect(
      knativeService.standIn(canary, liveOf(aService(undefined, { 'flagger.app/primary-revision': 'podinfo-00001' })), flags)?.template,
    ).toEqual({ revisionName: 'podinfo-00001' }))

  it('is never parked', () => {
    const target = inspected(aService('podinfo-00001'))
    expect([knativeService.park(target), knativeService.unpark(target, 1)]).toEqual([undefined, undefined])
  })
})

describe('the name by which metrics know the canary', () => {
  it('is that of the latest revision', () => expect(revisionNameOf(canary, liveOf(aService('podinfo-00002')), flags)).toBe('podinfo-00002'))

  it('is unknown while Knative names none', () => expect(revisionNameOf(canary, liveOf(aService(undefined)), flags)).toBeUndefined())

  it('is nothing that other targets have', () => expect(revisionNameOf(aCanary(), liveOf(), flags)).toBeUndefined())
})

describe('the primary of a Knative Service', () => {
  const service = aService('podinfo-00002', { 'flagger.app/primary-revision': 'podinfo-00001' })

  it('is the revision that the annotation names', () =>
    expect(knativeService.primaryIn(canary, liveOf(service, aRevision('podinfo-00001')))?.metadata.name).toBe('podinfo-00001'))

  it.each([
    ['podinfo-00001', false],
    ['podinfo-00002', true],
  ])('is known by its name, here %s', (name, runs) => {
    const target = inspected(service)
    const source = { canary, target, pin: knativeService.pin(target, {}), replicas: undefined, options: flags }
    expect(knativeService.runs?.({ ...source, live: aRevision(name) })).toBe(runs)
  })

  it.each([
    ['of this Service', 'one', 'podinfo-00001'],
    ['of one that was deleted, although it is called the same', 'another', undefined],
  ])('is the pinned revision %s', (_, uid, name) => {
    const service = aService('podinfo-00001')
    const made = (id: string) => ({ ...service, metadata: { ...service.metadata, uid: id } })
    const pin = knativeService.pin(inspected(made(uid)), {})
    const initialized = { ...canary, status: { phase: 'Initialized' as const } }
    expect(knativeService.primaryIn(initialized, liveOf(made('one'), aRevision('podinfo-00001')), pin)?.metadata.name).toBe(name)
  })

  it('is called what its pin says', () =>
    expect(knativeService.revisionName?.(knativeService.pin(inspected(service), {}))).toBe('podinfo-00002'))
})

describe('the readiness of a revision', () => {
  const rule = { thresholdPercent: 100, deadlineMs: 1, nowMs: 0 }
  const of = (condition: Fields) => knativeService.readiness(aRevision('podinfo-00002', condition), rule)

  it('is what Knative says', () => expect(of({ status: 'True' })).toMatchObject({ kind: 'ready', readyPods: 1 }))

  it('waits while Knative does not know', () =>
    expect(of({ status: 'Unknown', reason: 'Deploying' })).toMatchObject({
      kind: 'waiting',
      message: 'revision podinfo-00002 is not ready (Deploying)',
      readyPods: 0,
    }))

  it('waits for what may still come right', () => expect(of({ status: 'False', reason: 'ContainerMissing' }).kind).toBe('waiting'))

  it('is given up where Knative gave it up', () => expect(of({ status: 'False', reason: 'ProgressDeadlineExceeded' }).kind).toBe('stuck'))

  it('waits for a revision that cannot be seen yet', () =>
    expect(knativeService.readiness(inspected(aService('podinfo-00002')).object, rule)).toMatchObject({ kind: 'waiting', readyPods: 0 }))
})
