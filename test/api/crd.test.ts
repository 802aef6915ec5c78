import { describe, expect, it } from 'vitest'
import { customResourceDefinitions } from '../../src/api/crd.ts'
import { additiveFields } from '../../src/api/status.ts'
import type { Schema } from '../../src/api/structural-schema.ts'
import { schemaFor } from '../support/admission.ts'

interface Spec {
  readonly names: { readonly kind: string; readonly categories: readonly string[]; readonly shortNames?: unknown }
  readonly scope: string
  readonly versions: readonly {
    readonly name: string
    readonly served: boolean
    readonly storage: boolean
    readonly subresources: unknown
    readonly schema: unknown
    readonly additionalPrinterColumns: readonly {
      readonly name: string
      readonly type: string
      readonly jsonPath: string
      readonly priority?: number
    }[]
  }[]
}

const crds = customResourceDefinitions()
const specOf = (name: string): Spec => crds.find(({ metadata }) => metadata.name === `${name}.flagger.app`)?.['spec'] as Spec

const everyNode = (schema: Schema, path: string): (readonly [string, Schema])[] => [
  [path, schema],
  ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => everyNode(inner, `${path}.${name}`)),
  ...(schema.items ? everyNode(schema.items, `${path}[]`) : []),
  ...(schema.additionalProperties ? everyNode(schema.additionalProperties, `${path}.*`) : []),
]
const nodes = everyNode(schemaFor('Canary') as Schema, '')

describe.each(['canaries', 'metrictemplates', 'alertproviders'])('the definition of %s', plural => {
  it('stores v1beta1 and serves v1alpha3 beside it', () =>
    expect(specOf(plural).versions).toMatchObject([
      { name: 'v1beta1', served: true, storage: true },
      { name: 'v1alpha3', served: true, storage: false },
    ]))

  it('has one schema for both versions, so that converting prunes nothing', () => {
    const [first, second] = specOf(plural).versions
    expect(second?.schema).toEqual(first?.schema)
  })

  it('is listed by kubectl get all, without short names', () => {
    expect(specOf(plural)).toMatchObject({ scope: 'Namespaced', names: { categories: ['all'] } })
    expect(specOf(plural).names.shortNames).toBeUndefined()
  })

  it('has a status subresource', () => expect(specOf(plural).versions[0]?.subresources).toEqual({ status: {} }))

  it('survives helm uninstall', () =>
    expect(crds.find(({ metadata }) => metadata.name === `${plural}.flagger.app`)?.metadata.annotations).toEqual({
      'helm.sh/resource-policy': 'keep',
    }))
})

describe('the columns of kubectl get', () => {
  const columns = (plural: string) =>
    specOf(plural).versions[0]?.additionalPrinterColumns.map(
      ({ name, type, jsonPath, priority = 0 }) => `${name} ${type} ${jsonPath} ${priority}`,
    )

  it('show a Canary as the field does', () =>
    expect(columns('canaries')).toEqual([
      'Status string .status.phase 0',
      'Weight string .status.canaryWeight 0',
      'Suspended boolean .spec.suspend 1',
      'FailedChecks string .status.failedChecks 1',
      'Interval string .spec.analysis.interval 1',
      'Mirror boolean .spec.analysis.mirror 1',
      'StepWeight string .spec.analysis.stepWeight 1',
      'StepWeights string .spec.analysis.stepWeights 1',
      'MaxWeight string .spec.analysis.maxWeight 1',
      'LastTransitionTime string .status.lastTransitionTime 0',
    ]))

  it.each([
    ['metrictemplates', 'Provider string .spec.provider.type 0'],
    ['alertproviders', 'Type string .spec.type 0'],
  ])('show %s as the field does', (plural, column) => expect(columns(plural)).toEqual([column]))
})

describe('the schema of a Canary', () => {
  it('is structural: every node has a type, or says why not', () =>
    expect(nodes.filter(([, schema]) => !schema.type && !schema['x-kubernetes-int-or-string']).map(([path]) => path)).toEqual([]))

  it('describes every field of the spec', () => {
    const named = nodes.filter(([path]) => path.startsWith('.spec') && !path.endsWith('[]') && !path.endsWith('.*'))
    expect(named.filter(([, { description }]) => !description).map(([path]) => path)).toEqual([])
  })

  it('keeps the notes of the source to itself', () =>
    expect(JSON.stringify(crds)).not.toMatch(/admitMissing|"presumed"|"written"|9007199254740991|\$ref|\$schema/))

  it('keeps unknown fields in traffic policies only', () => {
    const open = nodes.filter(([, schema]) => schema['x-kubernetes-preserve-unknown-fields']).map(([path]) => path)
    expect(open.filter(path => !path.startsWith('.spec.service.trafficPolicy'))).toEqual([])
  })

  it('has every additive field of the status', () =>
    expect(Object.keys(schemaFor('Canary').properties?.['status']?.properties ?? {})).toEqual(expect.arrayContaining([...additiveFields])))

  it('bounds every list that a rule walks over, as the cost limit of the API server asks', () => {
    const walked = nodes.filter(([, schema]) => schema.type === 'array' && schema['x-kubernetes-validations'])
    expect(walked.map(([path, { maxItems }]) => [path, maxItems])).toEqual([
      ['.spec.analysis.stepWeights', 101],
      ['.spec.canaryAnalysis.stepWeights', 101],
    ])
  })

  it('fits into the annotation of a client-side kubectl apply', () => expect(JSON.stringify(crds[0]).length).toBeLessThan(262_144))
})
