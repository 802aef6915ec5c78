import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind, eventKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { createOutsideWorld } from '../support/outside-world.ts'
import { createStage, type Stage, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const elsewhere = 'other'
const foreignMetric = [{ name: 'latency', templateRef: { name: 'latency', namespace: elsewhere }, thresholdRange: { max: 1 } }]
/** The same team under another name, in another namespace. */
const strangers = team().map(
  object => JSON.parse(JSON.stringify(object).replaceAll('"podinfo"', '"stranger"').replaceAll('"test"', `"${elsewhere}"`)) as KubeObject,
)

describe('-namespace', () => {
  it('leaves Canaries of other namespaces alone', async () => {
    stage = await createStage({ objects: [...team(), ...strangers], namespace: 'test' })
    await stage.untilRest('Initialized')
    expect(stage.object(canaryKind, 'stranger', elsewhere)['status']).toBeUndefined()
    expect(stage.api.storedAll(deploymentKind).filter(({ metadata }) => metadata.namespace === elsewhere)).toHaveLength(1)
  })
})

describe('-metrics-server', () => {
  const begin = async (problems: readonly string[]) => {
    const { tools } = createOutsideWorld()
    stage = await createStage({ tools: { ...tools, measurer: { ...tools.measurer, probe: async () => problems } } })
    await stage.untilRest('Initialized')
    return stage.api.storedAll(eventKind).map(event => `${event['type']} ${event['message']}`)
  }

  it('that answers is told with each new Canary', async () =>
    expect(await begin([])).toContain('Normal all the metrics providers are available!'))

  it('that is out of reach is told too, and keeps nobody from being initialized', async () => {
    const problem = 'prometheus is not available: connect ECONNREFUSED'
    expect(await begin([problem])).toContain(`Warning Error checking metric providers: ${problem}`)
  })
})

describe('-no-cross-namespace-refs', () => {
  const look = { noCrossNamespaceRefs: true }
  const words = "can't access metric template latency.other, cross-namespace references are blocked"

  it('keeps a Canary from being initialized that refers to another namespace, and names what it refers to', async () => {
    stage = await createStage({ objects: team({ analysis: { metrics: foreignMetric } }), look })
    await stage.pass(60)
    expect(stage.condition('Stalled')).toMatchObject({ status: 'True', reason: 'InvalidSpec', message: expect.stringContaining(words) })
    expect(stage.events()).toContainEqual(expect.stringContaining(words))
    expect(stage.api.storedAll(deploymentKind)).toHaveLength(1)
  })

  it('halts a run whose Canary is edited to refer to another namespace', async () => {
    stage = await createStage({ look })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.editAnalysis({ metrics: foreignMetric })
    await stage.pass(120)
    expect([stage.phase, ...stage.weights]).toEqual(['Progressing', 80, 20])
    expect(stage.condition('Stalled')).toMatchObject({ status: 'True', message: expect.stringContaining(words) })
  })
})

describe('-selector-labels', () => {
  const labelled = team().map(object =>
    object.kind === 'Deployment'
      ? { ...object, spec: { ...(object['spec'] as object), selector: { matchLabels: { app: 'podinfo', tier: 'front' } } } }
      : object,
  )

  it('are tried in their order', async () => {
    stage = await createStage({ objects: labelled, look: { selectorLabels: ['tier', 'app'] } })
    await stage.untilRest('Initialized')
    expect(stage.selector('podinfo')).toEqual({ tier: 'front-primary' })
  })

  it('that no target has are listed in a Warning', async () => {
    stage = await createStage({ look: { selectorLabels: ['tier', 'stage'] } })
    await stage.pass(10)
    const warnings = stage.api.storedAll(eventKind).filter(event => event['type'] === 'Warning')
    expect(warnings.map(event => event['message'])).toContainEqual(expect.stringContaining('must contain one of [tier stage]'))
  })
})

describe('-enable-config-tracking=false', () => {
  it('tracks nothing in the status', async () => {
    const pod = { volumes: [{ name: 'conf', configMap: { name: 'conf' } }] }
    const conf = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf', namespace: 'test' }, data: { color: 'red' } }
    stage = await createStage({ objects: [...team({ pod }), conf], configTracking: false })
    await stage.untilRest('Initialized')
    expect(stage.status).not.toHaveProperty('trackedConfigs')
  })
})

describe('-min-analysis-interval', () => {
  it('is the least time between two weights, whatever the Canary says', async () => {
    stage = await createStage({ objects: team({ analysis: { interval: '5s' } }), look: { minIntervalMs: 20_000 } })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.pass(19)
    expect(stage.weights).toEqual([80, 20])
    await stage.pass(2)
    expect(stage.weights).toEqual([60, 40])
  })
})

describe('a Canary that changes under way', () => {
  const webhooks = [{ name: 'load', type: 'rollout', url: 'http://load.test/' }]
  const progressing = async (interval: string) => {
    stage = await createStage({ objects: team({ analysis: { interval, webhooks } }) })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
  }

  it('has a shorter interval at once, not after the one that is running', async () => {
    await progressing('5m')
    await stage.editAnalysis({ interval: '30s' })
    await stage.pass(35)
    expect(stage.weights).toEqual([60, 40])
  })

  it('asks nobody any more once it is deleted', async () => {
    await progressing('10s')
    const before = stage.calls.length
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(60)
    expect(stage.calls).toHaveLength(before)
  })
})
