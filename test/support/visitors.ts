import { type Canary, serviceNames } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { Live } from '../../src/core/live.ts'
import { routers } from '../../src/routing/registry.ts'

/* People who call a team's Service, and where a gateway sends each of them: read from the route as a gateway reads it. */

/** What somebody sends with a request, by lower-case names of headers. */
export type Visitor = Readonly<Record<string, string>>

interface Comparison {
  readonly exact?: string
  readonly regex?: string
}

interface Condition extends Comparison {
  readonly header: string
}

/** One entry of a route: whom it takes, and how much of that goes where. */
interface Entry {
  /** Any of these; all conditions of one have to hold. */
  readonly takes: readonly (readonly Condition[])[]
  readonly weights: Readonly<Record<string, number>>
}

interface HttpRoute {
  readonly spec: {
    readonly rules?: readonly {
      readonly matches?: readonly {
        readonly headers?: readonly { readonly type?: string; readonly name: string; readonly value: string }[]
      }[]
      readonly backendRefs?: readonly { readonly name: string; readonly weight?: number }[]
    }[]
  }
}

interface VirtualService {
  readonly spec: {
    readonly http?: readonly {
      readonly match?: readonly { readonly headers?: Readonly<Record<string, Comparison>> }[]
      readonly route?: readonly { readonly destination: { readonly host: string }; readonly weight?: number }[]
    }[]
  }
}

const lower = (name: string): string => name.toLowerCase()

const httpRouteEntries = (route: KubeObject): readonly Entry[] =>
  ((route as unknown as HttpRoute).spec.rules ?? []).map(({ matches = [{}], backendRefs = [] }) => ({
    takes: matches.map(({ headers = [] }) =>
      headers.map(({ type, name, value }) => ({
        header: lower(name),
        ...(type === 'RegularExpression' ? { regex: value } : { exact: value }),
      })),
    ),
    weights: Object.fromEntries(backendRefs.map(({ name, weight = 1 }) => [name, weight])),
  }))

const virtualServiceEntries = (route: KubeObject): readonly Entry[] =>
  ((route as unknown as VirtualService).spec.http ?? []).map(({ match = [{}], route: destinations = [] }) => ({
    takes: match.map(({ headers = {} }) => Object.entries(headers).map(([name, comparison]) => ({ header: lower(name), ...comparison }))),
    weights: Object.fromEntries(destinations.map(({ destination, weight = 0 }) => [destination.host, weight])),
  }))

const readers: Readonly<Record<string, (route: KubeObject) => readonly Entry[]>> = {
  HTTPRoute: httpRouteEntries,
  VirtualService: virtualServiceEntries,
}

/** Whether objects of this kind say who goes where. */
export const isRouteKind = (kind: string): boolean => kind in readers

const holds = (visitor: Visitor, { header, exact, regex }: Condition): boolean => {
  const said = visitor[header]
  if (said === undefined) return false
  return exact === undefined ? regex === undefined || new RegExp(`^(?:${regex})$`).test(said) : said === exact
}

/** The entry with the most conditions that hold; of several the first one. Istio takes the first one, and writes these first. */
const entryFor = (visitor: Visitor, entries: readonly Entry[]): Entry | undefined => {
  const fitting = entries.flatMap(entry =>
    entry.takes.filter(take => take.every(condition => holds(visitor, condition))).map(take => ({ entry, conditions: take.length })),
  )
  return fitting.toSorted((a, b) => b.conditions - a.conditions)[0]?.entry
}

const entriesOf = (canary: Canary, provider: string, live: Live): readonly Entry[] => {
  const key = { namespace: canary.metadata.namespace ?? '', name: serviceNames(canary).apex }
  return routers.get(provider).kinds.flatMap(kind => {
    const route = live.get(kind, key)
    return route ? (readers[kind.kind]?.(route) ?? []) : []
  })
}

/** Percent of somebody's requests that the route of this layer sends to the canary; undefined where no route takes them. */
export const canaryShareFor = (visitor: Visitor, canary: Canary, { provider, live }: { provider: string; live: Live }) => {
  const entry = entryFor(visitor, entriesOf(canary, provider, live))
  const sum = Object.values(entry?.weights ?? {}).reduce((total, weight) => total + weight, 0)
  return entry && sum > 0 ? ((entry.weights[serviceNames(canary).canary] ?? 0) * 100) / sum : undefined
}
