import { type CanarySpec, isKnativeRef } from './canary.ts'
import { isRising } from './steps.ts'

/** One thing that a schema alone cannot say, in two languages: CEL for the API server, TypeScript for the reader. A test holds them equal. */
export interface SpecRule {
  /** The node of the schema below `spec` that the CEL rule stands on; `''` is `spec` itself. */
  readonly node: string
  /** True when all is well; `self` is the node as written. */
  readonly cel: string
  readonly holds: (spec: CanarySpec) => boolean
  /** The field that people have to look at, below `spec`. */
  readonly field: string
  /** What is expected, and what to do. */
  readonly message: string
  /** Why a manifest that breaks it could never have worked. */
  readonly why: string
}

const celKnative =
  "self.targetRef.kind == 'Service' && has(self.targetRef.apiVersion) && self.targetRef.apiVersion == 'serving.knative.dev/v1'"

/** Kubernetes takes 253 characters for the name of a workload or a scaler, and `-primary` is 8 of them. */
const longestName = 245

/** Kubernetes takes 63 characters for the name of a Service, and `-primary` is 8 of them. */
const longestServiceName = 55

const celServiceName = "has(self.service) && has(self.service.name) && self.service.name != '' ? self.service.name : self.targetRef.name"

const serviceNameOf = ({ service, targetRef }: CanarySpec): string => service.name || targetRef.name

interface Need {
  readonly provider: string
  readonly field: string
  readonly cel: string
  readonly has: (spec: CanarySpec) => boolean
}

/** Fields without which a routing layer has nothing to write to. */
const needs: readonly Need[] = [
  ...['gatewayapi:v1', 'gatewayapi:v1beta1'].map(provider => ({
    provider,
    field: 'service.gatewayRefs',
    cel: 'has(self.service) && has(self.service.gatewayRefs) && size(self.service.gatewayRefs) > 0',
    has: ({ service }: CanarySpec) => service.gatewayRefs.length > 0,
  })),
  ...['nginx', 'skipper'].map(provider => ({
    provider,
    field: 'ingressRef',
    cel: 'has(self.ingressRef)',
    has: (spec: CanarySpec) => spec.ingressRef !== undefined,
  })),
  { provider: 'apisix', field: 'routeRef', cel: 'has(self.routeRef)', has: spec => spec.routeRef !== undefined },
  {
    provider: 'appmesh',
    field: 'service.meshName',
    cel: "has(self.service) && has(self.service.meshName) && self.service.meshName != ''",
    has: ({ service }) => Boolean(service.meshName),
  },
]

const needRule = ({ provider, field, cel, has }: Need): SpecRule => ({
  node: '',
  cel: `!has(self.provider) || self.provider != '${provider}' || (${cel})`,
  holds: spec => spec.provider !== provider || has(spec),
  field,
  message: `provider ${provider} needs spec.${field}; add it`,
  why: 'The routing layer has nothing to write to; every pass ends in an error.',
})

export const specRules: readonly SpecRule[] = [
  {
    node: 'analysis.stepWeights',
    cel: 'self.isSorted() && self.all(weight, self.exists_one(other, other == weight))',
    holds: ({ analysis }) => isRising(analysis.stepWeights ?? []),
    field: 'analysis.stepWeights',
    message: 'stepWeights must rise from step to step; remove or reorder the step that does not',
    why: 'A ladder that does not rise stays on one step for ever, or jumps past the analysis.',
  },
  {
    node: 'analysis.sessionAffinity',
    cel: "self.cookieName != (has(self.primaryCookieName) ? self.primaryCookieName : '')",
    holds: ({ analysis: { sessionAffinity } }) =>
      !sessionAffinity || sessionAffinity.cookieName !== (sessionAffinity.primaryCookieName ?? ''),
    field: 'analysis.sessionAffinity.primaryCookieName',
    message: 'cookieName and primaryCookieName must differ, and cookieName must not be empty; rename one of them',
    why: 'One cookie cannot keep a user on two tracks.',
  },
  {
    node: '',
    cel: `(${celKnative}) == (has(self.provider) && self.provider == 'knative')`,
    holds: spec => isKnativeRef(spec.targetRef) === (spec.provider === 'knative'),
    field: 'provider',
    message:
      'a target of kind Service in serving.knative.dev/v1 needs provider knative, and provider knative needs such a target; set both or neither',
    why: 'Only the Knative layer can route a Knative Service, and nothing else.',
  },
  {
    node: '',
    cel: `!has(self.autoscalerRef) || !(${celKnative})`,
    holds: spec => spec.autoscalerRef === undefined || !isKnativeRef(spec.targetRef),
    field: 'autoscalerRef',
    message: 'a Knative Service scales itself; remove autoscalerRef',
    why: 'There is no second workload that the scaler could be attached to.',
  },
  {
    node: '',
    cel: `(${celKnative}) || size(${celServiceName}) <= ${longestServiceName}`,
    holds: spec => isKnativeRef(spec.targetRef) || serviceNameOf(spec).length <= longestServiceName,
    field: 'service.name',
    message: `the name of the Service has at most ${longestServiceName} characters, so that -primary can follow; set a shorter service.name`,
    why: 'Kubernetes refuses Services with names of more than 63 characters.',
  },
  {
    node: '',
    cel: `self.targetRef.kind == 'Service' || size(self.targetRef.name) <= ${longestName}`,
    holds: ({ targetRef }) => targetRef.kind === 'Service' || targetRef.name.length <= longestName,
    field: 'targetRef.name',
    message: `the name of the target has at most ${longestName} characters, so that -primary can follow; give the workload a shorter one`,
    why: 'Kubernetes refuses workloads with names of more than 253 characters.',
  },
  {
    node: '',
    cel: `!has(self.autoscalerRef) || size(self.autoscalerRef.name) <= ${longestName}`,
    holds: ({ autoscalerRef }) => (autoscalerRef?.name.length ?? 0) <= longestName,
    field: 'autoscalerRef.name',
    message: `the name of the scaler has at most ${longestName} characters, so that -primary can follow; give it a shorter one`,
    why: 'Kubernetes refuses scalers with names of more than 253 characters.',
  },
  {
    node: '',
    cel: "!has(self.provider) || self.provider != 'istio' || !has(self.service) || !has(self.service.delegation) || !self.service.delegation || ((!has(self.service.hosts) || size(self.service.hosts) == 0) && (!has(self.service.gateways) || size(self.service.gateways) == 0))",
    holds: ({ provider, service }) =>
      provider !== 'istio' || !service.delegation || (service.hosts.length === 0 && service.gateways.length === 0),
    field: 'service.delegation',
    message: 'delegation leaves hosts and gateways to another VirtualService; remove service.hosts and service.gateways, or delegation',
    why: 'Istio refuses a delegate with hosts or gateways.',
  },
  ...needs.map(needRule),
]
