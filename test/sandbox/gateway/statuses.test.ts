import { describe, expect, it } from 'vitest'
import { type CompileWorld, compileRoute } from '../../../src/sandbox/gateway/configuration.ts'
import { createRouteShelf } from '../../../src/sandbox/gateway/route-shelf.ts'
import { routeWrite } from '../../../src/sandbox/gateway/status-writes.ts'
import { gatewayStatus, routeStatus } from '../../../src/sandbox/gateway/statuses.ts'
import { timestamp } from '../../../src/sandbox/objects/view.ts'
import { startMs } from '../builders.ts'
import { aGateway, aRoute, aService } from './route-builders.ts'

const world: CompileWorld = {
  serviceOf: ({ namespace, name }) => (namespace === 'test' && name === 'a' ? aService('a') : undefined),
  namespaceLabels: name => ({ team: name }),
}
const time = { controllerName: 'us', nowMs: startMs }
const statusOf = (route: ReturnType<typeof aRoute>, gateway = aGateway()) => routeStatus(compileRoute(route, gateway, world).verdict, time)
const conditionOf = (route: ReturnType<typeof aRoute>, type: string, gateway = aGateway()) =>
  statusOf(route, gateway).parents[0]?.conditions.find(condition => condition.type === type)

const backend = (ref: Record<string, unknown>) => ({ rules: [{ backendRefs: [ref] }] })
const only = (listener: Record<string, unknown>) => aGateway({ listeners: [{ name: 'http', port: 80, protocol: 'HTTP', ...listener }] })

describe('a route', () => {
  it('is accepted with the generation in use', () =>
    expect(conditionOf(aRoute('r', {}, { metadata: { generation: 7 } }), 'Accepted')).toMatchObject({
      status: 'True',
      reason: 'Accepted',
      observedGeneration: 7,
    }))

  it('has its parent echoed in every field', () =>
    expect(statusOf(aRoute('r', { parentRefs: [{ name: 'gateway', sectionName: 'http' }] })).parents[0]?.parentRef).toEqual({
      name: 'gateway',
      sectionName: 'http',
    }))

  it.each([
    ['NoMatchingParent', aRoute('r', { parentRefs: [{ name: 'gateway', sectionName: 'other' }] }), aGateway()],
    ['NoMatchingParent', aRoute('r', { parentRefs: [{ name: 'gateway', port: 81 }] }), aGateway()],
    ['NoMatchingParent', aRoute('r'), only({ protocol: 'TLS' })],
    ['NoMatchingListenerHostname', aRoute('r', { hostnames: ['a.test'] }), only({ hostname: 'b.test' })],
    [
      'NotAllowedByListeners',
      aRoute('r', { parentRefs: [{ name: 'gateway', namespace: 'test' }] }, { metadata: { namespace: 'other' } }),
      aGateway(),
    ],
    ['NotAllowedByListeners', aRoute('r'), only({ allowedRoutes: { kinds: [{ kind: 'GRPCRoute' }] } })],
    ['UnsupportedValue', aRoute('r', { rules: [{ filters: [{ type: 'ExtensionRef' }] }] }), aGateway()],
    ['UnsupportedValue', aRoute('r', { rules: [{ matches: [{ path: { type: 'RegularExpression', value: '(' } }] }] }), aGateway()],
    ['UnsupportedValue', aRoute('r', { rules: [{ timeouts: { request: 'soon' } }] }), aGateway()],
  ])('is refused: %s', (reason, route, gateway) =>
    expect(conditionOf(route, 'Accepted', gateway)).toMatchObject({ status: 'False', reason }),
  )

  it.each([
    [{ from: 'All' }, true],
    [{ from: 'Selector', selector: { matchLabels: { team: 'other' } } }, true],
    [{ from: 'Selector', selector: { matchLabels: { team: 'third' } } }, false],
  ])('of another namespace gets in by %j: %s', (namespaces, accepted) => {
    const route = aRoute('r', { parentRefs: [{ name: 'gateway', namespace: 'test' }] }, { metadata: { namespace: 'other' } })
    expect(conditionOf(route, 'Accepted', only({ allowedRoutes: { namespaces } }))?.status).toBe(accepted ? 'True' : 'False')
  })

  it.each([
    [{ name: 'a', port: 80 }, 'True', 'ResolvedRefs'],
    [{ name: 'b', port: 80 }, 'False', 'BackendNotFound'],
    [{ name: 'a', port: 81 }, 'False', 'BackendNotFound'],
    [{ name: 'a' }, 'False', 'BackendNotFound'],
    [{ name: 'a', kind: 'Bucket', port: 80 }, 'False', 'InvalidKind'],
    [{ name: 'a', namespace: 'other', port: 80 }, 'False', 'RefNotPermitted'],
  ])('with backend %j has its references resolved: %s %s', (ref, status, reason) =>
    expect(conditionOf(aRoute('r', backend(ref)), 'ResolvedRefs')).toMatchObject({ status, reason }),
  )

  it('keeps what other controllers say', () => {
    const route = aRoute('r', {}, { status: { parents: [{ parentRef: { name: 'x' }, controllerName: 'them', conditions: [] }] } })
    expect(statusOf(route).parents.map(({ controllerName }) => controllerName)).toEqual(['them', 'us'])
  })

  it('keeps the time of what it said before', () => {
    const said = statusOf(aRoute('r'))
    const again = routeStatus(compileRoute(aRoute('r', {}, { status: said }), aGateway(), world).verdict, {
      ...time,
      nowMs: startMs + 60_000,
    })
    expect(again).toEqual(said)
  })
})

