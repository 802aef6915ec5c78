import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, controllerRevisionKind, deploymentKind, serviceKind } from '../../src/api/kinds.ts'
import type { KindRef } from '../../src/api/object.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { routers } from '../../src/routing/registry.ts'
import { sick } from '../support/builders.ts'
import { createStage, httpRouteKind, type Stage, type StageOptions, team } from '../support/stage.ts'
import { stoodBefore } from '../support/team.ts'
import { asItWas, askToDelete, isGone, settledTeam, standing } from './what-stood-there.ts'

let stage: Stage
afterEach(() => stage.stop())

/** Layers that a target with pods may go by. */
const layers = ['gatewayapi:v1', 'istio', 'kubernetes'] as const
type Layer = (typeof layers)[number]
const moves = layers.flatMap(from => layers.filter(to => to !== from).map(to => [from, to] as const))

const routeKinds: readonly KindRef[] = layers.flatMap(name => routers.get(name).kinds).filter(({ kind }) => kind !== serviceKind.kind)

/** Routing objects that stand, of whatever layer. */
const routes = (): readonly string[] =>
  routeKinds.flatMap(kind => stage.api.storedAll(kind).map(({ metadata }) => `${kind.kind} ${metadata.name}`)).sort()

const routesOf: Readonly<Record<Layer, readonly string[]>> = {
  'gatewayapi:v1': ['HTTPRoute podinfo'],
  istio: ['DestinationRule podinfo-canary', 'DestinationRule podinfo-primary', 'VirtualService podinfo'],
  kubernetes: [],
}

/** Share of the canary in the routes of one layer. */
const shareBy = (layer: Layer): number | undefined => {
  const { canary } = readCanary(stage.object(canaryKind, 'podinfo'))
  return routers.get(layer).observe(canary, { get: stage.api.stored }).traffic?.canary
}

const start = async (provider: Layer, options: StageOptions = {}): Promise<void> => {
  const webhooks = [{ name: 'gate', type: 'confirm-promotion', url: 'http://gate' }]
  stage = await createStage({ objects: team({ spec: { provider }, analysis: { webhooks, stepWeightPromotion: 20 } }), ...options })
  stage.monitor.allow('S9') // a ramp that starts over by other steps is measured from the old one
  await stage.untilRest('Initialized')
}

const gate = (ok: boolean): void => {
  stage.state.hooks = { gate: { name: 'gate', type: 'confirm-promotion', ok, message: ok ? '' : 'not yet', muted: false } }
}

/** How to get into each phase; from there it goes on by itself. */
const phases: Readonly<Record<string, () => Promise<void>>> = {
  Initialized: async () => {},
  Progressing: async () => {
    await stage.release('v2')
    await stage.until(() => (stage.status.canaryWeight ?? 0) > 0 || (stage.status.iterations ?? 0) > 0)
  },
  WaitingPromotion: async () => {
    gate(false)
    await stage.release('v2')
    await stage.until(() => stage.phase === 'WaitingPromotion')
  },
  'Promoting, while the primary is rolled': async () => {
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
  },
  'Promoting, while traffic returns': async () => {
    await stage.release('v2')
    await stage.until(() => ['Promoting.shifting', 'Finalising.draining'].includes(stage.status.state ?? ''))
  },
  Finalising: async () => {
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Finalising')
  },
  Succeeded: async () => {
    await stage.release('v2')
    await stage.untilRest('Succeeded')
  },
  Failed: async () => {
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Progressing')
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    stage.state.measurements = []
  },
}

describe.each(moves)('a Canary that moves from %s to %s', (from, to) => {
  it.each(Object.keys(phases))('in %s ends with the routes of the new layer and no others', async phase => {
    await start(from)
    await phases[phase]?.()
    await stage.edit({ provider: to })
    gate(true)
    stage.state.rolling.clear()
    const { phase: now = '' } = stage.status
    await stage.until(() => ['Initialized', 'Succeeded', 'Failed'].includes(stage.phase ?? '') && stage.status.state === undefined)
    await stage.pass(3)
    expect([now !== '', routes(), stage.status.inventory]).toEqual([true, routesOf[to], [{ routing: to, service: 'podinfo' }]])
    await stage.release('v3')
    await stage.untilRest('Succeeded')
    expect([stage.image('podinfo-primary'), routes()]).toEqual(['podinfo:v3', routesOf[to]])
  })
})

