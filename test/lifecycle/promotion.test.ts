import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, controllerRevisionKind, deploymentKind } from '../../src/api/kinds.ts'
import { createStage, httpRouteKind, type Stage, type StageOptions, team } from '../support/stage.ts'
import { alerts, phases } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const initialized = async (options: StageOptions = {}): Promise<void> => {
  stage = await createStage(options)
  await stage.untilRest('Initialized')
}

const idOf = (name: string): unknown => {
  const { template } = stage.object(deploymentKind, name)['spec'] as { template: { metadata: { annotations?: Fields } } }
  return template.metadata.annotations?.['flagger-id']
}

const brokenPromotion = async (options: StageOptions = {}): Promise<void> => {
  await initialized(options)
  stage.state.broken.add('podinfo-primary podinfo:v2')
  await stage.release('v2')
}

const theirPods = { containers: [{ name: 'theirs', image: 'theirs:v1' }] }

describe('a promotion', () => {
  const pod = { volumes: [{ name: 'conf', configMap: { name: 'podinfo-conf' } }] }
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'podinfo-conf', namespace: 'test' }, data: { color: 'red' } }

  it('gives the primary image, configuration and id of the canary', async () => {
    await initialized({ objects: [...team({ pod }), config] })
    const before = idOf('podinfo-primary')
    await stage.configure('podinfo-conf', { color: 'blue' })
    await stage.release('v2', pod)
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
    expect(stage.config('podinfo-conf-primary')).toEqual({ color: 'blue' })
    expect(idOf('podinfo-primary')).not.toBe(before)
  })

  it('of configuration alone restarts the primary', async () => {
    await initialized({ objects: [...team({ pod }), config] })
    const before = idOf('podinfo-primary')
    await stage.configure('podinfo-conf', { color: 'blue' })
    await stage.untilRest('Succeeded')
    expect([stage.config('podinfo-conf-primary'), idOf('podinfo-primary') === before]).toEqual([{ color: 'blue' }, false])
  })

  it('leaves everybody with the canary until the primary is ready with the new revision', async () => {
    await brokenPromotion()
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    await stage.pass(30)
    expect([stage.phase, ...stage.weights]).toEqual(['Promoting', 0, 100])
    stage.state.broken.clear()
    await stage.untilRest('Succeeded')
  })

  it('leaves the shares as they are while the old pods of the primary serve on', async () => {
    stage = await createStage()
    await stage.untilRest('Initialized')
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    await stage.pass(30)
    expect([stage.phase, ...stage.weights]).toEqual(['Promoting', 60, 40])
    stage.state.rolling.clear()
    await stage.untilRest('Succeeded')
  })

  it('goes on where the route was set to all for the primary behind its back', async () => {
    await brokenPromotion({ objects: team({ analysis: { stepWeightPromotion: 10 } }) })
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.state.broken.clear()
    const route = stage.object(httpRouteKind, 'podinfo')
    const text = JSON.stringify(route['spec']).replace('"weight":60', '"weight":100').replace('"weight":40', '"weight":0')
    stage.api.put({ ...route, spec: JSON.parse(text) })
    await stage.untilRest('Succeeded')
  })

  it.each(['Promoting.sizing', 'Promoting.shifting', 'Finalising.draining'])(
    'leaves what is released in %s for the next run',
    async state => {
      await brokenPromotion({ objects: team({ analysis: { stepWeightPromotion: 10 } }) })
      await stage.until(() => stage.status.state === 'Promoting.sizing')
      if (state !== 'Promoting.sizing') stage.state.broken.clear()
      await stage.until(() => stage.status.state === state)
      await stage.release('v3')
      stage.state.broken.clear()
      await stage.until(() => stage.phase === 'Finalising')
      expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
      await stage.until(() => stage.image('podinfo-primary') === 'podinfo:v3')
      await stage.untilRest('Succeeded')
    },
  )

  it('gives a newer revision that nobody analysed no share back', async () => {
    await initialized()
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    stage.state.broken.add('podinfo podinfo:v3')
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    await stage.release('v3')
    expect(stage.weights).toEqual([100, 0])
    stage.state.broken.clear()
    await stage.pass(20)
    expect([stage.phase, ...stage.weights]).toEqual(['Promoting', 100, 0])
    stage.state.rolling.clear()
    await stage.until(() => stage.image('podinfo-primary') === 'podinfo:v3')
    await stage.untilRest('Succeeded')
  })

  it('does not end while neither the target nor the primary is left', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Finalising.draining')
    for (const { metadata } of stage.api.storedAll(controllerRevisionKind))
      stage.api.drop(controllerRevisionKind, { namespace: 'test', name: metadata.name })
    for (const name of ['podinfo', 'podinfo-primary']) stage.api.drop(deploymentKind, { namespace: 'test', name })
    await stage.pass(20)
    expect([stage.status.state, stage.status.hold?.reason]).toEqual(['Finalising.draining', 'TargetMissing'])
  })

  it('writes over no primary that somebody made in the place of ours while nobody looked', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    const { metadata: _, ...primary } = stage.object(deploymentKind, 'podinfo-primary')
    const spec = { ...(primary['spec'] as Fields), template: { metadata: { labels: { app: 'podinfo-primary' } }, spec: theirPods } }
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    stage.api.put({ ...primary, metadata: { name: 'podinfo-primary', namespace: 'test', generation: 1 }, spec })
    await stage.restart()
    await stage.pass(20)
    expect([stage.image('podinfo-primary'), stage.status.hold?.reason]).toEqual(['theirs:v1', 'ForeignObject'])
  })

  it('is not stopped by a canary that breaks once its template is copied', async () => {
    await brokenPromotion()
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.state.broken.clear()
    stage.state.broken.add('podinfo')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

describe('a promotion that fails', () => {
  it('leaves all traffic with the canary, which keeps its pods, and says so', async () => {
    await brokenPromotion()
    await stage.untilRest('Failed')
    expect([stage.status.canaryWeight, ...stage.weights, stage.replicas('podinfo')]).toEqual([100, 0, 100, 2])
    expect(stage.condition('Promoted')).toMatchObject({
      status: 'False',
      message: 'Promotion failed, Deployment podinfo serves all traffic.',
    })
    expect(alerts(stage).at(-1)).toMatch(/^error: Promotion failed, primary not ready: /)
  })

  it('does so while the canary is drained too', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Finalising.draining')
    stage.state.broken.add('podinfo-primary')
    const found = stage.object(deploymentKind, 'podinfo-primary')
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }]
    stage.api.put({ ...found, status: { ...(found['status'] as Fields), availableReplicas: 0, readyReplicas: 0, conditions } })
    await stage.until(() => stage.phase === 'Failed')
    await stage.untilRest('Failed')
    expect([stage.status.canaryWeight, ...stage.weights, stage.replicas('podinfo')]).toEqual([100, 0, 100, 2])
  })

  it('is followed by a fix that never goes to the broken primary', async () => {
    await brokenPromotion()
    await stage.untilRest('Failed')
    await stage.release('v3')
    await stage.until(() => stage.phase === 'Progressing')
    expect([...stage.weights, stage.replicas('podinfo')]).toEqual([0, 100, 2])
    await stage.untilRest('Succeeded')
    expect([...stage.weights, stage.image('podinfo-primary')]).toEqual([100, 0, 'podinfo:v3'])
  })

  it('is undone by the old version too, which the primary does not run any more', async () => {
    await brokenPromotion()
    await stage.untilRest('Failed')
    await stage.release('v1')
    await stage.untilRest('Succeeded')
    expect([...stage.weights, stage.image('podinfo-primary'), stage.replicas('podinfo')]).toEqual([100, 0, 'podinfo:v1', 0])
  })

  it('is not helped by a primary that comes up late: a new revision decides', async () => {
    await brokenPromotion()
    await stage.untilRest('Failed')
    stage.state.broken.clear()
    await stage.pass(30)
    expect([stage.phase, ...stage.weights]).toEqual(['Failed', 0, 100])
  })

  it('turns the Service to the target where nothing else can move traffic', async () => {
    await brokenPromotion({ objects: team({ spec: { provider: 'kubernetes' }, analysis: { iterations: 1, stepWeight: 0 } }) })
    await stage.untilRest('Failed')
    expect([stage.selector('podinfo'), stage.replicas('podinfo')]).toEqual([{ app: 'podinfo' }, 2])
  })
})

