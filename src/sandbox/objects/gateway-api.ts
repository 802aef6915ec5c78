import * as z from 'zod'
import { LabelSelector } from './selector.ts'
import { Condition, viewOf } from './view.ts'

export const gatewayGroup = 'gateway.networking.k8s.io'

/** Without defaults: its echo in the status must equal it in every field. */
const ParentRef = z.looseObject({
  group: z.string().optional(),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string(),
  sectionName: z.string().optional(),
  port: z.int().optional(),
})
export type ParentRef = z.infer<typeof ParentRef>

const ValueMatch = z.looseObject({ type: z.string().default('Exact'), name: z.string(), value: z.string() })
export type ValueMatch = z.infer<typeof ValueMatch>

const RouteMatch = z.looseObject({
  path: z.looseObject({ type: z.string().default('PathPrefix'), value: z.string().default('/') }).prefault({}),
  headers: z.array(ValueMatch).nullish(),
  queryParams: z.array(ValueMatch).nullish(),
  method: z.string().optional(),
})
export type RouteMatch = z.infer<typeof RouteMatch>

const HeaderValue = z.looseObject({ name: z.string(), value: z.string() })
const HeaderModifier = z.looseObject({
  set: z.array(HeaderValue).nullish(),
  add: z.array(HeaderValue).nullish(),
  remove: z.array(z.string()).nullish(),
})
export type HeaderModifier = z.infer<typeof HeaderModifier>

const PathModifier = z.looseObject({
  type: z.enum(['ReplaceFullPath', 'ReplacePrefixMatch']),
  replaceFullPath: z.string().optional(),
  replacePrefixMatch: z.string().optional(),
})
export type PathModifier = z.infer<typeof PathModifier>

const BackendRef = z.looseObject({
  group: z.string().default(''),
  kind: z.string().default('Service'),
  namespace: z.string().optional(),
  name: z.string(),
  port: z.int().optional(),
})
export type BackendRef = z.infer<typeof BackendRef>

const Redirect = z.looseObject({
  scheme: z.string().optional(),
  hostname: z.string().optional(),
  path: PathModifier.optional(),
  port: z.int().optional(),
  statusCode: z.int().default(302),
})
export type Redirect = z.infer<typeof Redirect>

const Rewrite = z.looseObject({ hostname: z.string().optional(), path: PathModifier.optional() })
export type Rewrite = z.infer<typeof Rewrite>

const Mirror = z.looseObject({
  backendRef: BackendRef,
  percent: z.int().optional(),
  fraction: z.looseObject({ numerator: z.int(), denominator: z.int().default(100) }).optional(),
})
export type Mirror = z.infer<typeof Mirror>

const Filter = z.looseObject({
  type: z.string(),
  requestHeaderModifier: HeaderModifier.optional(),
  responseHeaderModifier: HeaderModifier.optional(),
  requestRedirect: Redirect.optional(),
  urlRewrite: Rewrite.optional(),
  requestMirror: Mirror.optional(),
})
export type Filter = z.infer<typeof Filter>

const WeightedBackendRef = BackendRef.extend({ weight: z.int().default(1), filters: z.array(Filter).nullish() })
export type WeightedBackendRef = z.infer<typeof WeightedBackendRef>

const Rule = z.looseObject({
  name: z.string().optional(),
  matches: z.array(RouteMatch).nullish(),
  filters: z.array(Filter).nullish(),
  backendRefs: z.array(WeightedBackendRef).nullish(),
  timeouts: z.looseObject({ request: z.string().optional(), backendRequest: z.string().optional() }).optional(),
})
export type Rule = z.infer<typeof Rule>

const RouteParentStatus = z.looseObject({
  parentRef: z.looseObject({}),
  controllerName: z.string(),
  conditions: z.array(Condition).default([]),
})
export type RouteParentStatus = z.infer<typeof RouteParentStatus>

export const readHttpRoute = viewOf(
  z.looseObject({
    spec: z.looseObject({
      parentRefs: z.array(ParentRef).nullish(),
      hostnames: z.array(z.string()).nullish(),
      rules: z.array(Rule).nullish(),
    }),
    status: z.looseObject({ parents: z.array(RouteParentStatus).default([]) }).prefault({}),
  }),
)
export type HttpRoute = ReturnType<typeof readHttpRoute>

const AllowedRoutes = z.looseObject({
  namespaces: z.looseObject({ from: z.string().default('Same'), selector: LabelSelector.optional() }).prefault({}),
  kinds: z.array(z.looseObject({ group: z.string().default(gatewayGroup), kind: z.string() })).nullish(),
})

const Listener = z.looseObject({
  name: z.string(),
  hostname: z.string().optional(),
  port: z.int(),
  protocol: z.string(),
  allowedRoutes: AllowedRoutes.prefault({}),
})
export type Listener = z.infer<typeof Listener>

const ListenerStatus = z.looseObject({ name: z.string(), conditions: z.array(Condition).default([]) })
export type ListenerStatus = z.infer<typeof ListenerStatus>

export const readGateway = viewOf(
  z.looseObject({
    spec: z.looseObject({ gatewayClassName: z.string(), listeners: z.array(Listener) }),
    status: z.looseObject({ conditions: z.array(Condition).default([]), listeners: z.array(ListenerStatus).default([]) }).prefault({}),
  }),
)
export type Gateway = ReturnType<typeof readGateway>

export const readGatewayClass = viewOf(
  z.looseObject({
    spec: z.looseObject({ controllerName: z.string() }),
    status: z.looseObject({ conditions: z.array(Condition).default([]) }).prefault({}),
  }),
)
export type GatewayClass = ReturnType<typeof readGatewayClass>
