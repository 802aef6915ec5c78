import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, configMapKind, deploymentKind, eventKind, horizontalPodAutoscalerKind, serviceKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { type CanaryStatus, readStatus } from '../../src/api/status.ts'
import { observed, observedObject } from '../support/observed.ts'
import type { Decide } from '../support/plug.ts'
import { createStage, httpRouteKind, type Stage } from '../support/stage.ts'
import { asked } from './trail.ts'

/*
 * Canaries that a controller of the field really managed, as it left them in each phase, on a cluster where Serin starts.
 */

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const specOf = (object: KubeObject): Fields => object['spec'] as Fields
const found = (kind: KindRef, name: string): KubeObject => stage.object(kind, name, 'demo')
const status = (): CanaryStatus => readStatus(found(canaryKind, 'app')['status'])
const pods = (name: string) => specOf(found(deploymentKind, name))['template']
const ready = (name: string): number => Number((found(deploymentKind, name)['status'] as Fields)['availableReplicas'])
const imageOf = (name: string): string =>
  (pods(name) as { readonly spec: { readonly containers: readonly { readonly image: string }[] } }).spec.containers[0]?.image ?? ''
const messages = (): readonly string[] => stage.api.storedAll(eventKind).map(event => String(event['message']))
const weights = (): readonly unknown[] => {
  const { rules } = specOf(found(httpRouteKind, 'app')) as { readonly rules: { readonly backendRefs: readonly Fields[] }[] }
  return (rules[0]?.backendRefs ?? []).map(({ weight }) => weight ?? 1)
}

/** Pods that were ready when their controller stopped are ready when ours starts. */
const running = (deployment: KubeObject): KubeObject => {
  const generation = deployment.metadata.generation ?? 1
  const { replicas = 1 } = specOf(deployment) as { readonly replicas?: number }
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas }
  return { ...deployment, status: { observedGeneration: generation, conditions: [], ...counts } }
}

const sizedAs = (deployment: KubeObject, replicas: number): KubeObject => ({
  ...deployment,
  spec: { ...specOf(deployment), replicas },
})

interface Left {
  /** The step at which its Canary, route and Services stand. */
  readonly step: string
  /** The one at which its Deployments do. */
  readonly deployments?: string
  readonly status?: Partial<CanaryStatus>
  readonly change?: (object: KubeObject) => KubeObject
}

const configuration = ['1-initialized-configmaps', '1-initialized-secrets']

/** What a controller of the field left in the cluster. */
const leftBy = ({ step, deployments = step, status: changed = {}, change = object => object }: Left): readonly KubeObject[] => {
  const canary = observedObject(`${step}-canaries`, 'app')
  const old = canary['status'] as Fields
  return [
    { ...canary, metadata: { ...canary.metadata, uid: 'UID', finalizers: ['finalizer.flagger.app'] }, status: { ...old, ...changed } },
    ...observed(`${step}-services`),
    ...observed(`${step}-httproutes`),
    ...configuration.flatMap(observed),
    ...observed('1-initialized-hpa'),
    ...observed(`${deployments}-deployments`).map(running),
  ].map(change)
}

/** The lowest number of ready pods of a Deployment at any moment so far. */
const watchReady = () => {
  const lowest: Record<string, number> = {}
  return {
    look: () => {
      for (const name of ['app', 'app-primary']) lowest[name] = Math.min(lowest[name] ?? Number.POSITIVE_INFINITY, ready(name))
    },
    lowest,
  }
}

const takeOver = async (left: Left) => {
  const objects = leftBy(left)
  stage = await createStage({ objects, look: { includeLabelPrefix: [] } })
  const before = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'app-primary') as KubeObject
  return { objects, podsBefore: specOf(before)['template'] }
}

/** Bodies of what we applied to an object, in order. */
const applied = (kind: string, name: string): readonly KubeObject[] =>
  stage.api.requests
    .filter(({ verb, kind: written, key }) => verb === 'apply' && written === kind && key.name === name)
    .map(({ body }) => body as KubeObject)

const recordedFirst = (): CanaryStatus => {
  const first = stage.api.requests.find(({ verb }) => verb === 'updateStatus')
  return readStatus((first?.body as KubeObject | undefined)?.['status'])
}

