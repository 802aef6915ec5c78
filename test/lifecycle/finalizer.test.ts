import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind } from '../../src/api/kinds.ts'
import { createStage, type Stage } from '../support/stage.ts'
import type { TeamChange } from '../support/team.ts'
import { askToDelete, isGone, settledTeam, standing } from './what-stood-there.ts'

let stage: Stage
afterEach(() => stage.stop())

const initialized = async (change: TeamChange = {}): Promise<void> => {
  stage = await createStage({ objects: settledTeam(change) })
  await stage.untilRest('Initialized')
}

describe('the finalizer', () => {
  const finalizers = () => stage.object(canaryKind, 'podinfo').metadata.finalizers ?? []

  it('is there before anything is changed', async () => {
    await initialized()
    const writes = stage.api.requests.filter(({ verb, kind }) => ['apply', 'patch'].includes(verb) && kind !== 'Event')
    expect(writes.map(({ kind }) => kind).indexOf('Canary')).toBe(0)
    expect(finalizers()).toEqual(['finalizer.flagger.app'])
  })

  it.each(['Forbidden', 'ServerError'] as const)('that is refused with %s is tried again, and nothing is changed before', async code => {
    const objects = settledTeam()
    stage = await createStage({ objects: objects.filter(({ kind }) => kind !== 'Canary') })
    stage.api.fault({ verb: 'patch', kind: 'Canary', with: code, times: 3 })
    for (const canary of objects.filter(({ kind }) => kind === 'Canary')) stage.api.put(canary)
    await stage.calm()
    expect(stage.api.stored(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })).toBeUndefined()
    await stage.untilRest('Initialized')
    expect(finalizers()).toEqual(['finalizer.flagger.app'])
  })

  it('is put on and taken away with revertOnDeletion', async () => {
    await initialized({ spec: { revertOnDeletion: false } })
    expect(finalizers()).toEqual([])
    await stage.edit({ revertOnDeletion: true })
    expect(finalizers()).toEqual(['finalizer.flagger.app'])
    await stage.edit({ revertOnDeletion: false })
    expect(finalizers()).toEqual([])
  })

  it('leaves those of others where they are', async () => {
    await initialized({ spec: { revertOnDeletion: false } })
    const found = stage.object(canaryKind, 'podinfo')
    stage.api.put({ ...found, metadata: { ...found.metadata, finalizers: ['example.com/other'] } })
    await stage.edit({ revertOnDeletion: true })
    await stage.edit({ revertOnDeletion: false })
    expect(finalizers()).toEqual(['example.com/other'])
  })

  it('goes at once when revertOnDeletion is taken back during the deletion', async () => {
    await initialized()
    stage.state.broken.add('podinfo')
    await askToDelete(stage)
    await stage.edit({ revertOnDeletion: false })
    expect(isGone(stage)).toBe(true)
  })
})

describe('a Canary without revertOnDeletion', () => {
  it.each(['Initialized', 'Progressing.analysing', 'Succeeded'])('that is deleted in %s is gone at once', async state => {
    await initialized({ spec: { revertOnDeletion: false } })
    if (state !== 'Initialized') await stage.release('v2')
    await stage.until(() => (stage.status.state ?? stage.phase) === state)
    await askToDelete(stage)
    expect(isGone(stage)).toBe(true)
    expect(standing(stage)).toMatchObject({ primary: undefined, selector: { app: 'podinfo-primary' } })
  })
})
