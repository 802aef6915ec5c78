import type { Traffic } from '../core/traffic.ts'

/**
 * Live shares of any pair of relative weights, in whole percent that sum to 100: the canary is rounded half up, but a track that gets
 * requests never reads as 0. Undefined when neither gets any.
 */
export const sharesOf = (weights: {
  readonly primary: number
  readonly canary: number
}): Pick<Traffic, 'primary' | 'canary'> | undefined => {
  const primaryWeight = Math.max(0, weights.primary)
  const canaryWeight = Math.max(0, weights.canary)
  const total = primaryWeight + canaryWeight
  if (total === 0) return undefined
  const lowest = canaryWeight > 0 ? 1 : 0
  const highest = primaryWeight > 0 ? 99 : 100
  const canary = Math.min(highest, Math.max(lowest, Math.floor((100 * canaryWeight) / total + 0.5)))
  return { primary: 100 - canary, canary }
}
