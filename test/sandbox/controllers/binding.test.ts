import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiServer, startApiServer } from '../../../src/sandbox/apiserver/server.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { aPodObject } from '../builders.ts'

describe('a binding', () => {
  let server: ApiServer
  beforeAll(async () => {
    server = await startApiServer({ clock: new VirtualClock() })
    server.store.create({ apiVersion: 'v1', plural: 'namespaces' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } })
  })
  afterAll(() => server.stop())

  const newPod = (name: string, nodeName = '') => {
    const { status: _, ...pod } = aPodObject(name, { spec: { nodeName } })
    const { name: podName, namespace, labels } = pod.metadata
    server.store.create({ apiVersion: 'v1', plural: 'pods' }, { ...pod, metadata: { name: podName, namespace, labels } })
  }
  const bind = async (name: string, body: unknown, method = 'POST') => {
    const response = await fetch(`${server.url}/api/v1/namespaces/test/pods/${name}/binding`, {
      method,
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
    })
    return { code: response.status, status: (await response.json()) as { reason?: string; message?: string; status?: string } }
  }
  const binding = (node: string) => ({ apiVersion: 'v1', kind: 'Binding', metadata: {}, target: { kind: 'Node', name: node } })

  it('gives a pod its node', async () => {
    newPod('a')
    expect(await bind('a', binding('node-1'))).toMatchObject({ code: 201, status: { status: 'Success' } })
    expect(server.store.get({ apiVersion: 'v1', plural: 'pods' }, { namespace: 'test', name: 'a' })['spec']).toMatchObject({
      nodeName: 'node-1',
    })
  })

  it('is refused when the pod has a node', async () => {
    newPod('b', 'node-1')
    expect(await bind('b', binding('node-2'))).toMatchObject({ code: 409, status: { reason: 'Conflict' } })
  })

  it('is refused when it means another pod of that name', async () => {
    newPod('c')
    expect((await bind('c', { ...binding('node-1'), metadata: { uid: 'other' } })).code).toBe(409)
  })

  it('is refused when it names no node', async () => {
    newPod('d')
    expect((await bind('d', { apiVersion: 'v1', kind: 'Binding', metadata: {} })).code).toBe(422)
  })

  it('is refused when the pod does not exist', async () => expect((await bind('nobody', binding('node-1'))).code).toBe(404))

  it('cannot be read', async () => expect((await bind('a', undefined, 'GET')).code).toBe(405))
})
