import { expect, it } from 'vitest'
import { secretKind, serviceKind } from '../../src/api/kinds.ts'
import { createStores } from '../../src/controller/stores.ts'
import { createSharedReflectors } from '../../src/kube/shared-reflectors.ts'
import { fakeKubeApi } from '../support/fake-kube-api.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

it('watches Services from the start, so that none looks absent in the first passes', () => {
  const reflectors = createSharedReflectors({ api: fakeKubeApi({ clock: new VirtualClock(), objects: [] }), random: () => 0.5 })
  createStores(reflectors, undefined)
  expect(reflectors.all().map(({ kind }) => kind)).toContain(serviceKind)
})

it('keeps no contents of configuration that was written', () => {
  const reflectors = createSharedReflectors({ api: fakeKubeApi({ clock: new VirtualClock(), objects: [] }), random: () => 0.5 })
  const stores = createStores(reflectors, undefined)
  const metadata = { namespace: 'test', name: 'settings' }
  const kept = stores.kept(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata, data: { password: 'c2VjcmV0' } })
  expect(kept).toEqual({ apiVersion: 'v1', kind: 'Secret', metadata })
})
