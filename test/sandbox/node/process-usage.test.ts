import { expect, it } from 'vitest'
import { readStat } from '../../../src/sandbox/node/process-usage.ts'

it('reads a process whose name looks like fields', () =>
  expect(
    readStat('4242 (a) S 1 (b) S 1 4240 4240 0 -1 4194560 9000 0 0 0 150 50 25 75 20 0 11 0 12345 1000000 2500 18446744073709551615 1 1'),
  ).toEqual({ group: 4240, cpuSeconds: 3, memoryBytes: 2500 * 4096 }))
