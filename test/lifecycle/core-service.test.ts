import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canaryKind, serviceKind } from '../../src/api/kinds.ts'
import { sick } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { coreService } from '../support/team.ts'
import { phases } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const initialized = async (analysis: Fields = {}, spec: Fields = {}): Promise<void> => {
  stage = await createStage({ objects: team({ kind: 'Service', analysis, spec }) })
  await stage.untilRest('Initialized')
  stage.api.forgetRequests()
}

const release = async (version: string): Promise<void> => {
  const found = stage.object(serviceKind, 'podinfo')
  const spec = found['spec'] as Fields
  stage.api.put({ ...found, spec: { ...spec, ...{ selector: { app: 'podinfo', version } } } })
  await stage.calm()
}

const versionOf = (name: string): unknown => stage.selector(name)['version']
const writes = (name: string): number =>
  stage.api.requests.filter(({ verb, kind, key }) => kind === 'Service' && key.name === name && verb !== 'watch' && verb !== 'list').length

describe('a core Service that gets a Canary', () => {
  it('is initialized without waiting for anything but the route', async () => {
    stage = await createStage({ objects: team({ kind: 'Service' }) })
    expect(stage.phase).toBe('Initialized')
  })

  it('is copied to the Services of both tracks, and left alone itself', async () => {
    await initialized()
    expect([versionOf('podinfo-primary'), versionOf('podinfo-canary'), stage.object(serviceKind, 'podinfo')['spec']]).toEqual([
      'v1',
      'v1',
      coreService('v1')['spec'],
    ])
  })

  it('gives its address to no copy', async () => {
    await initialized()
    expect(stage.object(serviceKind, 'podinfo-primary')['spec']).not.toHaveProperty('clusterIP')
  })

  it('costs no write while nothing changes', async () => {
    await initialized()
    await stage.pass(60)
    expect(['podinfo', 'podinfo-primary', 'podinfo-canary'].map(writes)).toEqual([0, 0, 0])
  })

  it('leaves a Service of somebody that has the name of a track alone, however often it looks', async () => {
    const [target, canary] = team({ kind: 'Service' })
    const theirs = { ...coreService('v9'), metadata: { name: 'podinfo-primary', namespace: 'test' } }
    stage = await createStage({ objects: [target, canary, theirs] })
    await stage.pass(5)
    await stage.restart()
    await stage.pass(30)
    expect([versionOf('podinfo-primary'), stage.status.hold?.reason]).toEqual(['v9', 'ForeignObject'])
  })

  it('needs a layer that routes', async () => {
    const [target, canary] = team({ kind: 'Service', spec: { provider: 'kubernetes' } })
    stage = await createStage({ objects: [target, canary] })
    await stage.until(() => stage.condition('Ready') !== undefined)
    expect(stage.condition('Ready')).toMatchObject({ status: 'False', reason: 'InvalidSpec' })
  })
})

