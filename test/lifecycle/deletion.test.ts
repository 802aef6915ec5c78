import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { phaseOf, states } from '../../src/api/phases.ts'
import { answer, sick } from '../support/builders.ts'
import { forgetStates } from '../support/outdated-definition.ts'
import { createStage, httpRouteKind, type Stage, type StageOptions } from '../support/stage.ts'
import type { TeamChange } from '../support/team.ts'
import { asItWas, askToDelete, isGone, settledTeam, standing, stranded } from './what-stood-there.ts'

let stage: Stage
let lost: string[]
afterEach(() => stage.stop())

type Mood = Stage['state']

/** A stage whose Canary comes last, so that a test can set the mood of the cluster first. Notes each moment when a request found nobody. */
const raise = async (change: TeamChange = {}, mood: Partial<Mood> = {}): Promise<void> => {
  lost = []
  const objects = settledTeam(change)
  const look: NonNullable<StageOptions['onCall']> = () => {
    lost.push(...stranded(stage.api))
    return undefined
  }
  stage = await createStage({ objects: objects.filter(({ kind }) => kind !== 'Canary'), onCall: look })
  Object.assign(stage.state, mood)
  for (const object of objects.filter(({ kind }) => kind === 'Canary')) stage.api.put(object)
  await stage.calm()
}

const initialized = async (change: TeamChange = {}) => {
  await raise(change)
  await stage.untilRest('Initialized')
}

const released = async (change: TeamChange = {}) => {
  await initialized(change)
  await stage.release('v2')
}

const at = (state: string) => stage.until(() => (stage.status.state ?? stage.phase) === state)

const beginning =
  (state: string, mood: Partial<Mood> = {}) =>
  async () => {
    await raise({}, mood)
    await at(state)
  }

const running =
  (state: string, change: TeamChange = {}) =>
  async () => {
    await released(change)
    await at(state)
  }

const gated = (type: 'confirm-rollout' | 'confirm-promotion', state: string) => async () => {
  await initialized({ analysis: { webhooks: [{ name: 'gate', type, url: 'http://gate.test/' }] } })
  stage.state.hooks = { gate: answer(type, false, 'gate') }
  await stage.release('v2')
  await at(state)
}

const failedPromotion = (state: string) => async () => {
  await running('Progressing.analysing')()
  stage.state.broken.add('podinfo-primary podinfo:v2')
  await at(state)
}

const failing = (state: string) => async () => {
  await running('Progressing.analysing')()
  stage.state.measurements = sick.measurements
  stage.state.acceptRoutes = state !== 'Failed.returning'
  await at(state)
}

/** A rollout whose last weight is on the route, and something that then keeps it from going on. */
const heldUp = (state: string, what: () => void) => async () => {
  await running('Progressing.analysing')()
  await stage.until(() => stage.weights[1] === 40)
  what()
  await at(state)
}

const refuse = (verb: 'apply' | 'patch', name: string, times: number) => () =>
  stage.api.fault({ verb, kind: 'Deployment', name, with: 'ServerError', times })

const takeNoRoute = () => {
  stage.state.acceptRoutes = false
}

const calledOff = async () => {
  await initialized({ analysis: { webhooks: [{ name: 'hook', type: 'rollback', url: 'http://hooks.test/' }] } })
  stage.state.hooks = { hook: answer('rollback', false, 'hook') }
  stage.state.rolling.add('podinfo-primary podinfo:v2')
  await stage.release('v2')
  await at('Promoting.sizing')
  stage.state.rolling.add('podinfo-primary podinfo:v1')
  stage.state.hooks = { hook: answer('rollback', true, 'hook') }
  await at('Failed.restoring')
}

const unready = async () => {
  await initialized()
  stage.state.broken.add('podinfo podinfo:v2')
  await stage.release('v2')
  await at('Progressing.scaling')
}

const unprepared = async () => {
  await initialized({ analysis: { threshold: 50, webhooks: [{ name: 'hook', type: 'pre-rollout', url: 'http://hooks.test/' }] } })
  stage.state.hooks = { hook: answer('pre-rollout', false, 'hook') }
  await stage.release('v2')
  await at('Progressing.starting')
}

