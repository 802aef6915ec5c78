/** A host name as routes and listeners write it: exact, or `*.` and a suffix; `''` means every host. */
export type HostPattern = string

const isWildcard = (pattern: HostPattern): boolean => pattern.startsWith('*.')

const suffixOf = (pattern: HostPattern): string => pattern.slice(1)

/** Whether everything that `narrow` means is also meant by `wide`. A wildcard stands for one or more labels, never for none. */
const covers = (wide: HostPattern, narrow: HostPattern): boolean => {
  if (wide === '' || wide === narrow) return true
  if (narrow === '' || !isWildcard(wide)) return false
  return (isWildcard(narrow) ? suffixOf(narrow) : narrow).endsWith(suffixOf(wide)) && narrow !== suffixOf(wide).slice(1)
}

/** The hosts that both mean, as one pattern; undefined when there are none. */
export const intersection = (a: HostPattern, b: HostPattern): HostPattern | undefined => {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()]
  if (covers(left, right)) return right
  return covers(right, left) ? left : undefined
}

/** Every pattern that means this host, the most specific first. */
export const patternsOf = (host: string): HostPattern[] => {
  const labels = host.split('.')
  return [host, ...labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`), '']
}

/** Host name of a Host header: lower case, without port. */
export const hostOfHeader = (header: string | undefined): string => (header ?? '').toLowerCase().replace(/:\d+$/, '')
