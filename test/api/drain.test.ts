import { expect, it } from 'vitest'
import { drainMsOf } from '../../src/api/canary.ts'
import { aCanary } from '../support/builders.ts'

it.each([
  ['nothing is said', {}, 15_000],
  ['requests may take longer', { service: { port: 80, timeout: '40s' } }, 40_000],
  ['requests may take for ever', { service: { port: 80, timeout: '1h' } }, 300_000],
  ['the time-out is garbage', { service: { port: 80, timeout: 'soon' } }, 15_000],
  ['the Canary says how long', { drain: '5s', service: { port: 80, timeout: '40s' } }, 5000],
  ['the Canary wants none', { drain: '0s' }, 0],
  ['the Canary wants too much', { drain: '10m' }, 300_000],
] as const)('where %s, the drain time follows', (_, spec, expected) => expect(drainMsOf(aCanary({ spec }), 15_000)).toBe(expected))
