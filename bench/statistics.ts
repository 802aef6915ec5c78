/** The value below which `percent` of the sorted ones lie, by nearest rank; NaN of nothing. */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

/** To so many digits after the point; what is not finite counts as nothing measured. */
export const rounded = (value: number, digits = 2): number | null => (Number.isFinite(value) ? Number(value.toFixed(digits)) : null)

/** `part / whole`, or null where there is no whole to compare with. */
export const ratio = (part: number, whole: number, digits = 3): number | null => (whole > 0 ? rounded(part / whole, digits) : null)

/** Median and tail of a sample in milliseconds. */
export interface Latencies {
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly maxMs: number | null
  readonly samples: number
}

export const latenciesOf = (values: readonly number[]): Latencies => ({
  p50Ms: rounded(percentile(values, 50)),
  p99Ms: rounded(percentile(values, 99)),
  maxMs: rounded(percentile(values, 100)),
  samples: values.length,
})

export const megabytes = (bytes: number): number | null => rounded(bytes / (1024 * 1024), 1)
