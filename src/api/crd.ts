import type { z } from 'zod'
import { AlertProviderSpec } from './alert-provider.ts'
import { apiGroup, WrittenSpec } from './canary.ts'
import { MetricTemplateSpec } from './metric-template.ts'
import type { Manifest } from './object.ts'
import { specRules } from './rules.ts'
import { CanaryStatus } from './status.ts'
import { type Schema, structuralSchema, type Validation } from './structural-schema.ts'

/** A rule, and the node that it stands on as a path of property names. */
interface PlacedRule extends Validation {
  readonly node: string
}

/**
 * What the API server asks of a manifest beyond the rules that the reader checks too.
 *
 * None of them looks at `self.apiVersion`: an object that came in as v1alpha3 is stored, and its status is written, as v1beta1, so
 * whatever v1beta1 refused would make it unmanageable. The fields tell old manifests from new ones instead: `analysis` is held to what
 * the field's v1beta1 asks of it, `canaryAnalysis` is not.
 */
const admissionRules: readonly PlacedRule[] = [
  {
    node: 'spec',
    rule: 'has(self.analysis) || has(self.canaryAnalysis)',
    message: 'expected spec.analysis, got nothing; add it',
  },
  {
    node: 'spec.analysis',
    rule: 'has(self.interval) && has(self.threshold)',
    message: 'expected interval and threshold; add what is missing, for example interval: 1m and threshold: 5',
  },
  {
    node: 'spec.analysis',
    rule: '[has(self.iterations), has(self.stepWeight), has(self.stepWeights)].exists_one(given, given)',
    message: 'expected exactly one of iterations, stepWeight and stepWeights; remove the others, or add one',
  },
  {
    node: 'spec',
    rule: "self.targetRef.kind == 'Service' || (has(self.service) && (has(self.service.port) || (has(self.service.targetPort) && type(self.service.targetPort) == int)))",
    message: 'expected spec.service.port, got nothing; add it, for example port: 80',
  },
]

/** A rule about the analysis holds for both of its spellings. */
const placesOf = (node: string): readonly string[] => {
  if (node === '') return ['spec']
  return node.startsWith('analysis') ? [`spec.${node}`, `spec.canaryA${node.slice(1)}`] : [`spec.${node}`]
}

const celRulesOfSpec: readonly PlacedRule[] = specRules.flatMap(({ node, cel, message }) =>
  placesOf(node).map(place => ({ node: place, rule: cel, message })),
)

interface Column {
  readonly name: string
  readonly type: string
  readonly jsonPath: string
  readonly priority?: number
}

const column = (name: string, jsonPath: string): Column => ({ name, type: 'string', jsonPath })
const wide = (name: string, jsonPath: string, type = 'string'): Column => ({ name, type, jsonPath, priority: 1 })

interface Kind {
  readonly kind: string
  readonly plural: string
  readonly description: string
  readonly spec: z.ZodType
  readonly status?: z.ZodType
  readonly columns: readonly Column[]
  readonly rules: readonly PlacedRule[]
}

const kinds: readonly Kind[] = [
  {
    kind: 'Canary',
    plural: 'canaries',
    description: 'Releases each new revision of a workload step by step, on evidence.',
    spec: WrittenSpec.describe('What is released, how it is reached and how it is tested.'),
    status: CanaryStatus.describe('How far the rollout has come. Written by the controller.'),
    columns: [
      column('Status', '.status.phase'),
      column('Weight', '.status.canaryWeight'),
      wide('Suspended', '.spec.suspend', 'boolean'),
      wide('FailedChecks', '.status.failedChecks'),
      wide('Interval', '.spec.analysis.interval'),
      wide('Mirror', '.spec.analysis.mirror', 'boolean'),
      wide('StepWeight', '.spec.analysis.stepWeight'),
      wide('StepWeights', '.spec.analysis.stepWeights'),
      wide('MaxWeight', '.spec.analysis.maxWeight'),
      column('LastTransitionTime', '.status.lastTransitionTime'),
    ],
    rules: [...admissionRules, ...celRulesOfSpec],
  },
  {
    kind: 'MetricTemplate',
    plural: 'metrictemplates',
    description: 'A query, and the metric store that answers it.',
    spec: MetricTemplateSpec.describe('Whom to ask, and what.'),
    columns: [column('Provider', '.spec.provider.type')],
    rules: [],
  },
  {
    kind: 'AlertProvider',
    plural: 'alertproviders',
    description: 'A chat system that is told about rollouts.',
    spec: AlertProviderSpec.describe('Whom to tell, and how to get there.'),
    columns: [column('Type', '.spec.type')],
    rules: [{ node: 'spec', rule: 'has(self.address) || has(self.secretRef)', message: 'expected address or secretRef; add one of them' }],
  },
]

const objectSchema = ({ description, spec, status, rules }: Kind): Schema =>
  rules.reduce(withRule, {
    description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { description: 'Version of the schema of this object.', type: 'string' },
      kind: { description: 'Kind of this object.', type: 'string' },
      metadata: { type: 'object' },
      spec: structuralSchema(spec),
      // Nothing writes the status of the helper kinds today; conditions of later versions must not be pruned.
      status: status ? structuralSchema(status) : { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  })

const withRule = (schema: Schema, { node, rule, message }: PlacedRule): Schema => validatedAt(schema, node.split('.'), { rule, message })

const validatedAt = (schema: Schema, [step, ...rest]: readonly string[], validation: Validation): Schema => {
  if (step === undefined) return { ...schema, 'x-kubernetes-validations': [...(schema['x-kubernetes-validations'] ?? []), validation] }
  const inner = schema.properties?.[step]
  if (!inner) throw new RangeError(`no property ${step} for the rule: ${validation.rule}`)
  return { ...schema, properties: { ...schema.properties, [step]: validatedAt(inner, rest, validation) } }
}

const deprecation = `${apiGroup}/v1alpha3 is deprecated; write ${apiGroup}/v1beta1`

const crdOf = (kind: Kind): Manifest => {
  const shared = {
    served: true,
    schema: { openAPIV3Schema: objectSchema(kind) },
    subresources: { status: {} },
    additionalPrinterColumns: kind.columns,
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${apiGroup}`, annotations: { 'helm.sh/resource-policy': 'keep' } },
    spec: {
      group: apiGroup,
      names: { kind: kind.kind, listKind: `${kind.kind}List`, plural: kind.plural, singular: kind.kind.toLowerCase(), categories: ['all'] },
      scope: 'Namespaced',
      versions: [
        { name: 'v1beta1', storage: true, ...shared },
        { name: 'v1alpha3', storage: false, deprecated: true, deprecationWarning: deprecation, ...shared },
      ],
    },
  }
}

/** The CustomResourceDefinitions of our three kinds. Both versions share one schema, so that converting between them prunes nothing. */
export const customResourceDefinitions = (): readonly Manifest[] => kinds.map(crdOf)
