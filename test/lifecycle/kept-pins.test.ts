import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, controllerRevisionKind, deploymentKind } from '../../src/api/kinds.ts'
import type { OwnerReference } from '../../src/api/object.ts'
import { createStage, type Stage, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const formerly = (name: string): OwnerReference => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  name,
  uid: 'of-another-life',
  controller: true,
  blockOwnerDeletion: true,
})

const pins = () => stage.api.storedAll(controllerRevisionKind)
const owners = () => pins().map(({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid, controller }) => [uid, controller]))
const ownUid = () => stage.object(canaryKind, 'podinfo').metadata.uid

/** The pins have these owners from now on, as after a restore, or after a deletion that left them behind. */
const ownedBy = async (ownerReferences: readonly OwnerReference[]): Promise<void> => {
  for (const pin of pins()) stage.api.put({ ...pin, metadata: { ...pin.metadata, ownerReferences } })
  await stage.calm()
}

describe('a revision that was pinned', () => {
  it.each([
    ['for a Canary of the same name that was deleted', [formerly('podinfo')]],
    ['for a Canary that was deleted without it', []],
  ] as const)('%s is kept for this one', async (_, ownerReferences) => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    await ownedBy(ownerReferences)
    expect(owners()).toEqual([[[ownUid(), true]]])
  })

  it('for another Canary of the target is kept for both', async () => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    await ownedBy([formerly('podinfo-before')])
    expect(owners()).toEqual([
      [
        [ownUid(), false],
        ['of-another-life', true],
      ],
    ])
  })

  it('is there for a primary that is lost as long as nobody kept it', async () => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    stage.state.broken.add('podinfo podinfo:v2')
    await stage.release('v2')
    await stage.untilRest('Failed')
    await ownedBy([formerly('podinfo')])
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.pass(10)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('is written to no more once it is kept', async () => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    await ownedBy([])
    stage.api.forgetRequests()
    await stage.pass(60)
    expect(stage.api.count('patch', 'ControllerRevision')).toBe(0)
  })
})

describe('a Canary that is deleted and made again', () => {
  it('has a pin of its own, or none of its primary is made', async () => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    const canary = stage.object(canaryKind, 'podinfo')
    const { uid: _, resourceVersion: __, ...metadata } = canary.metadata
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    stage.api.put({ apiVersion: canary.apiVersion, kind: canary.kind, metadata, spec: canary['spec'] })
    await stage.untilRest('Initialized')
    expect(owners()).toEqual([[[ownUid(), true]]])
  })
})