describe('a Canary that moves in mid-run', () => {
  const atWeight = async (from: Layer, weight: number): Promise<void> => {
    await start(from)
    await stage.release('v2')
    await stage.until(() => shareBy(from) === weight)
  }

  it('keeps its share on both layers until the new one takes its route', async () => {
    await atWeight('istio', 20)
    stage.state.acceptRoutes = false
    await stage.edit({ provider: 'gatewayapi:v1' })
    await stage.pass(5)
    expect([shareBy('istio'), shareBy('gatewayapi:v1'), stage.status.hold?.reason]).toEqual([20, 20, 'RouteNotAccepted'])
    stage.state.acceptRoutes = true
    await stage.pass(1)
    expect([routes(), shareBy('gatewayapi:v1')]).toEqual([routesOf['gatewayapi:v1'], 20])
  })

  it('takes no step as long as two layers carry it', async () => {
    await atWeight('istio', 20)
    stage.state.acceptRoutes = false
    await stage.edit({ provider: 'gatewayapi:v1' })
    await stage.pass(30)
    expect([stage.status.canaryWeight, shareBy('istio'), shareBy('gatewayapi:v1')]).toEqual([20, 20, 20])
  })

  it('is rolled back on both layers', async () => {
    await atWeight('istio', 20)
    stage.state.acceptRoutes = false
    await stage.edit({ provider: 'gatewayapi:v1' })
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.phase === 'Failed')
    await stage.pass(1)
    expect([shareBy('istio'), shareBy('gatewayapi:v1')]).toEqual([0, 0])
  })

  it('does so as well when the spec no longer says what the former layer needs', async () => {
    await atWeight('gatewayapi:v1', 20)
    const { gatewayRefs: _, ...service } = (stage.object(canaryKind, 'podinfo')['spec'] as { service: Readonly<Record<string, unknown>> })
      .service
    await stage.edit({ provider: 'istio', service })
    await stage.untilRest('Succeeded')
    expect([routes(), stage.image('podinfo-primary')]).toEqual([routesOf.istio, 'podinfo:v2'])
  })

  it('leaves the former route in use for the settle time, where the new layer never says that it took its own', async () => {
    stage = await createStage({ look: { settleMs: 5000 } })
    await stage.untilRest('Initialized')
    await stage.edit({ provider: 'istio' })
    await stage.pass(4)
    const before = routes()
    await stage.pass(3)
    expect([before, routes()]).toEqual([[...routesOf.istio, ...routesOf['gatewayapi:v1']].sort(), routesOf.istio])
  })

  it('is initialized again by the new layer where its primary is lost for good meanwhile', async () => {
    await start('istio')
    stage.state.acceptRoutes = false
    await stage.edit({ provider: 'gatewayapi:v1' })
    for (const { metadata } of stage.api.storedAll(controllerRevisionKind)) {
      stage.api.drop(controllerRevisionKind, { namespace: 'test', name: metadata.name })
    }
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.release('v3')
    await stage.until(() => stage.status.state === 'Initializing.switching')
    stage.state.acceptRoutes = true
    await stage.untilRest('Initialized')
    expect([routes(), stage.image('podinfo-primary')]).toEqual([routesOf['gatewayapi:v1'], 'podinfo:v3'])
  })

  it('is told of once', async () => {
    await atWeight('gatewayapi:v1', 20)
    await stage.edit({ provider: 'istio' })
    await stage.untilRest('Succeeded')
    const told = stage.events().filter(text => text.includes('move from'))
    expect(told).toEqual([expect.stringContaining('move from podinfo (gatewayapi:v1) to podinfo (istio)')])
  })

  it('rests afterwards', async () => {
    await atWeight('gatewayapi:v1', 20)
    await stage.edit({ provider: 'istio' })
    await stage.untilRest('Succeeded')
    stage.api.forgetRequests()
    await stage.pass(120)
    expect(stage.api.requests.filter(({ verb }) => verb !== 'watch' && verb !== 'list')).toEqual([])
  })

  it('back and forth ends where it was asked for last', async () => {
    await atWeight('gatewayapi:v1', 20)
    await stage.edit({ provider: 'istio' })
    await stage.edit({ provider: 'kubernetes' })
    await stage.edit({ provider: 'gatewayapi:v1' })
    await stage.untilRest('Succeeded')
    expect([routes(), stage.image('podinfo-primary')]).toEqual([routesOf['gatewayapi:v1'], 'podinfo:v2'])
  })
})

