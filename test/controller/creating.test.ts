import { describe, expect, it } from 'vitest'
import { controllerRevisionKind } from '../../src/api/kinds.ts'
import type { KubeObject, Manifest, OwnerReference } from '../../src/api/object.ts'
import { createConverger } from '../../src/controller/converge.ts'
import { fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const ownedBy = (uid: string): OwnerReference => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  name: 'podinfo',
  uid,
  controller: true,
})

const pinOf = (uid: string): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name: 'podinfo-s1', namespace: 'test', ownerReferences: [ownedBy(uid)] },
  data: {},
})

/** Creates the pin of Canary `ours` where one of this Canary stands that no cache shows: what refused it, and what is known of it then. */
const createdOver = async (uid: string) => {
  const clock = new VirtualClock()
  const api = fakeKubeApi({ clock, objects: [pinOf(uid)] })
  const known: KubeObject[] = []
  const own = {
    wrote: (_: unknown, object: KubeObject) => void known.push(object),
    deleted: () => {},
    newest: () => undefined,
    heard: () => false,
  }
  const converger = createConverger({ api, own, configs: { copy: async () => {} } })
  const step = { verb: 'create', name: 'pin', kind: controllerRevisionKind, manifest: pinOf('ours'), done: false } as const
  const io = testIo({ clock })
  const { error } = await converger.converge([step], { ...io, stopping: io.signal })
  return { refused: error !== undefined, owners: known.flatMap(({ metadata }) => metadata.ownerReferences ?? []).map(owner => owner.uid) }
}

describe('what is created although it is there already', () => {
  it('counts as created where the answer to an earlier attempt was lost', async () =>
    expect(await createdOver('ours')).toEqual({ refused: false, owners: ['ours'] }))

  it('does not where it goes with an owner of its own, which is remembered', async () =>
    expect(await createdOver('theirs')).toEqual({ refused: true, owners: ['theirs'] }))
})
