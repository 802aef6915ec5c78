import { fluxMark } from '../api/marks.ts'
import type { StringMap } from './pod-template.ts'

const keep = (entries: StringMap | undefined, keeps: (key: string) => boolean): StringMap =>
  Object.fromEntries(Object.entries(entries ?? {}).filter(([key]) => keeps(key)))

/** Written by tools and controllers about one object; on a copy they would be false. */
const bookkeeping = ['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/']

/** Labels or annotations without those by which Flux knows its own. */
export const withoutFlux = (entries: StringMap | undefined): StringMap => keep(entries, key => !key.includes(fluxMark))

/** All but what is written about one object by the tools that keep it. */
export const withoutBookkeeping = (entries: StringMap | undefined): StringMap =>
  keep(withoutFlux(entries), key => !bookkeeping.some(prefix => key.startsWith(prefix)))

/** Those that the flag `include-label-prefix` lets through: `*` lets all, an empty prefix none. Never Flux's, nor bookkeeping of one object. */
export const included = (entries: StringMap | undefined, prefixes: readonly string[]): StringMap => {
  const wanted = prefixes.filter(prefix => prefix !== '')
  return keep(withoutBookkeeping(entries), key => wanted.some(prefix => prefix === '*' || key.startsWith(prefix)))
}
