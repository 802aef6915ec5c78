import { keyText } from '../../api/object.ts'
import { messageOf } from '../../errors.ts'
import type { Gateway, HttpRoute, ParentRef, Rule } from '../objects/gateway-api.ts'
import { type Attachment, type AttachmentWorld, attach, parentRefsTo } from './attachment.ts'
import { type Cluster, resolveBackend, type ServiceLookup } from './backend.ts'
import { type CompiledRule, compileRule, type Resolve } from './compiled-rule.ts'
import { compileMatch } from './route-match.ts'
import type { Entry } from './route-table.ts'

/** What compiling looks up. */
export interface CompileWorld extends Pick<AttachmentWorld, 'namespaceLabels'> {
  readonly serviceOf: ServiceLookup
}

/** What became of one parent of one route. */
export interface ParentVerdict {
  readonly parentRef: ParentRef
  readonly attachment: Attachment
}

export interface RouteVerdict {
  readonly route: HttpRoute
  readonly parents: readonly ParentVerdict[]
  /** The first backend that leads nowhere. */
  readonly unresolved: { readonly reason: string; readonly message: string } | undefined
}

/** One route, ready to serve. */
export interface CompiledRoute {
  readonly verdict: RouteVerdict
  readonly entries: readonly Entry[]
  /** The Service ports that it may send requests to. */
  readonly clusters: readonly Cluster[]
  /** Every Service that it names (`namespace/name`), there or not. */
  readonly services: ReadonlySet<string>
}

/** How a route is called in metrics and in maps. */
export const routeText = ({ metadata }: HttpRoute): string => keyText({ namespace: metadata.namespace ?? '', name: metadata.name })

type Problem = NonNullable<RouteVerdict['unresolved']>

interface Resolver extends Pick<CompiledRoute, 'clusters' | 'services'> {
  readonly resolve: Resolve
  problem(): Problem | undefined
}

/** Resolves backends, and remembers what it found and the first that could not be. */
const resolver = (route: HttpRoute, serviceOf: ServiceLookup): Resolver => {
  const clusters: Cluster[] = []
  const services = new Set<string>()
  const namespace = route.metadata.namespace ?? ''
  let problem: Problem | undefined
  return {
    resolve: ref => {
      const resolution = resolveBackend(ref, namespace, serviceOf)
      services.add(keyText({ namespace: ref.namespace ?? namespace, name: ref.name }))
      if (resolution.resolved) clusters.push(resolution.cluster)
      else problem ??= { reason: resolution.reason, message: resolution.message }
      return resolution
    },
    clusters,
    services,
    problem: () => problem,
  }
}

type RouteEntry = Omit<Entry, 'hostname'>

const entriesOfRule = (rule: Rule, compiled: CompiledRule, age: string): RouteEntry[] => {
  const matches = rule.matches && rule.matches.length > 0 ? rule.matches : [{ path: { type: 'PathPrefix', value: '/' } }]
  return matches.map(match => ({ match: compileMatch(match), rule: compiled, age }))
}

const compileRules = (route: HttpRoute, resolve: Resolve): RouteEntry[] => {
  const age = `${route.metadata.creationTimestamp ?? ''} ${routeText(route)}`
  return (route.spec.rules ?? []).flatMap(rule => entriesOfRule(rule, compileRule(routeText(route), rule, resolve), age))
}

/** Compiles one route for the Gateway. One that cannot be served says why, and harms no other. */
export const compileRoute = (route: HttpRoute, gateway: Gateway, world: CompileWorld): CompiledRoute => {
  const { resolve, clusters, services, problem } = resolver(route, world.serviceOf)
  const refs = parentRefsTo(gateway, route)
  const verdictWith = (attachmentOf: (parentRef: ParentRef) => Attachment): RouteVerdict => ({
    route,
    parents: refs.map(parentRef => ({ parentRef, attachment: attachmentOf(parentRef) })),
    unresolved: problem(),
  })
  try {
    const rules = compileRules(route, resolve)
    const verdict = verdictWith(parentRef => attach(route, parentRef, { gateway, namespaceLabels: world.namespaceLabels }))
    const hosts = new Set(verdict.parents.flatMap(({ attachment }) => (attachment.accepted ? attachment.hostnames : [])))
    return { verdict, entries: [...hosts].flatMap(hostname => rules.map(rule => ({ ...rule, hostname }))), clusters, services }
  } catch (error) {
    const attachment = { accepted: false, reason: 'UnsupportedValue', message: messageOf(error) } as const
    return { verdict: verdictWith(() => attachment), entries: [], clusters, services }
  }
}
