import { describe, expect, it } from 'vitest'
import { rollingGently } from '../../src/targets/gentle-roll.ts'

const strategy = (maxUnavailable: number | string, maxSurge: number | string) => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxUnavailable, maxSurge },
})

describe('a Deployment that is rolled while it serves', () => {
  it.each([
    ['a quarter may miss and so many do', strategy('25%', '25%'), 2, strategy('25%', '25%')],
    ['less than a quarter may miss', strategy('25%', '25%'), 1, strategy(1, '25%')],
    ['none may miss', strategy('25%', '25%'), 0, strategy(0, '25%')],
    ['none may miss and none may be added', strategy(3, 0), 0, strategy(0, 1)],
    ['one may miss and none may be added', strategy(3, 0), 1, strategy(1, 0)],
    ['it is gentler by itself', strategy(0, 1), 3, strategy(0, 1)],
  ] as const)('takes no more pods away than may miss: %s', (...[, own, mayMiss, expected]) => {
    expect(rollingGently({ strategy: own, minReadySeconds: 5 }, { pods: 10, mayMiss })).toEqual({ strategy: expected, minReadySeconds: 5 })
  })

  it('is rolled like one that names the default where it names nothing', () => {
    expect(rollingGently({}, { pods: 10, mayMiss: 0 })).toEqual({ strategy: strategy(0, '25%') })
  })

  it('is left alone where it wants no old and new pods side by side', () => {
    expect(rollingGently({ strategy: { type: 'Recreate' } }, { pods: 10, mayMiss: 0 })).toEqual({ strategy: { type: 'Recreate' } })
  })
})