describe('a run whose analysis is skipped', () => {
  it('is promoted as soon as the target is ready', async () => {
    await initialized({ objects: team({ spec: { skipAnalysis: true } }) })
    stage.state.broken.add('podinfo podinfo:v2')
    await stage.release('v2')
    await stage.pass(20)
    expect(stage.phase).toBe('Progressing')
    stage.state.broken.clear()
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('keeps the target until the primary is ready', async () => {
    await brokenPromotion({ objects: team({ spec: { skipAnalysis: true } }) })
    await stage.pass(20)
    expect([stage.phase, stage.replicas('podinfo')]).toEqual(['Promoting', 2])
  })

  it('is rolled back when the target misses its deadline, and the primary keeps its version', async () => {
    await initialized({ objects: team({ spec: { skipAnalysis: true } }) })
    stage.state.broken.add('podinfo podinfo:v9')
    await stage.release('v9')
    await stage.untilRest('Failed')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('may be so from its middle on', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.edit({ skipAnalysis: true })
    await stage.untilRest('Succeeded')
    expect(phases(stage).filter(text => text.startsWith('Progressing'))).toEqual(['Progressing 0', 'Progressing 20'])
  })
})

describe('what kubectl wait is told', () => {
  it('follows the phase', async () => {
    await initialized()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    const seen = stage.api.requests
      .filter(({ verb, kind }) => verb === 'updateStatus' && kind === canaryKind.kind)
      .flatMap(({ body }) => (body as { status: { conditions: { type: string; status: string; reason: string }[] } }).status.conditions)
      .filter(({ type }) => type === 'Promoted')
      .map(({ status, reason }) => `${reason}=${status}`)
    expect([...new Set(seen)]).toEqual([
      'Initializing=Unknown',
      'Initialized=True',
      'Progressing=Unknown',
      'Promoting=Unknown',
      'Finalising=Unknown',
      'Succeeded=True',
    ])
  })
})
