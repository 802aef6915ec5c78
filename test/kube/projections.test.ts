import { describe, expect, it } from 'vitest'
import type { KubeObject, ManagedFieldsEntry } from '../../src/api/object.ts'
import { identityOnly, metadataOnly, readyEndpoints, wholeObject } from '../../src/kube/projections.ts'
import { aDeployment } from '../support/kinds.ts'

const ours: ManagedFieldsEntry = { manager: 'serin', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:template': {} } } }
const scaler: ManagedFieldsEntry = { manager: 'hpa', operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } } }
const stranger: ManagedFieldsEntry = { manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': { 'f:template': {} } } }
const kubectlCopy = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"aHVudGVyMg=="}}' }

describe('the whole object', () => {
  it('keeps what we applied', () => {
    const projected = wholeObject(aDeployment({ managedFields: [ours, stranger] }))
    expect(projected?.metadata.managedFields).toEqual([ours])
  })

  it('keeps who owns replicas, and nothing else they own', () => {
    const projected = wholeObject(aDeployment({ managedFields: [scaler] }))
    expect(projected?.metadata.managedFields).toEqual([{ ...scaler, fieldsV1: { 'f:spec': { 'f:replicas': {} } } }])
  })

  it('keeps that a parking which was cut short is still ours', () => {
    const parking: ManagedFieldsEntry = {
      manager: 'serin',
      operation: 'Update',
      fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': { 'f:nodeSelector': {} } } } },
    }
    expect(wholeObject(aDeployment({ managedFields: [parking] }))?.metadata.managedFields).toEqual([parking])
  })

  it('keeps that the controller before us wrote something, not what', () => {
    const former: ManagedFieldsEntry = { ...stranger, manager: 'flagger' }
    expect(wholeObject(aDeployment({ managedFields: [former] }))?.metadata.managedFields).toEqual([{ ...former, fieldsV1: {} }])
  })

  it('drops the list when nothing of it is kept', () => {
    expect(wholeObject(aDeployment({ managedFields: [stranger] }))?.metadata).not.toHaveProperty('managedFields')
  })

  it.each([
    { ...ours, operation: 'Update' as const },
    { ...ours, subresource: 'status' },
  ])('drops what we own otherwise: %j', entry => {
    expect(wholeObject(aDeployment({ managedFields: [entry] }))?.metadata).not.toHaveProperty('managedFields')
  })

  it('drops the copy that kubectl keeps of it', () => {
    const projected = wholeObject(aDeployment({ annotations: { note: 'x', ...kubectlCopy } }))
    expect(projected?.metadata.annotations).toEqual({ note: 'x' })
  })

  it('keeps everything else', () => {
    const object = aDeployment({ labels: { a: 'b' }, annotations: { note: 'x' } }, { status: { replicas: 1 } })
    expect(wholeObject(object)).toEqual(object)
  })

  it.each([{}, { fieldsV1: {} }, { fieldsV1: { 'f:spec': 'odd' } }, { fieldsV1: { 'f:spec': null } }])(
    'survives the odd entry %j',
    entry => {
      expect(wholeObject(aDeployment({ managedFields: [entry] as readonly ManagedFieldsEntry[] }))?.metadata).not.toHaveProperty(
        'managedFields',
      )
    },
  )
})

describe('metadata only', () => {
  it('holds no content', () => {
    const projected = metadataOnly(
      aDeployment({ labels: { a: 'b' }, annotations: { note: 'x', ...kubectlCopy } }, { data: { password: 'x' } }),
    )
    expect(projected).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'test', name: 'podinfo', labels: { a: 'b' }, annotations: { note: 'x' } },
    })
  })
})

describe('identity only', () => {
  it('holds name, namespace, uid and version', () => {
    const projected = identityOnly(aDeployment({ uid: 'u1', resourceVersion: '7', labels: { a: 'b' }, annotations: kubectlCopy }))
    expect(projected?.metadata).toEqual({ namespace: 'test', name: 'podinfo', uid: 'u1', resourceVersion: '7' })
  })
})

describe('of an EndpointSlice', () => {
  const slice = (...endpoints: readonly unknown[]): KubeObject => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: 'test',
      name: 'app-x',
      resourceVersion: '7',
      labels: { 'kubernetes.io/service-name': 'app', other: 'label' },
      managedFields: [],
    },
    endpoints,
    ports: [{ port: 80 }],
  })
  const pod = (name: string, conditions?: unknown) => ({ addresses: ['10.0.0.1'], conditions, targetRef: { kind: 'Pod', name } })

  it('is kept whose it is, and which pods requests get to', () =>
    expect(readyEndpoints(slice(pod('a', { ready: true }), pod('b', { ready: false }), pod('c', {}), pod('d')))).toEqual({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: 'test', name: 'app-x', resourceVersion: '7', labels: { 'kubernetes.io/service-name': 'app' } },
      ready: ['a', 'c', 'd'],
    }))

  it('is kept for which template its Service selects', () => {
    const { metadata, ...rest } = slice()
    const labels = { ...metadata.labels, 'serin.dev/selection': 's1-a' }
    expect(readyEndpoints({ ...rest, metadata: { ...metadata, labels } })?.metadata.labels).toEqual({
      'kubernetes.io/service-name': 'app',
      'serin.dev/selection': 's1-a',
    })
  })

  it('is kept the address of what is no pod', () =>
    expect(readyEndpoints(slice({ addresses: ['10.0.0.9'] }))).toMatchObject({ ready: ['10.0.0.9'] }))

  it.each([null, undefined])('is kept nothing where its endpoints are %s', endpoints =>
    expect(readyEndpoints({ ...slice(), endpoints } as KubeObject)).toMatchObject({ ready: [] }),
  )
})
