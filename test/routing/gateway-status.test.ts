import { describe, expect, it } from 'vitest'
import { gatewayApi } from '../../src/routing/gateway-api.ts'
import { canaryWith, condition, type Fields, gatewayRefs, parentRef, report, routeOf } from './http-route.ts'
import { RoutingWorld } from './routing-world.ts'

describe('acceptance of an HTTPRoute', () => {
  const canary = canaryWith()
  const seen = (parents: readonly Fields[], spec?: Fields) => {
    const route = routeOf(canary)
    const { accepted, message } = gatewayApi.observe(
      canary,
      new RoutingWorld([{ ...route, spec: { ...(route['spec'] as Fields), ...spec }, status: { parents } }]),
    )
    return { accepted, message }
  }
  const otherListener = { ...parentRef, sectionName: 'other' }
  const taken = [condition('Accepted'), condition('ResolvedRefs')]
  const refused = [
    condition('Accepted', { status: 'False', reason: 'NoMatchingListenerHostname', message: 'no listener' }),
    condition('ResolvedRefs'),
  ]

  it.each<{ moment: string; parents: readonly Fields[]; accepted: 'yes' | 'no'; message?: string }>([
    { moment: 'taken as it stands', parents: [report(taken)], accepted: 'yes' },
    {
      moment: 'taken by a controller that names no generation',
      parents: [report([{ type: 'Accepted', status: 'True' }])],
      accepted: 'yes',
    },
    {
      moment: 'taken by a controller that names generation 0',
      parents: [report([condition('Accepted', { observedGeneration: 0 })])],
      accepted: 'yes',
    },
    {
      moment: 'refused',
      parents: [report(refused)],
      accepted: 'no',
      message: 'example.com/gateway says Accepted=False (NoMatchingListenerHostname: no listener)',
    },
    {
      moment: 'without backends',
      parents: [report([condition('Accepted'), condition('ResolvedRefs', { status: 'False', reason: 'BackendNotFound' })])],
      accepted: 'no',
      message: 'example.com/gateway says ResolvedRefs=False (BackendNotFound)',
    },
    {
      moment: 'reported without a word on acceptance',
      parents: [report([])],
      accepted: 'no',
      message: 'example.com/gateway has not said yet whether it accepts the route',
    },
    {
      moment: 'reported by nobody',
      parents: [],
      accepted: 'no',
      message: 'no controller has reported on Gateway edge/public yet: does it exist, and does it take routes of this namespace?',
    },
    { moment: 'refused on another listener', parents: [report(taken), report(refused, { parentRef: otherListener })], accepted: 'yes' },
    {
      moment: 'reported on another listener only',
      parents: [report(taken, { parentRef: otherListener })],
      accepted: 'no',
      message: 'no controller has reported on Gateway edge/public yet: does it exist, and does it take routes of this namespace?',
    },
    {
      moment: 'taken, and refused by a controller that is gone',
      parents: [report(refused, { controllerName: 'old' }), report(taken)],
      accepted: 'yes',
    },
    { moment: 'taken, reported without defaults', parents: [report(taken, { parentRef: gatewayRefs[0] })], accepted: 'yes' },
  ])('$moment: $accepted', ({ parents, accepted, message }) => expect(seen(parents)).toEqual({ accepted, message }))

  it('is not there yet when one of two parents refuses', () => {
    const other = { ...parentRef, name: 'private' }
    expect(seen([report(taken), report(refused, { parentRef: other })], { parentRefs: [parentRef, other] }).accepted).toBe('no')
  })

  it('is there when nobody answers for the second parent', () =>
    expect(seen([report(taken)], { parentRefs: [parentRef, { ...parentRef, name: 'missing' }] }).accepted).toBe('yes'))
})
