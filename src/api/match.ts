import * as z from 'zod'
import { StringMap, Whole } from './field.ts'

const oneOfItsKinds = ['exact', 'prefix', 'suffix', 'regex'].map(kind => ({ required: [kind] }))

/** How one text is compared: exactly one of the fields is set. */
export const StringMatch = z
  .object({
    exact: z.string().optional().describe('The whole text, case-sensitive.'),
    prefix: z.string().optional().describe('How the text begins.'),
    suffix: z.string().optional().describe('How the text ends. Few routing layers know it.'),
    regex: z.string().optional().describe('A regular expression for the whole text, in the dialect of the routing layer.'),
  })
  .meta({ oneOf: oneOfItsKinds })
export type StringMatch = z.infer<typeof StringMatch>

const byName = z.record(z.string(), StringMatch)

/** Conditions on one request, all of which must hold; in a list, any element may. Shape: Istio's HTTPMatchRequest. */
export const HttpMatch = z.object({
  name: z.string().optional().describe('A name for logs and metrics of the mesh.'),
  uri: StringMatch.optional().describe('Condition on the path.'),
  scheme: StringMatch.optional().describe('Condition on the URI scheme.'),
  method: StringMatch.optional().describe('Condition on the HTTP method.'),
  authority: StringMatch.optional().describe('Condition on the authority (host).'),
  headers: byName.optional().describe('Conditions on headers, by lower-case name.'),
  withoutHeaders: byName.optional().describe('Conditions on headers that must not hold.'),
  queryParams: byName.optional().describe('Conditions on query parameters, by name.'),
  port: Whole.optional().describe('Port that the request came in on.'),
  sourceLabels: StringMap.optional().describe('Labels of the calling workload; only where the mesh sees it.'),
  sourceNamespace: z.string().optional().describe('Namespace of the calling workload.'),
  gateways: z.array(z.string()).optional().describe('Gateways to which the condition applies.'),
  ignoreUriCase: z.boolean().optional().describe('Whether exact and prefix matches of the path ignore case.'),
})
export type HttpMatch = z.infer<typeof HttpMatch>

/** The conditions that an analysis may set: who takes part in the test. */
export const AnalysisMatch = HttpMatch.pick({ headers: true, queryParams: true, sourceLabels: true })