/** How a Canary gets into each of its states. */
const moments: readonly (readonly [string, () => Promise<void>])[] = [
  ['Initializing.creating', beginning('Initializing.creating', { broken: new Set(['podinfo-primary']) })],
  ['Initializing.switching', beginning('Initializing.switching', { acceptRoutes: false })],
  ['Initialized.parking', beginning('Initialized.parking')],
  ['Initialized', () => initialized()],
  ['Waiting', gated('confirm-rollout', 'Waiting')],
  ['Progressing.scaling', unready],
  ['Progressing.starting', unprepared],
  ['Progressing.analysing', running('Progressing.analysing')],
  ['Progressing.switching', running('Progressing.switching', { analysis: { iterations: 1, stepWeight: 0 } })],
  ['WaitingPromotion', gated('confirm-promotion', 'WaitingPromotion')],
  ['Promoting.copying', heldUp('Promoting.copying', refuse('apply', 'podinfo-primary', 100))],
  ['Promoting.settling', heldUp('Promoting.settling', takeNoRoute)],
  ['Finalising.parking', heldUp('Finalising.parking', refuse('patch', 'podinfo', 3))],
  ['Promoting.sizing', failedPromotion('Promoting.sizing')],
  ['Promoting.shifting', running('Promoting.shifting', { analysis: { stepWeightPromotion: 20 } })],
  ['Finalising.draining', running('Finalising.draining')],
  ['Succeeded', running('Succeeded')],
  ['Failed.restoring', calledOff],
  ['Failed.returning', failing('Failed.returning')],
  ['Failed.parking', failing('Failed.parking')],
  ['Failed', failing('Failed')],
  ['Failed', failedPromotion('Failed')],
]

describe.each(moments)('a Canary that is deleted in %s', (state, reach) => {
  it('puts back what stood there before, and no request is lost on the way', async () => {
    await reach()
    expect(stage.status.state ?? stage.phase).toBe(state)
    const before = stranded(stage.api)
    lost = []
    await askToDelete(stage)
    stage.state.acceptRoutes = true
    stage.state.broken.delete('podinfo podinfo:v2')
    await stage.until(() => isGone(stage))
    expect(standing(stage)).toEqual(asItWas)
    expect(lost.filter(name => !before.includes(name))).toEqual([])
  })
})

it('is tried in every state', () => {
  const tried = moments.map(([state]) => state)
  expect(states.filter(state => phaseOf(state) !== 'Terminating' && !tried.includes(state))).toEqual([])
})

const deleted = async () => {
  await askToDelete(stage)
  await stage.until(() => isGone(stage))
}

