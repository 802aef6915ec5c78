import { parseDurationMs } from '../../duration.ts'
import type { Filter, HeaderModifier, Mirror, Redirect, Rewrite, Rule, WeightedBackendRef } from '../objects/gateway-api.ts'
import type { Cluster, Resolution } from './backend.ts'
import { type WeightedChoice, weightedChoice } from './weighted-choice.ts'

/** Filters in the order in which they are carried out. */
export interface FilterSet {
  readonly requestHeaders: readonly HeaderModifier[]
  readonly responseHeaders: readonly HeaderModifier[]
  readonly rewrite: Rewrite | undefined
  readonly redirect: Redirect | undefined
  readonly mirrors: readonly CompiledMirror[]
}

export interface CompiledMirror {
  readonly cluster: Cluster
  /** Whether the next request is one to copy. */
  readonly share: WeightedChoice<boolean>
}

export interface CompiledBackend {
  /** Undefined where the reference leads nowhere: its share of requests gets a 500. */
  readonly cluster: Cluster | undefined
  readonly filters: FilterSet
}

/** One rule of a route, ready to serve. */
export interface CompiledRule {
  /** `namespace/name` of its route. */
  readonly route: string
  readonly filters: FilterSet
  readonly backends: WeightedChoice<CompiledBackend>
  readonly requestTimeoutMs: number | undefined
  readonly backendTimeoutMs: number | undefined
}

/** A rule asks for something that this data plane does not know. */
class UnsupportedFilter extends Error {}

const known: ReadonlySet<string> = new Set([
  'RequestHeaderModifier',
  'ResponseHeaderModifier',
  'RequestRedirect',
  'URLRewrite',
  'RequestMirror',
])

export type Resolve = (ref: WeightedBackendRef | Mirror['backendRef']) => Resolution

const shareOf = ({ percent, fraction }: Mirror): WeightedChoice<boolean> => {
  const [numerator, denominator] = fraction ? [fraction.numerator, fraction.denominator] : [percent ?? 100, 100]
  return weightedChoice([
    [true, numerator],
    [false, denominator - numerator],
  ])
}

const compileMirror = (mirror: Mirror, resolve: Resolve): CompiledMirror[] => {
  const resolution = resolve(mirror.backendRef)
  return resolution.resolved ? [{ cluster: resolution.cluster, share: shareOf(mirror) }] : []
}

const compileFilters = (filters: readonly Filter[], resolve: Resolve): FilterSet => {
  const stranger = filters.find(({ type }) => !known.has(type))
  if (stranger) throw new UnsupportedFilter(`filters of type ${JSON.stringify(stranger.type)} are not supported`)
  return {
    requestHeaders: filters.flatMap(({ requestHeaderModifier: modifier }) => (modifier ? [modifier] : [])),
    responseHeaders: filters.flatMap(({ responseHeaderModifier: modifier }) => (modifier ? [modifier] : [])),
    rewrite: filters.find(({ urlRewrite }) => urlRewrite)?.urlRewrite,
    redirect: filters.find(({ requestRedirect }) => requestRedirect)?.requestRedirect,
    mirrors: filters.flatMap(({ requestMirror }) => (requestMirror ? compileMirror(requestMirror, resolve) : [])),
  }
}

/** `0s` switches a time-out off. */
const timeoutMs = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDurationMs(text) || undefined)

/** @throws {UnsupportedFilter} a filter that is not known @throws {DurationInvalid} a time-out that is none */
export const compileRule = (route: string, rule: Rule, resolve: Resolve): CompiledRule => {
  const backends = (rule.backendRefs ?? []).map((ref): [CompiledBackend, number] => {
    const resolution = resolve(ref)
    return [
      { cluster: resolution.resolved ? resolution.cluster : undefined, filters: compileFilters(ref.filters ?? [], resolve) },
      ref.weight,
    ]
  })
  return {
    route,
    filters: compileFilters(rule.filters ?? [], resolve),
    backends: weightedChoice(backends),
    requestTimeoutMs: timeoutMs(rule.timeouts?.request),
    backendTimeoutMs: timeoutMs(rule.timeouts?.backendRequest),
  }
}
