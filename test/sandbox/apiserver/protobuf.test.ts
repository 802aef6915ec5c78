import { describe, expect, it } from 'vitest'
import { WireInvalid, wireFields } from '../../../src/sandbox/apiserver/protobuf.ts'
import { protobufObject, protobufType } from '../../../src/sandbox/apiserver/protobuf-objects.ts'
import { aServer } from './a-server.ts'

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))])

type Part = readonly [number: number, value: number | string | Uint8Array]

/** Writes a message: texts and messages by length, numbers as varints. */
const message = (...parts: readonly Part[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap(([number, value]) => {
      if (typeof value === 'number') return [...varint(number * 8), ...varint(value)]
      const bytes = typeof value === 'string' ? Buffer.from(value) : value
      return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]
    }),
  )

const envelope = (apiVersion: string, kind: string, object: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from('k8s\0'), message([1, message([1, apiVersion], [2, kind])], [2, object])])

const typeOf = (_apiVersion: string, kind: string) =>
  ({ Deployment: 'V1Deployment', ConfigMap: 'V1ConfigMap', RoleBinding: 'V1RoleBinding', Pod: 'V1Pod' })[kind]

describe('the protobuf form of an object', () => {
  it('becomes the JSON that says the same', () => {
    const container = message([1, 'web'], [2, 'nginx'], [6, message([3, 80], [4, 'TCP'])])
    const template = message([1, message([11, message([1, 'app'], [2, 'web'])])], [2, message([2, container])])
    const spec = message([1, 0], [2, message([1, message([1, 'app'], [2, 'web'])])], [3, template])
    const deployment = message([1, message([1, 'web'], [3, 'default'])], [2, spec])
    expect(protobufObject(envelope('apps/v1', 'Deployment', deployment), typeOf)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
        },
      },
    })
  })

  it('leaves out what was never said', () => {
    const configMap = message([1, message([1, 'a'], [2, ''], [7, 0], [8, message()])], [4, 0])
    expect(protobufObject(envelope('v1', 'ConfigMap', configMap), typeOf)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      immutable: false,
    })
  })

  it('lifts what JSON writes in place of a message', () => {
    const volume = message([1, 'v'], [2, message([6, message([1, 'secret'])])])
    const pod = message([1, message([1, 'p'])], [2, message([1, volume])])
    expect(protobufObject(envelope('v1', 'Pod', pod), typeOf)).toMatchObject({
      spec: { volumes: [{ name: 'v', secret: { secretName: 'secret' } }] },
    })
  })

  it('keeps its own kind apart from those it mentions', () => {
    const binding = message([1, message([1, 'rb'])], [2, message([1, 'User'], [3, 'bob'])], [3, message([2, 'Role'], [3, 'r'])])
    expect(protobufObject(envelope('rbac.authorization.k8s.io/v1', 'RoleBinding', binding), typeOf)).toMatchObject({
      kind: 'RoleBinding',
      subjects: [{ kind: 'User', name: 'bob' }],
      roleRef: { kind: 'Role', name: 'r' },
    })
  })

  it.each([
    ['something else', Buffer.from('{}')],
    ['a kind without a known form', envelope('example.com/v1', 'Widget', message())],
    ['a message that breaks off', envelope('v1', 'ConfigMap', Uint8Array.from([10, 200]))],
  ])('is refused when it is %s', (_what, body) => {
    expect(() => protobufObject(body, typeOf)).toThrow(WireInvalid)
  })

  it('reads numbers of every width', () => {
    expect(wireFields(Uint8Array.from([8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]))).toEqual([
      { number: 1, value: 0xffff_ffff_ffff_ffffn },
    ])
  })
})

it('a typed client creates a ConfigMap over HTTP', async () => {
  await using one = await aServer()
  const configMap = message([1, message([1, 'a'])], [2, message([1, 'x'], [2, '1'])])
  const answer = await fetch(`${one.server.url}/api/v1/namespaces/default/configmaps`, {
    method: 'POST',
    headers: { authorization: `Bearer ${one.server.adminToken}`, 'content-type': protobufType },
    body: Buffer.from(envelope('v1', 'ConfigMap', configMap)),
  })
  expect([answer.status, await answer.json()]).toMatchObject([201, { metadata: { name: 'a' }, data: { x: '1' } }])
})
