import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import { splitAt, type Traffic } from '../../src/core/traffic.ts'
import { kubernetes } from '../../src/routing/kubernetes.ts'
import { desiredServices } from '../../src/routing/services.ts'
import { aCanary } from '../support/builders.ts'
import { describeRouter } from './contract.ts'
import { RoutingWorld } from './routing-world.ts'

const write = (canary: Canary, traffic: Traffic, world: RoutingWorld): void => {
  const apexSelects = traffic.canary === 100 ? 'target' : 'primary'
  const services = desiredServices({ canary, label: { key: 'app', value: 'podinfo' }, ports: [], live: world, apexSelects })
  world.apply([services.canary, services.primary, services.apex])
}

describeRouter(kubernetes, { service: {}, edits: [], foreign: () => [], write })

describe('kubernetes', () => {
  const canary = aCanary({ spec: { provider: 'kubernetes' } })

  it('writes nothing beside the Services', () =>
    expect(kubernetes.desired(canary, splitAt(0), { live: new RoutingWorld(), options: { labelKey: 'app' } })).toEqual([]))

  it('says that the primary serves, whatever the iteration', () => {
    const iterating = aCanary({ spec: { provider: 'kubernetes' }, status: { iterations: 3 } })
    const world = new RoutingWorld()
    write(iterating, splitAt(0), world)
    expect(kubernetes.observe(iterating, world).traffic).toEqual(splitAt(0))
  })

  it('knows of no traffic while the apex selects pods of neither track', () => {
    const world = new RoutingWorld()
    write(canary, splitAt(0), world)
    for (const service of world.all().filter(({ metadata }) => metadata.name === 'podinfo')) {
      world.put({ ...service, spec: { selector: { app: 'other' } } })
    }
    expect(kubernetes.observe(canary, world).traffic).toBeUndefined()
  })

  it('runs blue/green on test traffic where the analysis has a match', () =>
    expect(
      kubernetes.check(aCanary({ analysis: { iterations: 3, match: [{ headers: { x: { exact: 'y' } } }] } }), new RoutingWorld()),
    ).toEqual([]))
})
