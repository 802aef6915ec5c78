import { expect, it } from 'vitest'
import { tableText } from '../../bench/table.ts'

it('shows groups as dotted names', () =>
  expect(tableText({ idle: { readsPerPass: 0, cpu: { s: 1 } }, mix: 'calm' })).toBe(
    'idle.readsPerPass  0\nidle.cpu.s         1\nmix                calm',
  ))

it('shows a dash where nothing was measured', () => expect(tableText({ p99Ms: null })).toBe('p99Ms  -'))