const ours = /^s1-[0-9a-f]{20}$/

describe.each([
  { phase: 'Initialized', step: '1-initialized', image: 'example/app:v1' },
  { phase: 'Succeeded', step: '4-succeeded', image: 'example/app:v2' },
] as const)('a Canary that was left in $phase', ({ phase, step, image }) => {
  it('is taken over without a new rollout', async () => {
    await takeOver({ step })
    await stage.pass(40)
    expect([status().phase, imageOf('app-primary'), weights(), status().failedChecks]).toEqual([phase, image, [100, 0], 0])
    expect(asked(stage)).toEqual([])
  })

  it('has our hashes in the place of theirs', async () => {
    await takeOver({ step })
    const { lastAppliedSpec, lastPromotedSpec, analysed, promoted } = status()
    expect(lastAppliedSpec).toMatch(ours)
    expect([lastPromotedSpec, analysed?.hash, promoted?.hash]).toEqual([lastAppliedSpec, lastAppliedSpec, lastAppliedSpec])
  })

  it('keeps the pods of its primary', async () => {
    const { podsBefore } = await takeOver({ step })
    await stage.pass(30)
    expect(pods('app-primary')).toEqual(podsBefore)
  })

  it('says nothing about it', async () => {
    await takeOver({ step })
    await stage.pass(30)
    expect([messages(), stage.sent]).toEqual([[], []])
  })

  it('keeps its finalizer, its Services and its scalers as they are', async () => {
    const { objects } = await takeOver({ step, change: withRevert })
    await stage.pass(30)
    const kept = (kind: KindRef) =>
      objects.filter(object => object.kind === kind.kind).every(one => same(specOf(one), specOf(found(kind, one.metadata.name))))
    expect([kept(serviceKind), kept(horizontalPodAutoscalerKind), kept(httpRouteKind)]).toEqual([true, true, true])
    expect(found(canaryKind, 'app').metadata.finalizers).toEqual(['finalizer.flagger.app'])
  })

  it('writes nothing any more once it is taken over', async () => {
    await takeOver({ step })
    await stage.pass(30)
    stage.api.forgetRequests()
    await stage.pass(40)
    expect(stage.api.requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))).toEqual([])
  })

  it('releases the next revision from there', async () => {
    await takeOver({ step })
    await change('app', 'example/app:v9')
    await stage.pass(90)
    expect([status().phase, imageOf('app-primary')]).toEqual(['Succeeded', 'example/app:v9'])
  })

  it('releases what the target got while no controller ran', async () => {
    await takeOver({ step, change: object => (isTarget(object) ? withImage(object, 'example/app:v9') : object) })
    expect(status().phase).toBe('Progressing')
    await stage.pass(90)
    expect([status().phase, imageOf('app-primary')]).toEqual(['Succeeded', 'example/app:v9'])
  })
})

const same = (a: Fields, b: Fields): boolean => {
  expect(b).toEqual(a)
  return true
}

const withRevert = (object: KubeObject): KubeObject =>
  object.kind === 'Canary' ? { ...object, spec: { ...specOf(object), revertOnDeletion: true } } : object

const isTarget = ({ kind, metadata }: KubeObject): boolean => kind === 'Deployment' && metadata.name === 'app'

const withImage = (deployment: KubeObject, image: string): KubeObject => {
  const { template, ...spec } = specOf(deployment) as { readonly template: { readonly spec: { readonly containers: readonly Fields[] } } }
  const containers = template.spec.containers.map(container => ({ ...container, image }))
  const { generation = 1 } = deployment.metadata
  return {
    ...deployment,
    metadata: { ...deployment.metadata, generation: generation + 1 },
    spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } },
  }
}

const change = async (name: string, image: string): Promise<void> => {
  stage.api.put(withImage(found(deploymentKind, name), image))
  await stage.calm()
}

