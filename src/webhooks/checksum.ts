import type { Canary } from '../api/canary.ts'

const fnvOffset = 0x811c9dc5
const fnvPrime = 0x01000193
const digits = '456789bcdf'

/** FNV-1a over UTF-8, 32 bit. */
const fnv1a = (text: string): number => {
  let hash = fnvOffset
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, fnvPrime) >>> 0
  return hash
}

/**
 * The field's identity of what a rollout runs: changes with the applied revision and with the tracked configuration, and with nothing else.
 * Receivers treat it as opaque; gates that were opened for one checksum are closed for the next.
 */
export const checksumOf = ({ status }: Pick<Canary, 'status'>): string => {
  const { trackedConfigs, lastAppliedSpec = '' } = status
  const pairs = Object.entries(trackedConfigs ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const configs = trackedConfigs === undefined ? '<nil>' : `map[${pairs.map(pair => pair.join(':')).join(' ')}]`
  const type = '(struct { TrackedConfigs *map[string]string; LastAppliedSpec string })'
  const text = `${type}{TrackedConfigs:(*map[string]string)${configs} LastAppliedSpec:(string)${lastAppliedSpec}}`
  return [...String(fnv1a(text))].map(digit => digits[Number(digit)]).join('')
}
