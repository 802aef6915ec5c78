import { type Canary, serviceNames } from '../api/canary.ts'
import type { Traffic } from '../core/traffic.ts'
import { backendFilters, ruleFilters } from './gateway-filters.ts'
import { laneMatches, serviceMatches } from './gateway-matches.ts'
import { type Lane, lanesOf } from './lanes.ts'
import { type Fields, fieldsOf, listOf, numberOf, present, textOf } from './reading.ts'
import { sharesOf } from './shares.ts'

/*
 * The rules of an HTTPRoute: one per lane. The API server stores them as one value, so whoever writes one writes all of them; what others
 * added to a rule beside the fields we know (its name, retries, session persistence) is therefore carried over from the live one.
 */

const ownFields = ['matches', 'filters', 'timeouts', 'backendRefs'] as const

/** The rules for this traffic; `live` are those that stand there now. */
export const rulesFor = (canary: Canary, traffic: Traffic, live: readonly Fields[]): readonly Fields[] => {
  const { name, ...others } = foreignFields(weightedRule(canary, live) ?? {}) as Fields & { readonly name?: unknown }
  const lanes = lanesOf(canary, traffic)
  const weighted = lanes.findLast(lane => lane.canary !== undefined)
  // A name has to be unique in the route; it stays with the rule that carries the weights.
  return lanes.map(lane =>
    present({ ...others, name: lane === weighted ? name : undefined, ...ruleOf(canary, lane, trackBackends(canary, lane)) }),
  )
}

/** One rule that sends everything to the Service that clients use, where nothing else is known to go back to. */
export const rulesToApex = (canary: Canary): readonly Fields[] => [
  ruleOf(canary, { takes: { kind: 'all' }, primary: 100, mirrored: false }, [
    backend(canary, { name: serviceNames(canary).apex, weight: 100 }),
  ]),
]

const ruleOf = (canary: Canary, lane: Lane, backendRefs: readonly Fields[]): Fields => {
  const { service } = canary.spec
  const filters = ruleFilters({ canary, lane, mirrorTo: serviceNames(canary).canary })
  const timeouts = present({ request: service.timeout || undefined, backendRequest: service.backendTimeout || undefined })
  return present({
    matches: laneMatches(lane.takes, serviceMatches(service.match).matches),
    filters: filters.length > 0 ? filters : undefined,
    timeouts: Object.keys(timeouts).length > 0 ? timeouts : undefined,
    backendRefs,
  })
}

const trackBackends = (canary: Canary, lane: Lane): readonly Fields[] => {
  const names = serviceNames(canary)
  const primary = backend(canary, { name: names.primary, weight: lane.primary, cookie: lane.cookies?.primary })
  if (lane.canary === undefined) return [primary]
  return [primary, backend(canary, { name: names.canary, weight: lane.canary, cookie: lane.cookies?.canary })]
}

interface Backend {
  readonly name: string
  readonly weight: number
  readonly cookie?: string | undefined
}

const backend = (canary: Canary, { name, weight, cookie }: Backend): Fields => {
  const filters = backendFilters(cookie)
  return { group: '', kind: 'Service', name, port: canary.spec.service.port, weight, ...(filters.length > 0 ? { filters } : {}) }
}

const foreignFields = (rule: Fields): Fields =>
  Object.fromEntries(Object.entries(rule).filter(([field]) => !(ownFields as readonly string[]).includes(field)))

/** The rule that carries the live shares: the last one that names both tracks. */
const weightedRule = (canary: Canary, rules: readonly Fields[]): Fields | undefined => {
  const { primary, canary: ofCanary } = serviceNames(canary)
  return rules.findLast(rule => [primary, ofCanary].every(name => weightOf(rule, name) !== undefined))
}

/** Weight of a Service in a rule; 1 where the rule says none, as the API has it. */
const weightOf = (rule: Fields, service: string): number | undefined => {
  const found = listOf(rule['backendRefs'])
    .map(fieldsOf)
    .find(({ name }) => name === service) as { readonly weight?: unknown } | undefined
  return found && (numberOf(found.weight) ?? 1)
}

/** Whether any rule names a Service of ours. */
export const namesTracks = (canary: Canary, rules: readonly Fields[]): boolean => {
  const { primary, canary: ofCanary } = serviceNames(canary)
  return rules.some(rule => [primary, ofCanary].some(name => weightOf(rule, name) !== undefined))
}

/** The live rules with other shares, and all else as it is. Who is kept on a track by a cookie stays there as long as that gets anybody. */
export const redirected = (canary: Canary, traffic: Traffic, rules: readonly Fields[]): readonly Fields[] => {
  const weighted = weightedRule(canary, rules)
  return rules.map(rule => {
    const names = serviceNames(canary)
    const isSplit = [names.primary, names.canary].every(name => weightOf(rule, name) !== undefined)
    const isMoved = isSplit && (rule === weighted || traffic.canary === 0 || traffic.primary === 0)
    const kept = traffic.mirrored ? rule : withoutMirrors(rule, names.canary)
    return isMoved ? { ...kept, backendRefs: listOf(rule['backendRefs']).map(ref => reweighed(canary, traffic, fieldsOf(ref))) } : kept
  })
}

const reweighed = (canary: Canary, traffic: Traffic, ref: Fields): Fields => {
  const names = serviceNames(canary)
  if (ref['name'] === names.primary) return { ...ref, weight: traffic.primary }
  return ref['name'] === names.canary ? { ...ref, weight: traffic.canary } : ref
}

const withoutMirrors = (rule: Fields, service: string): Fields => {
  if (mirrorsTo(rule, service) === 0) return rule
  const { filters, ...others } = rule as Fields & { readonly filters?: unknown }
  const kept = listOf(filters).filter(filter => mirroredService(filter) !== service)
  return kept.length > 0 ? { ...others, filters: kept } : others
}

/** The traffic that live rules carry. */
export const trafficOf = (canary: Canary, rules: readonly Fields[]): Traffic | undefined => {
  const rule = weightedRule(canary, rules)
  if (!rule) return undefined
  const names = serviceNames(canary)
  const shares = sharesOf({ primary: weightOf(rule, names.primary) ?? 0, canary: weightOf(rule, names.canary) ?? 0 })
  return shares && { ...shares, mirrored: mirrorsTo(rule, names.canary) > staticMirrors(canary) }
}

const mirroredService = (filter: unknown): string | undefined =>
  textOf(fieldsOf(fieldsOf(fieldsOf(filter)['requestMirror'])['backendRef'])['name'])

const mirrorsTo = (rule: Fields, service: string): number =>
  listOf(rule['filters']).filter(filter => mirroredService(filter) === service).length

/** Copies that the user asked for at all times are no mirror of the analysis. */
const staticMirrors = (canary: Canary): number =>
  canary.spec.service.mirror.filter(({ backendRef }) => backendRef.name === serviceNames(canary).canary).length