describe('a release of a core Service', () => {
  it.each([
    ['steps of 20 up to 50', { stepWeight: 20, maxWeight: 50 }, [0, 20, 40, 50]],
    ['steps of 50 up to 100', { stepWeight: 50, maxWeight: 100 }, [0, 50, 100]],
    ['a ladder', { stepWeight: undefined, maxWeight: undefined, stepWeights: [1, 2, 10, 80] }, [0, 1, 2, 10, 80]],
    ['a ladder beyond 100', { stepWeight: undefined, maxWeight: undefined, stepWeights: [1, 2, 10, 200] }, [0, 1, 2, 10, 100]],
  ] as const)('takes %s', async (_what, analysis, expected) => {
    await initialized(analysis)
    await release('v2')
    await stage.untilRest('Succeeded')
    expect(phases(stage)).toEqual([
      ...expected.map(weight => `Progressing ${weight}`),
      `Promoting ${expected.at(-1)}`,
      'Promoting 0',
      'Finalising 0',
      'Succeeded 0',
    ])
  })

  it('reaches the Service of the canary first, and that of the primary with the promotion', async () => {
    await initialized()
    await release('v2')
    await stage.until(() => stage.weights[1] === 20)
    expect([versionOf('podinfo-canary'), versionOf('podinfo-primary')]).toEqual(['v2', 'v1'])
    await stage.untilRest('Succeeded')
    expect(versionOf('podinfo-primary')).toBe('v2')
  })

  it('leaves the primary with its owner', async () => {
    await initialized()
    await release('v2')
    await stage.untilRest('Succeeded')
    expect(stage.object(serviceKind, 'podinfo-primary').metadata.ownerReferences).toMatchObject([{ kind: 'Canary', name: 'podinfo' }])
  })

  it('writes the Service of the canary once', async () => {
    await initialized()
    await release('v2')
    await stage.untilRest('Succeeded')
    expect(writes('podinfo-canary')).toBe(1)
  })

  it('that is bad leaves the primary as it was', async () => {
    await initialized()
    stage.state.measurements = sick.measurements
    await release('v2')
    await stage.untilRest('Failed')
    expect([stage.weights, versionOf('podinfo-primary')]).toEqual([[100, 0], 'v1'])
  })

  it('changes the ports of the primary too', async () => {
    await initialized()
    const found = stage.object(serviceKind, 'podinfo')
    const ports = [{ name: 'http', port: 9999, targetPort: 9898, protocol: 'TCP' }]
    stage.api.put({ ...found, spec: { ...(found['spec'] as Fields), ports } } as typeof found)
    await stage.untilRest('Succeeded')
    expect((stage.object(serviceKind, 'podinfo-primary')['spec'] as Fields)['ports']).toEqual(ports)
  })
})

