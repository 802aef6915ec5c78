import { expect, it } from 'vitest'
import type { KindRef, Manifest } from '../../../src/api/object.ts'
import { createTokenSource } from '../../../src/sandbox/node/service-account-token.ts'
import { Volume } from '../../../src/sandbox/objects/pod.ts'
import { testIo } from '../../support/io.ts'
import { aPod } from '../builders.ts'

const volumes = [
  Volume.parse({ name: 'access', projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 1000 } }] } }),
]
const wish = { expirationSeconds: 1000 }

const setup = () => {
  const asked: (readonly [KindRef, Manifest])[] = []
  const api = {
    create: async (kind: KindRef, manifest: Manifest) => {
      asked.push([kind, manifest])
      return { ...manifest, status: { token: `token ${asked.length}` } }
    },
  }
  const io = testIo()
  return { asked, io, source: createTokenSource(api, aPod('web', { spec: { serviceAccountName: 'shop' } })) }
}

it('asks for a token of the account that is worth something only while the pod is there', async () => {
  const { asked, io, source } = setup()
  expect((await source.read(volumes, io))(wish)).toBe('token 1')
  expect(asked).toMatchObject([
    [
      { plural: 'serviceaccounts/shop/token' },
      { metadata: { name: 'shop' }, spec: { audiences: [], expirationSeconds: 1000, boundObjectRef: { kind: 'Pod', name: 'web' } } },
    ],
  ])
})

it('keeps a token while it is fresh', async () => {
  const { io, source } = setup()
  await source.read(volumes, io)
  await io.clock.advance(799_000)
  expect((await source.read(volumes, io))(wish)).toBe('token 1')
})

it('asks for another one before a token expires', async () => {
  const { io, source } = setup()
  await source.read(volumes, io)
  await io.clock.advance(800_000)
  expect((await source.read(volumes, io))(wish)).toBe('token 2')
})