describe('a Canary that is deleted', () => {
  it('lets go of the primary only when the gateway has taken the old route', async () => {
    await running('Progressing.analysing')()
    const taken = stage.object(httpRouteKind, 'podinfo')
    stage.state.acceptRoutes = false
    await askToDelete(stage)
    await stage.pass(30)
    expect(stranded(stage.api, taken)).toEqual([])
    expect(stage.status.hold?.reason).toBe('RouteNotAccepted')
    stage.state.acceptRoutes = true
    await stage.until(() => isGone(stage))
    expect(standing(stage)).toEqual(asItWas)
  })

  it('lets requests in flight finish on the primary', async () => {
    await initialized()
    await askToDelete(stage)
    await stage.pass(4)
    expect(standing(stage)).toEqual({ ...asItWas, canary: 'podinfo', primary: 'podinfo-primary' })
    await stage.pass(2)
    expect(isGone(stage)).toBe(true)
  })

  it('waits for no gateway that never takes the old route longer than its deadline', async () => {
    await initialized()
    stage.state.acceptRoutes = false
    await askToDelete(stage)
    await stage.pass(70)
    expect(isGone(stage)).toBe(true)
  })

  it('gives the target as many pods as the primary has', async () => {
    await running('Progressing.analysing')()
    await stage.scale('podinfo', 1)
    await deleted()
    expect(standing(stage)).toEqual(asItWas)
  })

  it('lets a scaler have its way that keeps taking pods of the target away', async () => {
    const scaler: KubeObject = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'podinfo', namespace: 'test' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' }, minReplicas: 1, maxReplicas: 8 },
    }
    await initialized()
    stage.api.put(scaler)
    await deleted()
    expect(standing(stage)).toEqual({ ...asItWas, replicas: 1 })
  })

  it('gives the target one pod where the primary is gone', async () => {
    await initialized()
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await askToDelete(stage)
    await stage.until(() => isGone(stage))
    expect(stage.replicas('podinfo')).toBe(1)
  })

  it('keeps its finalizer while the target is not ready, and says why', async () => {
    await initialized()
    stage.state.broken.add('podinfo')
    await askToDelete(stage)
    await stage.pass(90)
    expect(stage.phase).toBe('Terminating')
    expect(stage.weights).toEqual([100, 0])
    expect(stage.selector('podinfo')).toEqual({ app: 'podinfo-primary' })
    expect(stage.condition('Ready')?.message).toContain('canary deployment podinfo.test not ready')
    stage.state.broken.clear()
    await stage.until(() => isGone(stage))
    expect(standing(stage)).toEqual(asItWas)
  })

  it('is reverted although it is suspended', async () => {
    await running('Progressing.analysing')()
    await stage.edit({ suspend: true })
    await deleted()
    expect(standing(stage)).toEqual(asItWas)
  })

  it('is reverted although it is suspended and writes are refused for a while', async () => {
    await initialized()
    await stage.edit({ suspend: true })
    stage.api.fault({ verb: 'patch', kind: 'Deployment', with: 'Forbidden', times: 8 })
    await deleted()
    expect(standing(stage)).toEqual(asItWas)
  })

  it('starts no rollout and repairs nothing any more', async () => {
    await initialized()
    stage.state.broken.add('podinfo')
    await askToDelete(stage)
    await stage.release('v2')
    await stage.pass(30)
    expect(stage.phase).toBe('Terminating')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
    stage.state.broken.clear()
    await stage.until(() => isGone(stage))
    expect(stage.image('podinfo')).toBe('podinfo:v2')
  })

  it('keeps its finalizer while its spec names nothing that is built, and says so', async () => {
    await initialized()
    await stage.edit({ provider: 'traefik' })
    await askToDelete(stage)
    await stage.pass(30)
    expect(stage.condition('Stalled')).toMatchObject({ status: 'True', reason: 'UnknownProvider' })
    await stage.edit({ provider: 'gatewayapi:v1' })
    await stage.until(() => isGone(stage))
    expect(standing(stage)).toEqual(asItWas)
  })

  it('is reverted although its definition drops what we record', async () => {
    await initialized()
    forgetStates(stage)
    await stage.release('v2')
    await stage.until(() => stage.condition('Stalled')?.reason === 'CRDOutdated')
    await deleted()
    expect(standing(stage)).toEqual(asItWas)
  })

  it('is let go when its target is gone too', async () => {
    await initialized()
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo' })
    await deleted()
    expect(standing(stage)).toEqual({ ...asItWas, replicas: undefined })
  })

  it('says when it begins and when it is done', async () => {
    await initialized()
    await deleted()
    await stage.pass(1)
    expect(
      stage
        .events()
        .filter(text => text.startsWith('Terminat'))
        .toSorted(),
    ).toEqual(['Terminated canary podinfo.test', 'Terminating canary podinfo.test'])
  })

  it('touches nothing where another Canary has the target', async () => {
    await initialized()
    const [rival] = settledTeam().filter(({ kind }) => kind === 'Canary')
    if (!rival) throw new Error('no Canary')
    const metadata = { ...rival.metadata, name: 'rival', finalizers: ['finalizer.flagger.app'], creationTimestamp: '2027-01-01T00:00:00Z' }
    stage.api.put({ ...rival, metadata, status: {} })
    await stage.calm()
    stage.api.forgetRequests()
    stage.api.drop(canaryKind, { namespace: 'test', name: 'rival' })
    await stage.pass(10)
    expect(stage.api.stored(canaryKind, { namespace: 'test', name: 'rival' })).toBeUndefined()
    expect(stage.api.requests.filter(({ kind }) => kind !== 'Event').map(({ verb, kind }) => `${verb} ${kind}`)).toEqual(['patch Canary'])
  })
})
