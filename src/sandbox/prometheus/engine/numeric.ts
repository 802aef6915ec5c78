/** A sum that carries the digits which a plain sum would lose (Neumaier's variant of Kahan's algorithm). */
export interface Sum {
  readonly sum: number
  readonly lost: number
}

const emptySum: Sum = { sum: 0, lost: 0 }

const plus = ({ sum, lost }: Sum, value: number): Sum => {
  const next = sum + value
  if (Math.abs(next) === Number.POSITIVE_INFINITY) return { sum: next, lost: 0 }
  return { sum: next, lost: lost + (Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum) }
}

const totalOf = ({ sum, lost }: Sum): number => sum + lost

type Numbers = ArrayLike<number> & Iterable<number>

export const sumOf = (values: Numbers): number => totalOf(Array.from(values).reduce(plus, emptySum))

/** The mean when the sum itself would be too large for a float: each value moves the mean of those before it. */
const movingMean = (values: readonly number[], from: number, start: Sum): number => {
  let mean = start
  for (let index = from; index < values.length; index += 1) {
    const share = index / (index + 1)
    mean = plus({ sum: mean.sum * share, lost: mean.lost * share }, (values[index] ?? 0) / (index + 1))
  }
  return totalOf(mean)
}

export const meanOf = (numbers: Numbers): number => {
  const values = Array.from(numbers)
  let sum: Sum = { sum: values[0] ?? Number.NaN, lost: 0 }
  for (let index = 1; index < values.length; index += 1) {
    const next = plus(sum, values[index] ?? 0)
    if (Math.abs(next.sum) === Number.POSITIVE_INFINITY) return movingMean(values, index, { sum: sum.sum / index, lost: sum.lost / index })
    sum = next
  }
  return sum.sum / values.length + sum.lost / values.length
}

/** Population variance in one pass (Welford's algorithm). */
export const varianceOf = (values: Numbers): number => {
  let count = 0
  let mean = emptySum
  let squares = emptySum
  for (const value of values) {
    count += 1
    const delta = value - totalOf(mean)
    mean = plus(mean, delta / count)
    squares = plus(squares, delta * (value - totalOf(mean)))
  }
  return totalOf(squares) / count
}

/** The same without carrying lost digits, as aggregations do it. */
export const plainVarianceOf = (values: readonly number[]): number => {
  let mean = 0
  let squares = 0
  for (const [index, value] of values.entries()) {
    const delta = value - mean
    mean += delta / (index + 1)
    squares += delta * (value - mean)
  }
  return squares / values.length
}

/** Ascending, with NaN below everything. */
const ascending = (a: number, b: number): number => {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1
  return Number.isNaN(b) ? 1 : a - b || 0
}

/** Ascending (1) or descending (-1), with NaN last in both. */
export const nanLast =
  (direction: 1 | -1) =>
  (a: number, b: number): number => {
    const [first, second] = [Number.isNaN(a), Number.isNaN(b)]
    return first || second ? Number(first) - Number(second) : direction * ascending(a, b)
  }

/** The q-quantile with linear interpolation between neighbours; outside 0..1 an infinity, of nothing NaN. */
export const quantileOf = (q: number, values: Numbers): number => {
  const sorted = Array.from(values).sort(ascending)
  if (sorted.length === 0 || Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const rank = q * (sorted.length - 1)
  const lower = Math.floor(rank)
  const weight = rank - lower
  return (sorted[lower] ?? 0) * (1 - weight) + (sorted[Math.min(lower + 1, sorted.length - 1)] ?? 0) * weight
}

const extreme =
  (beats: (value: number, best: number) => boolean) =>
  (values: Numbers): number => {
    let best = values[0] ?? Number.NaN
    for (const value of values) if (beats(value, best) || Number.isNaN(best)) best = value
    return best
  }

/** Smallest and largest; NaN only when there is nothing else. */
export const minOf = extreme((value, best) => value < best)
export const maxOf = extreme((value, best) => value > best)

export interface Line {
  readonly slope: number
  readonly intercept: number
}

/** The straight line of least squares through points whose x is in seconds. */
export const regressionOf = (xs: Numbers, ys: Numbers): Line => {
  const count = xs.length
  const first = ys[0] ?? Number.NaN
  if (Array.from(ys).every(y => y === first)) {
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: Number.NaN, intercept: Number.NaN }
  }
  const pairs = Array.from(xs, (x, index) => [x, ys[index] ?? 0] as const)
  const sumX = sumOf(xs)
  const sumY = sumOf(ys)
  const covariance = sumOf(pairs.map(([x, y]) => x * y)) - (sumX * sumY) / count
  const variance = sumOf(pairs.map(([x]) => x * x)) - (sumX * sumX) / count
  const slope = covariance / variance
  return { slope, intercept: sumY / count - (slope * sumX) / count }
}