describe('a Canary that was left in Failed', () => {
  it('stays failed, with the rejected revision as what was judged last', async () => {
    const { podsBefore } = await takeOver({ step: '5-failed' })
    await stage.pass(40)
    const { phase, analysed, promoted, lastAppliedSpec, lastPromotedSpec } = status()
    expect([phase, lastAppliedSpec, lastPromotedSpec]).toEqual(['Failed', analysed?.hash, promoted?.hash])
    expect(lastAppliedSpec).not.toBe(lastPromotedSpec)
    expect([pods('app-primary'), specOf(found(deploymentKind, 'app'))['replicas']]).toEqual([podsBefore, 0])
  })

  it('knows the promoted revision again when the target goes back to it', async () => {
    await takeOver({ step: '5-failed' })
    await change('app', 'example/app:v2')
    await stage.pass(30)
    expect([status().phase, messages()]).toEqual(['Failed', []])
  })

  it('rebuilds its primary from what that was', async () => {
    const { podsBefore } = await takeOver({ step: '5-failed' })
    stage.api.drop(deploymentKind, { namespace: 'demo', name: 'app-primary' })
    await stage.pass(30)
    expect(imageOf('app-primary')).toBe('example/app:v2')
    expect((pods('app-primary') as Fields)['spec']).toEqual((podsBefore as Fields)['spec'])
  })

  it('goes on with the canary where a promotion failed', async () => {
    await takeOver({
      step: '5-failed',
      deployments: '4-succeeded',
      status: { canaryWeight: 100 },
      change: object => (isTarget(object) ? running(sizedAs(object, 2)) : object.kind === 'HTTPRoute' ? routed(object, 100) : object),
    })
    stage.state.broken.add('app-primary')
    await stage.pass(30)
    expect([weights(), specOf(found(deploymentKind, 'app'))['replicas'], status().servingFrom]).toEqual([[0, 100], 2, 'canary'])
  })
})

/** The route with this share for the canary. */
const routed = (route: KubeObject, canary: number): KubeObject => {
  const { rules, ...spec } = specOf(route) as { readonly rules: readonly { readonly backendRefs: readonly Fields[] }[] }
  const weightsOf = (refs: readonly Fields[]) =>
    refs.map(ref => ({ ...ref, weight: String(ref['name']).endsWith('-canary') ? canary : 100 - canary }))
  return { ...route, spec: { ...spec, rules: rules.map(rule => ({ ...rule, backendRefs: weightsOf(rule.backendRefs) })) } }
}

/** Both tracks at work: what the field shows in mid-run. */
const inRun = (object: KubeObject): KubeObject => (isTarget(object) ? running(sizedAs(object, 2)) : object)
const runOf = (image: string) => (object: KubeObject) => (isTarget(object) ? withImage(inRun(object), image) : object)

describe.each(['Progressing', 'WaitingPromotion'] as const)('a Canary that was left in %s', phase => {
  it('has its analysis begin anew, once', async () => {
    await takeOver({ step: '2-at-20', deployments: '1-initialized', status: { phase, failedChecks: 1 }, change: runOf('example/app:v2') })
    const { phase: first, canaryWeight, failedChecks } = recordedFirst()
    expect([first, canaryWeight, failedChecks]).toEqual(['Progressing', 0, 0])
    expect(applied('HTTPRoute', 'app').map(specOf)[0]).toMatchObject({ rules: [{ backendRefs: [{ weight: 100 }, { weight: 0 }] }] })
    await stage.pass(90)
    expect([status().phase, imageOf('app-primary')]).toEqual(['Succeeded', 'example/app:v2'])
    expect(messages().filter(message => message.startsWith('Restarting analysis'))).toHaveLength(1)
  })

  it('keeps the pods of its primary until the promotion', async () => {
    const { podsBefore } = await takeOver({
      step: '2-at-20',
      deployments: '1-initialized',
      status: { phase },
      change: runOf('example/app:v2'),
    })
    const watch = watchReady()
    for (let second = 0; second < 15; second += 1) {
      await stage.pass(1)
      watch.look()
    }
    expect([pods('app-primary'), watch.lowest['app-primary'], watch.lowest['app']]).toEqual([podsBefore, 2, 2])
  })

  it('ends where the target went back to what is promoted', async () => {
    await takeOver({ step: '2-at-20', deployments: '1-initialized', status: { phase }, change: inRun })
    await stage.pass(30)
    expect([status().phase, weights(), specOf(found(deploymentKind, 'app'))['replicas']]).toEqual(['Succeeded', [100, 0], 0])
  })
})

