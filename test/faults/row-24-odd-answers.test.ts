import { describe, expect, it } from 'vitest'
import { answering, createOutsideWorld } from '../support/outside-world.ts'
import { atWeight, isTold, rolledBack, standing } from './on-stage.ts'

const result = (resultType: string, value: unknown) => ({ status: 'success', data: { resultType, result: value } })
const vector = (...values: readonly unknown[]) =>
  result(
    'vector',
    values.map(value => ({ metric: {}, value: [1, value] })),
  )

const texts = ['NaN', '+Inf', '-Inf', 'Infinity', '', ' ', 'ninety-nine', '0x64', '1e999', '1_00', '99,9', '100%']

/** What comes in place of one finite number, and what people read of it. */
const answers: readonly (readonly [string, unknown, string])[] = [
  ...texts.map(text => [`the text ${JSON.stringify(text)}`, vector(text), 'expected one finite number'] as const),
  ['no series', vector(), 'no values found'],
  ['two series', vector('100', '100'), 'expected one series, got 2'],
  ['a range', result('matrix', [{ metric: {}, values: [[1, '100']] }]), 'expected one sample, got a range'],
  ['a string', result('string', [1, '100']), 'expected a vector with one sample, got a string'],
  ['a scalar', result('scalar', [1, '100']), 'expected a vector with one sample, got a scalar'],
  ['null in place of a result', result('vector', null), 'expected a vector'],
  ['null in place of a number', vector(null), 'expected a sample with one number'],
  ['a number that is no text', vector(100), 'expected a sample with one number'],
  ['a native histogram', result('vector', [{ metric: {}, histogram: [1, {}] }]), 'native histogram'],
  ['null', null, 'Status 200'],
  ['an empty body', '', 'Status 200'],
  ['success without data', { status: 'success' }, 'Status 200'],
]

describe.each(answers)('%s for an answer', (_, body, words) => {
  it('is said as it is, counts as no failed check, and never lets a release pass', async () => {
    const world = createOutsideWorld()
    const stage = await atWeight(20, { tools: world.tools })
    world.state.store = answering(body)
    await stage.until(() => isTold(stage, words))
    expect(stage.status.failedChecks).toBe(0)
    await stage.untilRest('Failed')
    expect(['NoEvidence', 'StoreUnreachable']).toContain(stage.status.failure?.reason)
    expect(standing(stage)).toEqual(rolledBack)
  })
})