describe('what is pushed to a core Service in mid-run', () => {
  beforeEach(async () => {
    await initialized()
    await release('v2')
    await stage.until(() => stage.weights[1] === 20)
  })

  it('gets none of the requests that went to the revision before it', async () => {
    stage.state.acceptRoutes = false
    await release('v3')
    await stage.pass(10)
    expect([stage.status.state, stage.weights, versionOf('podinfo-canary')]).toEqual(['Progressing.scaling', [100, 0], 'v2'])
    stage.state.acceptRoutes = true
    await stage.untilRest('Succeeded')
    expect([versionOf('podinfo-canary'), versionOf('podinfo-primary')]).toEqual(['v3', 'v3'])
  })

  it('takes the place of nothing that serves while that is promoted', async () => {
    stage.state.endpoints = { 'podinfo-primary': 'late' }
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    await release('v3')
    await stage.pass(10)
    expect([stage.status.state, versionOf('podinfo-canary')]).toEqual(['Promoting.sizing', 'v2'])
    stage.state.endpoints = {}
    await stage.until(() => stage.status.analysed?.hash !== stage.status.promoted?.hash)
    await stage.untilRest('Succeeded')
    expect(versionOf('podinfo-primary')).toBe('v3')
  })

  it('is not led to where the target is gone', async () => {
    stage.state.endpoints = { 'podinfo-primary': 'late' }
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.api.drop(serviceKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(10)
    expect([versionOf('podinfo-canary'), versionOf('podinfo-primary')]).toEqual(['v2', 'v2'])
  })
})

describe('a core Service without pods', () => {
  it('gets no share of the requests, and ends with the deadline', async () => {
    await initialized()
    stage.state.broken.add('version v2')
    await release('v2')
    await stage.pass(30)
    expect([stage.phase, stage.weights]).toEqual(['Progressing', [100, 0]])
    await stage.untilRest('Failed')
    expect(stage.status.failure?.reason).toBe('ProgressDeadlineExceeded')
  })

  it('gets no more of them once it lost its pods in mid-run', async () => {
    await initialized()
    await release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.broken.add('version v2')
    await stage.pass(1)
    expect(stage.weights).toEqual([100, 0])
    stage.state.broken.clear()
    await stage.untilRest('Succeeded')
  })

  it('is not initialized', async () => {
    stage = await createStage({ objects: [] })
    stage.state.broken.add('version v1')
    for (const object of team({ kind: 'Service' })) stage.api.put(object)
    await stage.pass(30)
    expect([stage.phase, stage.weights]).toEqual(['Initializing', [0, 0]])
    stage.state.broken.clear()
    await stage.untilRest('Initialized')
  })
})

describe('a core Service whose endpoints follow late', () => {
  it('gets its first requests when they do', async () => {
    await initialized()
    stage.state.endpoints = { 'podinfo-canary': 'late' }
    await release('v2')
    await stage.pass(30)
    expect([stage.phase, stage.weights, stage.status.hold?.message]).toEqual([
      'Progressing',
      [100, 0],
      'canary service podinfo.test not ready: the endpoints of service podinfo-canary do not follow its selector yet',
    ])
    stage.state.endpoints = {}
    await stage.untilRest('Succeeded')
  })

  it('gives nothing back to a primary whose pods are still those of the revision before', async () => {
    await initialized()
    await release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.endpoints = { 'podinfo-primary': 'late' }
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    await stage.pass(30)
    expect([stage.status.state, stage.weights[1]]).toEqual(['Promoting.sizing', stage.status.canaryWeight])
    stage.state.endpoints = {}
    await stage.untilRest('Succeeded')
  })

  it('goes on serving from the canary when no pod ever stands behind the primary', async () => {
    await initialized()
    await release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.endpoints = { 'podinfo-primary': 'none' }
    await stage.untilRest('Failed')
    expect([stage.weights, versionOf('podinfo-canary')]).toEqual([[0, 100], 'v2'])
  })
})

describe('a primary Service that lost its pods', () => {
  beforeEach(async () => {
    await initialized()
    stage.state.broken.add('version v1')
    await stage.pass(30)
    await release('v2')
  })

  it('does not hold up the release that mends that', async () => {
    await stage.untilRest('Succeeded')
    expect(versionOf('podinfo-primary')).toBe('v2')
  })

  it('leaves all requests to the canary as soon as that gets some', async () => {
    await stage.until(() => stage.status.state === 'Progressing.analysing')
    await stage.pass(1)
    expect(stage.weights).toEqual([0, 100])
  })
})

describe('the tracks of a core Service', () => {
  it('are named after the Service that routes lead to', async () => {
    const service = { name: 'shop', port: 9898, gatewayRefs: [{ name: 'gateway', namespace: 'test' }] }
    stage = await createStage({ objects: team({ kind: 'Service', spec: { service } }) })
    await stage.until(() => stage.phase === 'Initialized')
    expect([versionOf('shop-primary'), versionOf('shop-canary')]).toEqual(['v1', 'v1'])
  })

  it('that are lost are made anew, the primary from what was promoted', async () => {
    await initialized()
    stage.state.measurements = sick.measurements
    await release('v2')
    await stage.untilRest('Failed')
    stage.api.drop(serviceKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.pass(5)
    expect(versionOf('podinfo-primary')).toBe('v1')
  })

  it.each(['podinfo-primary', 'podinfo-canary'])('are left alone where somebody made %s anew in mid-run, until it goes', async name => {
    await initialized()
    await release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.api.drop(serviceKind, { namespace: 'test', name })
    stage.api.put({
      ...coreService('v1'),
      metadata: { name, namespace: 'test' },
      spec: { selector: { app: 'theirs' }, ports: [{ port: 80 }] },
    })
    await stage.pass(20)
    expect([stage.selector(name), stage.status.hold?.reason]).toEqual([{ app: 'theirs' }, 'ForeignObject'])
    stage.api.drop(serviceKind, { namespace: 'test', name })
    await stage.untilRest('Succeeded')
    expect(versionOf('podinfo-primary')).toBe('v2')
  })

  it('go with the Canary, and the Service of the user stays', async () => {
    await initialized({}, { revertOnDeletion: true })
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(60)
    const names = stage.api.storedAll(serviceKind).map(({ metadata }) => metadata.name)
    expect(names).toEqual(['podinfo'])
  })
})
