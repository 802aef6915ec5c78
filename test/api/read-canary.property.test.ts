import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAlertProvider } from '../../src/api/alert-provider.ts'
import { ladderOf, maxWeightOf } from '../../src/api/analysis.ts'
import { readMetricTemplate } from '../../src/api/metric-template.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import type { Schema } from '../../src/api/structural-schema.ts'
import { schemaFor } from '../support/admission.ts'
import { fromSchema } from '../support/from-schema.ts'
import { canaryManifest } from '../support/manifests.ts'

const specSchema = schemaFor('Canary').properties?.['spec'] as Schema
const specs = fromSchema(specSchema)

const canaryOf = (spec: unknown): KubeObject => ({ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata: { name: 'podinfo' }, spec })

/** Replaces parts of a valid spec by anything that JSON can say. */
const spoiled = fc
  .tuple(specs, fc.array(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 3 })), { maxLength: 5 }))
  .map(([spec, wounds]) => wounds.reduce<unknown>((hurt, [place, value]) => spoil(hurt, place, value), spec))

const spoil = (value: unknown, place: number, wound: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return wound
  const keys = Object.keys(value)
  const key = keys[place % Math.max(1, keys.length)]
  if (key === undefined || place % 7 === 0) return wound
  const inner = spoil((value as Record<string, unknown>)[key], Math.floor(place / 3), wound)
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner }
}

/** Paths of values that stand in `written` but not, unchanged, in `read`. */
const lost = (written: unknown, read: unknown, path: string): string[] => {
  if (typeof written !== 'object' || written === null) return Object.is(written, read) || written === read ? [] : [path]
  if (typeof read !== 'object' || read === null) return [path]
  return Object.entries(written).flatMap(([key, inner]) => lost(inner, (read as Record<string, unknown>)[key], `${path}.${key}`))
}

/** Older spellings are moved, not lost: other tests follow them. */
const inTodaysWords = fromSchema({
  ...specSchema,
  properties: Object.fromEntries(
    Object.entries(specSchema.properties ?? {}).filter(([name]) => name !== 'canaryAnalysis' && name !== 'webhooks'),
  ),
})
const isTranslated = (path: string): boolean => /\.metrics\.\d+\.threshold$|\.webhooks\.\d+/.test(path)

describe('reading a Canary', () => {
  it('never throws, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.jsonValue(), (spec, status) =>
        Array.isArray(readCanary({ ...canaryOf(spec), status }).problems),
      ),
    )
  })

  it('never throws on a spec with anything in the place of anything', () => {
    fc.assert(
      fc.property(spoiled, spec => Array.isArray(readCanary(canaryOf(spec)).problems)),
      { numRuns: 300 },
    )
  })

  it('never throws on keys that objects inherit', () => {
    const keys = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'analysis', 'service', 'metrics')
    const nested = fc.letrec(tie => ({
      value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.dictionary(keys, tie('value')), fc.array(tie('value'), { maxLength: 2 })),
    })).value
    fc.assert(fc.property(nested, spec => readCanary(canaryOf(JSON.parse(JSON.stringify(spec)))).canary.kind === 'Canary'))
  })

  it('is idempotent', () => {
    const readTwice = (spec: unknown) => readCanary(readCanary(canaryOf(spec)).canary).canary
    fc.assert(
      fc.property(spoiled, spec => {
        expect(readTwice(spec)).toEqual(readCanary(canaryOf(spec)).canary)
      }),
      { numRuns: 200 },
    )
  })

  it('loses nothing that the API server admits', () => {
    fc.assert(
      fc.property(inTodaysWords, spec => {
        const written = JSON.parse(JSON.stringify(spec)) as unknown
        expect(lost(written, readCanary(canaryOf(written)).canary.spec, 'spec').filter(path => !isTranslated(path))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('survives a list of a hundred thousand', () => {
    const stepWeights = Array.from({ length: 100_000 }, (_, index) => index)
    expect(readCanary(canaryManifest({ analysis: { stepWeight: undefined, stepWeights } })).problems.length).toBeLessThanOrEqual(21)
  })
})

it('gives a ladder of whole percentages that rises to the maximum, whatever the numbers', () => {
  const number = fc.option(fc.integer({ min: -200, max: 300 }), { nil: undefined })
  const steps = fc.record({
    stepWeight: number,
    maxWeight: number,
    stepWeights: fc.option(fc.array(fc.integer({ min: -5, max: 300 }), { maxLength: 8 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(steps, analysis => {
      const { canary } = readCanary(canaryManifest({ analysis }))
      const ladder = ladderOf(canary)
      expect(ladder.at(-1)).toBe(maxWeightOf(canary))
      expect(ladder.every((weight, index) => Number.isInteger(weight) && weight > (ladder[index - 1] ?? 0) && weight <= 100)).toBe(true)
    }),
  )
})

describe.each([
  ['MetricTemplate', readMetricTemplate],
  ['AlertProvider', readAlertProvider],
] as const)('reading a %s', (kind, read) => {
  it('never throws, whatever JSON it is', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.jsonValue(),
        (spec, metadata) => read({ apiVersion: '', kind, metadata, spec } as never).object.kind === kind,
      ),
    )
  })

  it('has nothing to say of what the API server admits', () => {
    const admitted = fromSchema(schemaFor(kind).properties?.['spec'] as Schema).map(spec => ({
      address: 'http://a.test/',
      ...(spec as object),
    }))
    fc.assert(
      fc.property(
        admitted.filter(spec => kind === 'AlertProvider' || 'provider' in spec),
        spec => {
          const { problems } = read({
            apiVersion: 'flagger.app/v1beta1',
            kind,
            metadata: { name: 'a' },
            spec: JSON.parse(JSON.stringify(spec)),
          })
          expect(problems.filter(({ path }) => path !== 'spec.address')).toEqual([])
        },
      ),
    )
  })
})
