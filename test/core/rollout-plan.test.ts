import { expect, it } from 'vitest'
import { rolloutPlan } from '../../src/core/rollout-plan.ts'
import { routers } from '../../src/routing/registry.ts'
import { aCanary } from '../support/builders.ts'

const lagOf = (lagMs: number): number =>
  rolloutPlan(aCanary({ analysis: { interval: '10s' } }), routers.get('gatewayapi:v1').can, { minIntervalMs: 10_000, lagMs }).lagMs

it.each([
  ['little time gives a step no more', 499, 0],
  ['a measured time gives it whole milliseconds, as times in status are', 700.4, 701],
  ['an hour gives it one interval more', 3_600_000, 10_000],
])('a record that took %s', (_, tookMs, counted) => expect(lagOf(tookMs)).toBe(counted))