describe('what is written about a route', () => {
  const compiled = compileRoute(aRoute('r'), aGateway(), world)

  it('is nothing when it says so already', () =>
    expect(routeWrite(aRoute('r', {}, { status: routeStatus(compiled.verdict, time) }), compiled, time)).toBeUndefined())

  it('waits until its newest generation is in use', () =>
    expect(routeWrite(aRoute('r', {}, { metadata: { generation: 2 } }), compiled, time)).toBeUndefined())

  it('is taken back when it is not ours any more', () =>
    expect(routeWrite(aRoute('r', {}, { status: routeStatus(compiled.verdict, time) }), undefined, time)?.status).toEqual({ parents: [] }))

  it('is nothing when it never was ours', () => expect(routeWrite(aRoute('r'), undefined, time)).toBeUndefined())
})

describe('a Gateway', () => {
  const verdicts = [compileRoute(aRoute('r'), aGateway(), world).verdict]
  const status = gatewayStatus(only({}), { ...time, address: '127.0.0.1', verdicts })

  it('is programmed', () =>
    expect(status).toMatchObject({
      addresses: [{ type: 'IPAddress', value: '127.0.0.1' }],
      conditions: [
        { type: 'Accepted', status: 'True', observedGeneration: 1, lastTransitionTime: timestamp(startMs) },
        { type: 'Programmed', status: 'True' },
      ],
    }))

  it('counts the routes of a listener', () => expect(status).toMatchObject({ listeners: [{ name: 'http', attachedRoutes: 1 }] }))

  it('refuses a listener that it cannot serve', () =>
    expect(gatewayStatus(only({ protocol: 'TLS' }), { ...time, address: '', verdicts: [] })).toMatchObject({
      listeners: [{ conditions: [{ type: 'Accepted', status: 'False', reason: 'UnsupportedProtocol' }, {}] }],
    }))
})

describe('the shelf of routes', () => {
  it('compiles again only what has changed', () => {
    const shelf = createRouteShelf()
    const [one, other] = [aRoute('one'), aRoute('other')]
    expect(shelf.update(aGateway(), [one, other], world)).toEqual(['test/one', 'test/other'])
    const moved = aRoute('other', {}, { metadata: { generation: 2 } })
    expect(shelf.update(aGateway(), [one, moved], world)).toEqual(['test/other'])
  })

  it('compiles the routes of a Service again that has changed', () => {
    const shelf = createRouteShelf()
    const routes = [aRoute('one', backend({ name: 'a', port: 80 })), aRoute('other', backend({ name: 'b', port: 80 }))]
    shelf.update(aGateway(), routes, world)
    shelf.serviceChanged('test/b')
    expect(shelf.update(aGateway(), routes, world)).toEqual(['test/other'])
  })

  it('says which routes are gone', () => {
    const shelf = createRouteShelf()
    shelf.update(aGateway(), [aRoute('one')], world)
    expect(shelf.update(aGateway(), [], world)).toEqual(['test/one'])
  })

  it('serves nothing without its Gateway', () => {
    const shelf = createRouteShelf()
    shelf.update(aGateway(), [aRoute('one')], world)
    shelf.update(undefined, [aRoute('one')], world)
    expect(shelf.all()).toEqual([])
  })
})
