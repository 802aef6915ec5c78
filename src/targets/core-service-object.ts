import * as z from 'zod'
import type { Json, KubeObject } from '../api/object.ts'

type Fields = Readonly<Record<string, Json>>

/** What a Service says about where requests go. All else (addresses, node ports, load balancers) belongs to that one Service, and has no copy. */
const copiedFields = [
  'selector',
  'externalName',
  'sessionAffinity',
  'sessionAffinityConfig',
  'publishNotReadyAddresses',
  'internalTrafficPolicy',
  'ipFamilyPolicy',
  'ipFamilies',
  'trafficDistribution',
] as const

const specOf = (object: KubeObject): Fields => (object['spec'] ?? {}) as Fields

const onlyPresent = (fields: Readonly<Record<string, Json | undefined>>): Fields =>
  Object.fromEntries(Object.entries(fields).filter((one): one is [string, Json] => one[1] !== undefined))

/** A number that the API server gave to this one Service. */
const withoutNodePort = (port: Json): Json => {
  const { nodePort: _, ...rest } = port as Fields
  return rest
}

const isHeadless = ({ clusterIP }: Fields): boolean => clusterIP === 'None'

/** The spec as a track has it: reached inside the cluster, whatever the Service itself is for. */
const copiedSpec = (spec: Fields): Fields =>
  onlyPresent({
    ...Object.fromEntries(copiedFields.map(field => [field, spec[field]])),
    type: spec['type'] === 'ExternalName' ? 'ExternalName' : 'ClusterIP',
    clusterIP: isHeadless(spec) ? 'None' : undefined,
    ports: (spec['ports'] as readonly Json[] | undefined)?.map(withoutNodePort),
  })

/** What a revision of a core Service is. */
export const serviceTemplate = (object: KubeObject): Json => ({ kind: 'Service', spec: copiedSpec(specOf(object)) })

const Template = z.looseObject({ kind: z.literal('Service'), spec: z.looseObject({}) })

export const isServiceTemplate = (template: Json): boolean => Template.safeParse(template).success

/** The spec of a track whose Service stands, or does not yet: the API server lets none become headless, or stop being so. */
export const trackSpec = (template: Json, live: KubeObject | undefined): Fields => {
  const { spec } = template as unknown as { readonly spec: Fields }
  const { clusterIP: _, ...rest } = spec
  return isHeadless(live ? specOf(live) : spec) ? { ...rest, clusterIP: 'None' } : rest
}

/** Labels by which the Service finds its pods. */
export const selectorOf = (object: KubeObject): Readonly<Record<string, string>> =>
  (specOf(object)['selector'] ?? {}) as Readonly<Record<string, string>>
