import type { CompiledRule } from './compiled-rule.ts'
import { type HostPattern, patternsOf } from './hostnames.ts'
import type { CompiledMatch, RequestFacts } from './route-match.ts'

/** One way into one rule. */
export interface Entry {
  readonly hostname: HostPattern
  readonly match: CompiledMatch
  readonly rule: CompiledRule
  /** Of equal matches the older route wins, then the one that comes first by name, then the earlier rule. */
  readonly age: string
}

/** Where a request goes. */
export interface RouteTable {
  find(host: string, request: RequestFacts): Entry | undefined
}

const byPrecedence = (a: Entry, b: Entry): number => {
  for (const [index, rank] of a.match.rank.entries()) {
    const difference = (b.match.rank[index] ?? 0) - rank
    if (difference !== 0) return difference
  }
  return a.age < b.age ? -1 : a.age > b.age ? 1 : 0
}

/** Entries by host, each host's in order of precedence; the order of equal ones is kept. */
export const createRouteTable = (entries: readonly Entry[]): RouteTable => {
  const byHost = new Map<HostPattern, Entry[]>()
  for (const entry of entries) {
    const others = byHost.get(entry.hostname)
    if (others) others.push(entry)
    else byHost.set(entry.hostname, [entry])
  }
  for (const [host, all] of byHost) byHost.set(host, all.toSorted(byPrecedence))
  return {
    find: (host, request) => {
      for (const pattern of patternsOf(host)) {
        const found = byHost.get(pattern)?.find(({ match }) => match.test(request))
        if (found) return found
      }
      return undefined
    },
  }
}
