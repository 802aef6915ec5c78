import { describe, expect, it } from 'vitest'
import type { CanaryStatus, Place } from '../../src/api/status.ts'
import { inventoryAfter, moveNotices } from '../../src/core/inventory.ts'
import type { Observation } from '../../src/core/observation.ts'
import { freshContext } from '../../src/core/rollout-context.ts'
import { aCanary } from '../support/builders.ts'

const gateway: Place = { routing: 'gatewayapi:v1', service: 'app' }
const istio: Place = { routing: 'istio', service: 'app' }
const nowMs = Date.parse('2026-01-01T00:00:10Z')
const at = '2026-01-01T00:00:10.000Z'

const seenWith = (status: CanaryStatus, places: Observation['places'], more: Partial<Observation> = {}): Observation =>
  ({ canary: { ...aCanary(), status }, nowMs, ...(places && { places }), ...more }) as Observation

const context = { ...freshContext(nowMs), promoted: { name: 'app-1', hash: '1' } }
const inventoryOf = (status: CanaryStatus, places: Observation['places'], more: Partial<Observation> = {}) =>
  inventoryAfter({ context, seen: seenWith(status, places, more) })

describe('the inventory', () => {
  it('begins with the place that the spec asks for', () =>
    expect(inventoryOf({}, { asked: gateway, isTaken: false, left: [] })).toEqual([gateway]))

  it('names a place before anything is written there, and keeps the one that is left', () =>
    expect(inventoryOf({ inventory: [gateway] }, { asked: istio, isTaken: false, left: [gateway] })).toEqual([istio, gateway]))

  it('notes when a former place was replaced, once', () => {
    const replaced = inventoryOf({ inventory: [istio, gateway] }, { asked: istio, isTaken: true, left: [gateway] })
    expect(replaced).toEqual([istio, { ...gateway, replacedAt: at }])
    const earlier = { ...gateway, replacedAt: '2026-01-01T00:00:05.000Z' }
    expect(inventoryOf({ inventory: [istio, earlier] }, { asked: istio, isTaken: true, left: [earlier] })).toEqual([istio, earlier])
  })

  it('begins to wait anew when the new routes are lost again', () =>
    expect(inventoryOf({ inventory: [istio, { ...gateway, replacedAt: at }] }, { asked: istio, isTaken: false, left: [gateway] })).toEqual([
      istio,
      gateway,
    ]))

  it('forgets a place of which nothing is left', () =>
    expect(inventoryOf({ inventory: [istio, gateway] }, { asked: istio, isTaken: true, left: [] })).toEqual([istio]))

  it('knows a place again that is asked for once more', () =>
    expect(inventoryOf({ inventory: [istio, gateway] }, { asked: gateway, isTaken: false, left: [istio] })).toEqual([gateway, istio]))

  it('stays as it is while nothing may be done', () =>
    expect(
      inventoryOf(
        { inventory: [gateway] },
        { asked: istio, isTaken: false, left: [gateway] },
        { obstacle: { reason: 'Suspended', message: '' } },
      ),
    ).toEqual([gateway]))

  it('is not begun for a Canary of which nothing stands', () =>
    expect(
      inventoryAfter({ context: freshContext(nowMs), seen: seenWith({}, { asked: gateway, isTaken: false, left: [] }) }),
    ).toBeUndefined())

  it('never grows beyond sixteen places', () => {
    const many = Array.from({ length: 20 }, (_, index): Place => ({ routing: 'istio', service: `app-${index}` }))
    expect(inventoryOf({ inventory: many }, { asked: gateway, isTaken: false, left: many })).toHaveLength(16)
  })
})

describe('the news of a move', () => {
  const told = (status: CanaryStatus, inventory: readonly Place[]) =>
    moveNotices(inventory, seenWith(status, { asked: istio, isTaken: false, left: [gateway] })).map(({ message }) => message)

  it('names both places', () =>
    expect(told({ inventory: [gateway] }, [istio, gateway])).toEqual([expect.stringContaining('from app (gatewayapi:v1) to app (istio)')]))

  it('is told by a status that knows only the layer', () => expect(told({ routing: 'gatewayapi:v1' }, [istio, gateway])).toHaveLength(1))

  it('is not repeated', () => expect(told({ inventory: [istio, gateway] }, [istio, gateway])).toEqual([]))

  it('is none for a Canary that is new', () => expect(told({}, [istio])).toEqual([]))
})
