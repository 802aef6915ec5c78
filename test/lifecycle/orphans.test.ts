import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canaryKind, controllerRevisionKind, daemonSetKind, deploymentKind, serviceKind } from '../../src/api/kinds.ts'
import type { KindRef } from '../../src/api/object.ts'
import { createStage, httpRouteKind, type Stage, team } from '../support/stage.ts'
import type { TeamChange } from '../support/team.ts'

let stage: Stage
afterEach(() => stage.stop())

const made: readonly KindRef[] = [controllerRevisionKind, deploymentKind, daemonSetKind, serviceKind, httpRouteKind]

/** As the garbage collector does: what the Canary made forgets its owner. */
const forgotten = (): void => {
  const { uid } = stage.object(canaryKind, 'podinfo').metadata
  for (const object of made.flatMap(kind => stage.api.storedAll(kind))) {
    const { ownerReferences = [], ...metadata } = object.metadata
    if (ownerReferences.some(owner => owner.uid === uid)) stage.api.put({ ...object, metadata })
  }
}

/** As with `kubectl delete --cascade=orphan`: all is forgotten, and then the Canary goes. */
const deletedWithoutWhatItMade = async (): Promise<void> => {
  forgotten()
  stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
  await stage.calm()
}

const madeAgain = async (change: TeamChange): Promise<void> => {
  stage.api.put(team(change)[1])
  await stage.calm()
}

const controllersOf = (kind: KindRef, name: string) => stage.object(kind, name).metadata.ownerReferences?.map(({ uid }) => uid)

describe('a Canary that is deleted without what it made, then made again', () => {
  it.each(['Deployment', 'DaemonSet', 'Service'] as const)('takes the primary of a %s back', async kind => {
    stage = await createStage({ objects: team({ kind }) })
    await stage.untilRest('Initialized')
    await deletedWithoutWhatItMade()
    await madeAgain({ kind })
    await stage.untilRest('Initialized')
    const kinds = { Deployment: deploymentKind, DaemonSet: daemonSetKind, Service: serviceKind }
    expect(controllersOf(kinds[kind], 'podinfo-primary')).toEqual([stage.object(canaryKind, 'podinfo').metadata.uid])
  })

  it('takes the Service of the canary of a core Service back', async () => {
    stage = await createStage({ objects: team({ kind: 'Service' }) })
    await stage.untilRest('Initialized')
    await deletedWithoutWhatItMade()
    await madeAgain({ kind: 'Service' })
    await stage.untilRest('Initialized')
    expect(controllersOf(serviceKind, 'podinfo-canary')).toEqual([stage.object(canaryKind, 'podinfo').metadata.uid])
  })

  it.each(['Deployment', 'DaemonSet', 'Service'] as const)('in mid-run, releases the next revision of a %s', async kind => {
    stage = await createStage({ objects: team({ kind }) })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await deletedWithoutWhatItMade()
    await madeAgain({ kind })
    await stage.untilRest('Initialized')
    await stage.release('v3')
    await stage.untilRest('Succeeded')
    expect(stage.weights).toEqual([100, 0])
  })
})

describe('a Canary with `revertOnDeletion` that is deleted without what it made', () => {
  beforeEach(async () => {
    stage = await createStage({ objects: team({ spec: { revertOnDeletion: true } }) })
    await stage.untilRest('Initialized')
    const canary = stage.object(canaryKind, 'podinfo')
    const { finalizers = [] } = canary.metadata
    const leaving = { ...canary.metadata, deletionTimestamp: '2026-01-01T00:01:00Z', finalizers: ['orphan', ...finalizers] }
    stage.api.put({ ...canary, metadata: leaving })
    forgotten()
    await stage.pass(60)
  })

  it('gives its target back and then lets go', () => {
    expect(stage.replicas('podinfo')).toBe(2)
    expect(stage.object(canaryKind, 'podinfo').metadata.finalizers).toEqual(['orphan'])
  })

  it('leads the Service that stays to the target', () => expect(stage.selector('podinfo')).toEqual({ app: 'podinfo' }))

  it('owns nothing again', () =>
    expect(made.flatMap(kind => stage.api.storedAll(kind)).filter(({ metadata }) => metadata.ownerReferences?.length)).toEqual([]))
})
