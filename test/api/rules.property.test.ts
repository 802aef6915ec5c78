import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CanarySpec } from '../../src/api/canary.ts'
import { specRules } from '../../src/api/rules.ts'
import { celCauses } from '../../src/sandbox/apiserver/cel-rules.ts'
import { schemaFor } from '../support/admission.ts'

const below = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .filter(Boolean)
    .reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], value)

const schemaBelow = (node: string) =>
  node
    .split('.')
    .filter(Boolean)
    .reduce((schema, step) => schema?.properties?.[step], schemaFor('Canary').properties?.['spec'])

/** The same schema without its other rules, which would have their say as well. */
const withoutRules = <S>(schema: S): S =>
  JSON.parse(JSON.stringify(schema, (key, value) => (key === 'x-kubernetes-validations' ? undefined : value)))

/** What CEL says of the node as written; a node that is not there breaks no rule. */
const celHolds = (spec: object, { node, cel, message }: (typeof specRules)[number]): boolean => {
  const value = below(spec, node)
  if (value === undefined) return true
  const schema = { ...withoutRules(schemaBelow(node)), 'x-kubernetes-validations': [{ rule: cel, message }] }
  return celCauses({ value, before: undefined, schema, path: node }).length === 0
}

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const ref = (kinds: readonly string[], apiVersions: readonly string[]) =>
  fc.record({
    apiVersion: fc.constantFrom(...apiVersions),
    kind: fc.constantFrom(...kinds),
    name: fc.constantFrom('podinfo', 'a'.repeat(55), 'a'.repeat(56), 'a'.repeat(245), 'a'.repeat(246)),
  })

/** Specs in which each rule is broken about as often as not. */
const spec = fc
  .record({
    targetRef: ref(['Deployment', 'Service'], ['apps/v1', 'v1', 'serving.knative.dev/v1']),
    provider: maybe(
      fc.constantFrom('istio', 'knative', 'gatewayapi:v1', 'gatewayapi:v1beta1', 'nginx', 'skipper', 'apisix', 'appmesh', 'kubernetes'),
    ),
    autoscalerRef: maybe(ref(['HorizontalPodAutoscaler'], ['autoscaling/v2'])),
    ingressRef: maybe(ref(['Ingress'], ['networking.k8s.io/v1'])),
    routeRef: maybe(ref(['ApisixRoute'], ['apisix.apache.org/v2'])),
    service: fc.record({
      port: fc.constant(80),
      name: maybe(fc.constantFrom('', 'podinfo', 'b'.repeat(55), 'b'.repeat(56))),
      meshName: maybe(fc.constantFrom('', 'mesh')),
      delegation: maybe(fc.boolean()),
      hosts: maybe(fc.constantFrom([], ['podinfo.test'])),
      gateways: maybe(fc.constantFrom([], ['mesh'])),
      gatewayRefs: maybe(fc.constantFrom([], [{ name: 'gateway' }])),
    }),
    analysis: fc.record({
      stepWeights: maybe(fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 4 })),
      sessionAffinity: maybe(
        fc.record({ cookieName: fc.constantFrom('', 'a', 'b'), primaryCookieName: maybe(fc.constantFrom('', 'a', 'b')) }),
      ),
    }),
  })
  .map(written => JSON.parse(JSON.stringify(written)) as object)

describe.each(specRules)('the rule: $message', rule => {
  it('says the same in CEL and in TypeScript', () =>
    fc.assert(fc.property(spec, written => rule.holds(CanarySpec.parse(written)) === celHolds(written, rule))))

  it('can be broken', () =>
    expect(fc.sample(spec, { numRuns: 500, seed: 1 }).some(written => !rule.holds(CanarySpec.parse(written)))).toBe(true))
})
