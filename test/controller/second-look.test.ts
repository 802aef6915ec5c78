import { describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { NotSynced } from '../../src/controller/not-synced.ts'
import type { Scene } from '../../src/controller/scene.ts'
import { createSecondLook } from '../../src/controller/second-look.ts'
import type { ListPage } from '../../src/kube/kube-api.ts'
import { atWeight, initialized } from '../faults/on-stage.ts'
import { phases } from '../lifecycle/trail.ts'
import { aCanary } from '../support/builders.ts'
import { fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import type { Stage } from '../support/stage.ts'

/**
 * A cut that breaks no connection: nobody gets through, and the watches hear nothing, then and for a while after. Answers with what lets
 * requests through again.
 */
const cut = (stage: Stage): (() => void) => {
  for (const watch of stage.api.watches()) watch.mute()
  return stage.api.fault({ with: 'Unreachable', times: Number.POSITIVE_INFINITY })
}

/** The network was away for long enough that a request got no answer; the pods of the canary died meanwhile. */
const afterACut = async ({ broken }: { readonly broken: boolean }): Promise<Stage> => {
  const stage = await atWeight(20)
  const giveBack = cut(stage)
  if (broken) stage.state.broken.add('podinfo podinfo:v2')
  const failures = () => stage.io.log.messages().filter(message => message.includes('work failed, trying again')).length
  const before = failures()
  await stage.until(() => failures() > before, 60)
  giveBack()
  stage.api.forgetRequests()
  return stage
}

const listed = ({ api }: Stage): readonly string[] => api.requests.filter(({ verb }) => verb === 'list').map(({ kind }) => kind)

describe('caches that the network has left behind, without an election that would have them filled anew,', () => {
  it('take no step: what it rests on is read past them', async () => {
    const stage = await afterACut({ broken: true })
    await stage.untilRest('Failed')
    expect(phases(stage)).toEqual(['Progressing 20', 'Failed 0'])
  })

  it('roll nothing back whose pods came up while nobody could see them', async () => {
    const stage = await initialized()
    stage.state.broken.add('podinfo podinfo:v2')
    await stage.release('v2')
    await stage.until(() => stage.status.hold?.reason === 'CanaryNotReady')
    const giveBack = cut(stage)
    stage.state.broken.clear()
    await stage.pass(70)
    giveBack()
    await stage.until(() => stage.weights[1] === 20, 60)
    expect(phases(stage)).not.toContain('Failed 0')
  })

  it('are filled anew when they are found to be wrong', async () => {
    const stage = await afterACut({ broken: true })
    await stage.pass(40)
    expect(listed(stage).filter(kind => kind === 'Canary')).toHaveLength(1)
  })

  it('are trusted when nothing has changed: the step is taken, and nothing is listed anew', async () => {
    const stage = await afterACut({ broken: false })
    await stage.until(() => stage.weights[1] === 40, 40)
    expect(listed(stage)).not.toContain('Canary')
  })

  it('are not doubted while the server answers: nothing is read', async () => {
    const stage = await atWeight(20)
    stage.api.forgetRequests()
    await stage.until(() => stage.weights[1] === 40, 40)
    expect(listed(stage)).toEqual([])
  })
})

describe('a second look', () => {
  const target = (resourceVersion: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'test', name: 'podinfo', resourceVersion },
  })

  /** A decision on version 1 of the target, of which the cache hears version 2 while the server is asked. */
  const confirmWhileCachesCatchUp = () => {
    const shown = { version: '1' }
    const track = { kind: 'ready', message: '', readyPods: 1, servingPods: 1, wantedPods: 1 }
    const scene = {
      canary: aCanary(),
      workload: { kind: deploymentKind },
      router: { kinds: [] },
      live: { get: (_kind: unknown, { name }: { name: string }) => (name === 'podinfo' ? target(shown.version) : undefined) },
      canaryTrack: track,
      primaryTrack: track,
    } as unknown as Scene
    const list = (): Promise<ListPage> => {
      shown.version = '2'
      return Promise.resolve({ items: [target('2')], resourceVersion: '2', continue: '' })
    }
    const api = { ...fakeKubeApi(), list }
    return createSecondLook({ api, relist: () => Promise.resolve(), isInTouch: () => false }).confirm(scene, testIo())
  }

  it('confirms no decision that was made before the caches caught up', async () =>
    expect(confirmWhileCachesCatchUp()).rejects.toThrow(NotSynced))
})