describe('a route that was there before its Canary', () => {
  const own = stoodBefore.route['spec']
  const specOf = (kind: KindRef, name: string) => stage.object(kind, name)['spec']

  it.each(['istio', 'kubernetes'] as const)('is given back when the Canary moves to %s', async to => {
    await start('gatewayapi:v1', { objects: settledTeam() })
    await stage.edit({ provider: to })
    await stage.pass(3)
    expect([specOf(httpRouteKind, 'podinfo'), stage.object(httpRouteKind, 'podinfo').metadata.annotations]).toEqual([own, undefined])
    expect(stage.status.inventory).toEqual([{ routing: to, service: 'podinfo' }])
  })

  it('is taken again when the Canary comes back', async () => {
    await start('gatewayapi:v1', { objects: settledTeam() })
    await stage.edit({ provider: 'istio' })
    await stage.pass(3)
    await stage.edit({ provider: 'gatewayapi:v1' })
    await stage.pass(3)
    expect([shareBy('gatewayapi:v1'), routes()]).toEqual([0, routesOf['gatewayapi:v1']])
  })
})

describe('a Canary whose service.name changes', () => {
  const rename = (name: string) => stage.edit({ service: { ...serviceOf(), name } })
  const serviceOf = () => (stage.object(canaryKind, 'podinfo')['spec'] as { service: Readonly<Record<string, unknown>> }).service
  const services = () =>
    stage.api
      .storedAll(serviceKind)
      .map(({ metadata }) => metadata.name)
      .sort()

  it('has a route of the new name only', async () => {
    await start('gatewayapi:v1')
    await rename('web')
    await stage.pass(3)
    expect(routes()).toEqual(['HTTPRoute web'])
  })

  it('goes on with its weight under the new one', async () => {
    await start('gatewayapi:v1')
    await stage.release('v2')
    await stage.until(() => shareBy('gatewayapi:v1') === 20)
    await rename('web')
    await stage.pass(2)
    expect([stage.status.canaryWeight, shareBy('gatewayapi:v1'), routes()]).toEqual([20, 20, ['HTTPRoute web']])
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('leaves whoever calls the former Service with the pods that serve', async () => {
    await start('kubernetes')
    await rename('web')
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.untilRest('Failed')
    expect([stage.selector('podinfo'), stage.selector('web')]).toEqual([{ app: 'podinfo' }, { app: 'podinfo' }])
    stage.state.broken.clear()
    await stage.release('v3')
    await stage.untilRest('Succeeded')
    expect([stage.selector('podinfo'), stage.selector('web')]).toEqual([{ app: 'podinfo-primary' }, { app: 'podinfo-primary' }])
  })

  it('does not make the former Service again', async () => {
    await start('gatewayapi:v1')
    await rename('web')
    await stage.pass(3)
    stage.api.drop(serviceKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(3)
    expect([services(), stage.status.inventory]).toEqual([
      ['podinfo-canary', 'podinfo-primary', 'web', 'web-canary', 'web-primary'],
      [{ routing: 'gatewayapi:v1', service: 'web' }],
    ])
  })

  it('leaves the route of another Canary alone that has taken the former name', async () => {
    await start('gatewayapi:v1')
    await rename('web')
    await stage.pass(3)
    const made = stage.object(httpRouteKind, 'web')
    const [owner] = made.metadata.ownerReferences ?? []
    const spec = JSON.parse(
      JSON.stringify(made['spec'])
        .replaceAll('"web-', '"podinfo-')
        .replaceAll('"weight":100', '"weight":70')
        .replaceAll('"weight":0', '"weight":30'),
    )
    const ownerReferences = [{ ...owner, name: 'another', uid: 'another' } as NonNullable<typeof owner>]
    stage.api.put({ ...made, metadata: { name: 'podinfo', namespace: 'test', ownerReferences }, spec })
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect([stage.object(httpRouteKind, 'podinfo')['spec'], stage.status.inventory]).toEqual([
      spec,
      [{ routing: 'gatewayapi:v1', service: 'web' }],
    ])
  })

  it('puts everything back when it is deleted', async () => {
    await start('gatewayapi:v1', { objects: settledTeam() })
    await rename('web')
    await stage.pass(3)
    await askToDelete(stage)
    await stage.until(() => isGone(stage))
    expect(standing(stage)).toEqual(asItWas)
  })
})

describe('a Canary that moves after a promotion that failed', () => {
  const moved = async (): Promise<void> => {
    await start('kubernetes')
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.untilRest('Failed')
    await stage.edit({ provider: 'gatewayapi:v1' })
    await stage.pass(3)
  }

  it('has the canary serve by the new layer, and its Service leads there as before', async () => {
    await moved()
    expect([shareBy('gatewayapi:v1'), stage.selector('podinfo')]).toEqual([100, { app: 'podinfo' }])
  })

  it('is released from there', async () => {
    await moved()
    await stage.release('v3')
    await stage.untilRest('Succeeded')
    expect([stage.image('podinfo-primary'), shareBy('gatewayapi:v1'), stage.selector('podinfo')]).toEqual([
      'podinfo:v3',
      0,
      { app: 'podinfo-primary' },
    ])
  })
})

describe('a Canary whose layer changes with a flag of the controller', () => {
  const byFlag = async (): Promise<void> => {
    await start('gatewayapi:v1', { look: { meshProvider: 'istio' } })
    await stage.edit({ provider: undefined })
    await stage.pass(3)
  }

  it('keeps its former routes beside the new ones', async () => {
    await byFlag()
    expect(routes()).toEqual([...routesOf.istio, ...routesOf['gatewayapi:v1']].sort())
  })

  it('has the same shares on both in a rollout', async () => {
    await byFlag()
    await stage.release('v2')
    await stage.until(() => shareBy('istio') === 40)
    expect(shareBy('gatewayapi:v1')).toBe(40)
    await stage.untilRest('Succeeded')
    expect([shareBy('istio'), shareBy('gatewayapi:v1')]).toEqual([0, 0])
  })

  const returned = async (): Promise<void> => {
    await byFlag()
    await stage.release('v2')
    await stage.until(() => shareBy('istio') === 20)
    stage.state.acceptRoutes = false
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.phase === 'Failed')
    await stage.pass(20)
  }

  it('keeps the pods of the canary until the former layer sends nobody there either', async () => {
    await returned()
    expect([stage.replicas('podinfo'), stage.status.hold?.reason]).toEqual([2, 'RouteNotAccepted'])
    expect(stage.status.hold?.message).toContain('former gatewayapi:v1 route of podinfo')
    stage.state.acceptRoutes = true
    await stage.untilRest('Failed')
    expect(stage.replicas('podinfo')).toBe(0)
  })

  it('waits for a former layer that is gone, but not for ever', async () => {
    await returned()
    stage.monitor.allow('C4') // the route that nobody looks at any more says nothing
    await stage.untilRest('Failed', 20) // half of the deadline, and the drain time
    expect(stage.replicas('podinfo')).toBe(0)
  })

  it('lets them go when it names the layer itself', async () => {
    await byFlag()
    await stage.edit({ provider: 'istio' })
    await stage.pass(3)
    expect(routes()).toEqual(routesOf.istio)
  })
})

describe('a status of a Serin that kept no inventory', () => {
  it('tells which layer to leave', async () => {
    await start('gatewayapi:v1')
    const canary = stage.object(canaryKind, 'podinfo')
    const { inventory: _, ...status } = stage.status
    stage.api.put({ ...canary, status, spec: { ...(canary['spec'] as object), provider: 'istio' } })
    await stage.pass(3)
    expect(routes()).toEqual(routesOf.istio)
  })
})
