import { expect, it } from 'vitest'
import { serviceKind } from '../../src/api/kinds.ts'
import { createStores } from '../../src/controller/stores.ts'
import { createSharedReflectors } from '../../src/kube/shared-reflectors.ts'
import { fakeKubeApi } from '../support/fake-kube-api.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

it('watches Services from the start, so that none looks absent in the first passes', () => {
  const reflectors = createSharedReflectors({ api: fakeKubeApi({ clock: new VirtualClock(), objects: [] }), random: () => 0.5 })
  createStores(reflectors, undefined)
  expect(reflectors.all().map(({ kind }) => kind)).toContain(serviceKind)
})