describe('a Canary that was left in Waiting', () => {
  it('waits for its gate', async () => {
    await takeOver({
      step: '1-initialized',
      status: { phase: 'Waiting' },
      change: object => (isTarget(object) ? withImage(object, 'example/app:v2') : object),
    })
    await stage.pass(1)
    expect(asked(stage)[0]).toBe('confirm Waiting')
    await stage.pass(90)
    expect([status().phase, imageOf('app-primary')]).toEqual(['Succeeded', 'example/app:v2'])
  })
})

describe.each([
  { phase: 'Promoting', step: '3-promoting' },
  { phase: 'Finalising', step: '4-succeeded' },
] as const)('a Canary that was left in $phase', ({ phase, step }) => {
  const left: Left = {
    step,
    deployments: '3-promoting',
    status: { phase, lastPromotedSpec: 'c98c9f58' },
    change: inRun,
  }

  it('goes on to the end', async () => {
    await takeOver(left)
    await stage.pass(30)
    expect([status().phase, weights(), specOf(found(deploymentKind, 'app'))['replicas']]).toEqual(['Succeeded', [100, 0], 0])
    expect([status().lastPromotedSpec, status().promoted?.hash]).toEqual([status().lastAppliedSpec, status().lastAppliedSpec])
  })

  it('keeps the pods of its primary', async () => {
    const { podsBefore } = await takeOver(left)
    const watch = watchReady()
    for (let second = 0; second < 30; second += 1) {
      await stage.pass(1)
      watch.look()
    }
    expect([pods('app-primary'), watch.lowest['app-primary']]).toEqual([podsBefore, 2])
  })

  it('promotes nothing that nobody analysed', async () => {
    await takeOver({ ...left, change: object => (isTarget(object) ? withImage(inRun(object), 'example/app:v9') : object) })
    stage.state.hooks = { confirm: { name: 'confirm', type: 'confirm-rollout', ok: false, message: 'not yet', muted: false } }
    await stage.pass(30)
    expect([status().phase, imageOf('app-primary')]).toEqual(['Waiting', 'example/app:v2'])
  })
})

it('keeps the traffic where the route has it, whatever the status says', async () => {
  await takeOver({
    step: '3-promoting',
    status: { canaryWeight: 0 },
    change: object => (object.kind === 'HTTPRoute' ? routed(object, 100) : inRun(object)),
  })
  expect([recordedFirst().phase, recordedFirst().canaryWeight]).toEqual(['Promoting', 100])
})

it('marks a primary without changing anything that would roll it', async () => {
  await takeOver({ step: '4-succeeded' })
  const marked = found(deploymentKind, 'app-primary')
  expect(marked.metadata.annotations?.['serin.dev/revision']).toBe(status().promoted?.hash)
  expect(specOf(marked)).toEqual(specOf(observedObject('4-succeeded-deployments', 'app-primary')))
})

it('decides nothing until the copies of configuration can be read', async () => {
  let isDown = true
  const onCall: Decide = ({ verb, name }) => (isDown && verb === 'get' && name === 'app-conf-primary' ? 'fails' : undefined)
  stage = await createStage({ objects: leftBy({ step: '4-succeeded' }), onCall })
  await stage.pass(20)
  expect([status().phase, status().analysed, stage.api.count('apply', 'Deployment')]).toEqual(['Succeeded', undefined, 0])
  isDown = false
  await stage.pass(30)
  expect([status().phase, status().lastPromotedSpec]).toEqual(['Succeeded', status().analysed?.hash])
})

it.each(['Initialized', 'Waiting', 'Progressing', 'Finalising', 'Failed'] as const)(
  'is initialized again without its primary, left in %s',
  async phase => {
    const objects = leftBy({ step: '1-initialized', status: { phase }, change: inRun })
    stage = await createStage({ objects: objects.filter(({ metadata, kind }) => kind !== 'Deployment' || metadata.name === 'app') })
    await stage.pass(30)
    expect([status().phase, imageOf('app-primary'), ready('app-primary')]).toEqual(['Initialized', 'example/app:v1', 2])
  },
)

