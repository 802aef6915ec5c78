const decimal = /^\d+$/

/**
 * Whether `next` is older than `current`. The API calls versions opaque, so that this is for detection only: what is not a plain number
 * is never older. Decimal texts are compared by length first, because versions outgrow exact doubles.
 */
export const isOlderVersion = (next: string | undefined, current: string | undefined): boolean => {
  if (next === undefined || current === undefined || !decimal.test(next) || !decimal.test(current)) return false
  return next.length === current.length ? next < current : next.length < current.length
}
