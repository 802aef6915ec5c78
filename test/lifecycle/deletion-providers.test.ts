import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { asItWas, askToDelete, isGone, settledTeam, standing, stranded } from './what-stood-there.ts'

let stage: Stage
afterEach(() => stage.stop())

const deleted = async () => {
  await askToDelete(stage)
  await stage.until(() => isGone(stage))
}

describe('a Canary of the provider kubernetes that is deleted', () => {
  const plain = { spec: { provider: 'kubernetes' }, analysis: { iterations: 1, stepWeight: 0 } }

  const initialized = async () => {
    stage = await createStage({ objects: settledTeam(plain) })
    stage.monitor.allow('S3', 'S20') // before and after its Canary, the Service leads to the target, with nothing recorded
    await stage.untilRest('Initialized')
  }

  it.each(['Initialized', 'Progressing.analysing', 'Succeeded'])('in %s gives the Service back', async state => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => state === 'Initialized' || (stage.status.state ?? stage.phase) === state)
    await deleted()
    expect(standing(stage)).toEqual(asItWas)
    expect(stranded(stage.api)).toEqual([])
  })

  it('after a failed promotion leaves the Service where it is: with the target', async () => {
    await initialized()
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.untilRest('Failed')
    expect(stage.selector('podinfo')).toEqual({ app: 'podinfo' })
    await deleted()
    expect(standing(stage)).toEqual(asItWas)
  })
})

describe('a Canary of the provider istio that is deleted', () => {
  const kind = { apiVersion: 'networking.istio.io/v1beta1', kind: 'VirtualService', plural: 'virtualservices', namespaced: true }
  const route: KubeObject = {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: { hosts: ['podinfo'], http: [{ route: [{ destination: { host: 'podinfo' } }], timeout: '5s' }] },
  }

  it('in mid-run gives the VirtualService back', async () => {
    stage = await createStage({ objects: [...settledTeam({ spec: { provider: 'istio' } }), route] })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.status.canaryWeight === 20)
    await deleted()
    expect(standing(stage)).toEqual(asItWas)
    expect(stage.object(kind, 'podinfo')['spec']).toEqual(route['spec'])
  })
})

describe('a Canary that made Service and route itself', () => {
  it('takes them along, without making anybody wait', async () => {
    stage = await createStage({ objects: team({ spec: { revertOnDeletion: true } }) })
    await stage.untilRest('Initialized')
    await deleted()
    expect(standing(stage)).toMatchObject({ selector: undefined, rules: undefined, replicas: 2, primary: undefined })
    expect(stage.api.storedAll(canaryKind)).toEqual([])
  })
})