describe('fields that another controller wrote', () => {
  /** As an API server keeps count of them. */
  const written = (object: KubeObject): KubeObject => {
    if (object.kind !== 'Deployment') return object
    const fieldsV1 = isTarget(object) ? { 'f:spec': { 'f:replicas': {} } } : { 'f:spec': { 'f:replicas': {}, 'f:template': {} } }
    return {
      ...object,
      metadata: { ...object.metadata, managedFields: [{ manager: 'flagger', operation: 'Update', apiVersion: 'apps/v1', fieldsV1 }] },
    }
  }
  const managers = (name: string) => (found(deploymentKind, name).metadata.managedFields ?? []).map(({ manager }) => manager)

  it('are ours on the primary', async () => {
    await takeOver({ step: '4-succeeded', change: written })
    await stage.pass(5)
    expect(managers('app-primary')).toEqual(['serin'])
  })

  it('are nobody’s on the target', async () => {
    await takeOver({ step: '4-succeeded', change: written })
    await stage.pass(5)
    expect(managers('app')).toEqual([])
  })

  it('are no declaration of a size', async () => {
    await takeOver({ step: '2-at-20', deployments: '1-initialized', change: object => written(runOf('example/app:v2')(object)) })
    await stage.pass(5)
    expect(status().declaredReplicas).toBeUndefined()
  })
})

it('goes on with an initialization, and keeps the pods of a primary that stands', async () => {
  const { podsBefore } = await takeOver({
    step: '1-initialized',
    status: { phase: 'Initializing', lastAppliedSpec: '', lastPromotedSpec: '' },
    change: inRun,
  })
  await stage.pass(30)
  expect([status().phase, specOf(found(deploymentKind, 'app'))['replicas'], weights()]).toEqual(['Initialized', 0, [100, 0]])
  expect(pods('app-primary')).toEqual(podsBefore)
})

it('lets a Canary go that is being deleted, and puts back what was there', async () => {
  const objects = leftBy({ step: '4-succeeded', status: { phase: 'Terminating' }, change: withRevert })
  stage = await createStage({ objects })
  stage.api.drop(canaryKind, { namespace: 'demo', name: 'app' })
  await stage.pass(60)
  expect(stage.api.stored(canaryKind, { namespace: 'demo', name: 'app' })).toBeUndefined()
  expect(specOf(found(deploymentKind, 'app'))['replicas']).toBe(2)
})

describe('copied configuration', () => {
  const source = (change: Fields) => (object: KubeObject) => (object.metadata.name === 'app-conf' ? { ...object, ...change } : object)

  it('that never had the binary data of its source is no reason for a rollout, and gets it', async () => {
    const binaryData = { logo: 'AAEC' }
    await takeOver({ step: '4-succeeded', change: source({ binaryData }) })
    await stage.pass(30)
    expect([status().phase, asked(stage)]).toEqual(['Succeeded', []])
    expect(found(configMapKind, 'app-conf-primary')['binaryData']).toEqual(binaryData)
  })

  it('whose source changed while no controller ran is released', async () => {
    await takeOver({ step: '4-succeeded', change: source({ data: { mode: 'new' } }) })
    expect(status().phase).toBe('Progressing')
    expect(found(configMapKind, 'app-conf-primary')['data']).not.toEqual({ mode: 'new' })
    await stage.pass(90)
    expect([status().phase, found(configMapKind, 'app-conf-primary')['data']]).toEqual(['Succeeded', { mode: 'new' }])
  })
})

describe('a process that dies while it takes over', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('leaves the next one to finish that, at request %i', async number => {
    let isAlive = true
    const onCall: Decide = call => {
      if (!isAlive || call.number !== number) return undefined
      isAlive = false
      return number % 2 === 0 ? 'dies after' : 'dies before'
    }
    const objects = leftBy({ step: '5-failed' })
    const before = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'app-primary') as KubeObject
    stage = await createStage({ objects, onCall })
    await stage.pass(20)
    const { phase, analysed, promoted, lastAppliedSpec, lastPromotedSpec } = status()
    expect([phase, lastAppliedSpec, lastPromotedSpec]).toEqual(['Failed', analysed?.hash, promoted?.hash])
    expect([pods('app-primary'), messages()]).toEqual([specOf(before)['template'], []])
  })
})
