import { afterEach, describe, expect, it } from 'vitest'
import { istio } from '../../src/routing/istio.ts'
import { createStage, httpRouteKind, type Stage, type StageOptions, team } from '../support/stage.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const atWeight = async (weight: number, options: StageOptions = {}): Promise<void> => {
  stage = await createStage(options)
  await stage.untilRest('Initialized')
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
}

interface Rule {
  readonly backendRefs: readonly Fields[]
}

/** Somebody turns all traffic to the primary by hand. */
const turnToPrimary = async () => {
  const route = stage.object(httpRouteKind, 'podinfo')
  const spec = route['spec'] as { readonly rules: readonly Rule[] }
  const weightOf = ({ name }: Fields) => (name === 'podinfo-primary' ? 100 : 0)
  const turned = ({ backendRefs, ...rule }: Rule) => ({ ...rule, backendRefs: backendRefs.map(ref => ({ ...ref, weight: weightOf(ref) })) })
  stage.api.put({ ...route, spec: { ...spec, rules: spec.rules.map(turned) } })
  expect(stage.weights).toEqual([100, 0])
  await stage.calm()
}

describe('a route that is deleted in the middle of a run', () => {
  it('is there again at once, with the recorded weights', async () => {
    await atWeight(20)
    stage.api.drop(httpRouteKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(2)
    expect(stage.weights).toEqual([80, 20])
  })
})

describe('a route that its gateway never takes', () => {
  it('ends the rollout at its deadline, with all traffic on the primary', async () => {
    stage = await createStage()
    await stage.untilRest('Initialized')
    await stage.release('v2')
    stage.state.acceptRoutes = false
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure?.reason).toBe('ProgressDeadlineExceeded')
    expect(stage.weights).toEqual([100, 0])
  })

  it('gets no second weight before the first one was taken', async () => {
    stage = await createStage()
    await stage.untilRest('Initialized')
    stage.state.acceptRoutes = false
    await stage.release('v2')
    await stage.pass(40)
    expect(stage.status.canaryWeight ?? 0).toBeLessThanOrEqual(20)
    expect(stage.condition('Ready')?.message).toContain('has not taken generation')
  })
})

describe('a route that somebody turned to a primary that is broken', () => {
  it('is turned back to the canary, which serves everything', async () => {
    stage = await createStage()
    await stage.untilRest('Initialized')
    await stage.release('v2')
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.untilRest('Failed')
    expect(stage.weights).toEqual([0, 100])
    await turnToPrimary()
    await stage.pass(2)
    expect(stage.weights).toEqual([0, 100])
  })
})

describe('a Canary whose routing layer changes in the middle of a run', () => {
  const weightsOfIstio = (): readonly unknown[] => {
    const kind = istio.kinds.find(one => one.kind === 'VirtualService')
    const found = kind && stage.api.stored(kind, { namespace: 'test', name: 'podinfo' })
    if (!found) throw new Error('expected a VirtualService')
    const { http } = found['spec'] as { readonly http: readonly { readonly route: readonly Fields[] }[] }
    return http.flatMap(({ route }) => route.map(({ weight }) => weight))
  }

  it('goes on with its weight on the new one', async () => {
    await atWeight(20)
    await stage.edit({ provider: 'istio' })
    await stage.pass(2)
    expect([stage.status.canaryWeight, weightsOfIstio()]).toEqual([20, [80, 20]])
  })

  it('gives the step that is under way its full time there', async () => {
    await atWeight(20)
    await stage.pass(6)
    await stage.edit({ provider: 'istio' })
    await stage.pass(8)
    expect(weightsOfIstio()).toEqual([80, 20])
  })

  it('starts over where the weight means something else there', async () => {
    await atWeight(20)
    await stage.edit({ provider: 'kubernetes' })
    expect([stage.phase, stage.status.canaryWeight]).toEqual(['Progressing', 0])
  })

  it('is promoted there', async () => {
    await atWeight(20)
    await stage.edit({ provider: 'istio' })
    await stage.untilRest('Succeeded')
    expect([weightsOfIstio(), stage.image('podinfo-primary')]).toEqual([[100, 0], 'podinfo:v2'])
  })
})

describe('session affinity without a cookie for the primary', () => {
  it('records none', async () => {
    await atWeight(20, { objects: team({ analysis: { sessionAffinity: { cookieName: 'chk' } } }) })
    expect(stage.status.sessionAffinityCookie).toMatch(/^chk=/)
    expect(stage.status).not.toHaveProperty('primarySessionAffinityCookie')
  })
})
