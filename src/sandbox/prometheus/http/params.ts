import { parseDurationText } from '../promql/literals.ts'
import { QueryError } from '../promql/query-error.ts'

/** Parameters of a request, those of its address and those of a form in its body. */
export type Params = URLSearchParams

const badParameter = (name: string, why: string): QueryError =>
  new QueryError('bad_data', `invalid parameter ${JSON.stringify(name)}: ${why}`)

const secondsText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/** Whole seconds and their fraction are rounded apart, as Prometheus does it: the sum may differ in the last millisecond. */
const secondsToMs = (seconds: number): number => {
  const whole = Math.trunc(seconds)
  return whole * 1000 + Math.round((seconds - whole) * 1000)
}

const parseTimeMs = (text: string): number | undefined => {
  if (secondsText.test(text)) return secondsToMs(Number(text))
  const timeMs = rfc3339.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(timeMs) ? undefined : timeMs
}

const parseSpanMs = (text: string): number | undefined =>
  secondsText.test(text) ? Math.round(Number(text) * 1000) : parseDurationText(text)

/** A time in seconds since 1970 or as RFC 3339; undefined when it is not given. @throws {QueryError} terminal: it is neither */
export const timeParam = (params: Params, name: string): number | undefined => {
  const text = params.get(name)
  if (!text) return undefined
  const timeMs = parseTimeMs(text)
  if (timeMs === undefined) throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`)
  return timeMs
}

export const requiredTimeParam = (params: Params, name: string): number => {
  const timeMs = timeParam(params, name)
  if (timeMs === undefined) throw badParameter(name, 'cannot parse "" to a valid timestamp')
  return timeMs
}

/** A duration, in seconds or with units; undefined when it is not given. @throws {QueryError} terminal: it is neither */
export const durationParam = (params: Params, name: string): number | undefined => {
  const text = params.get(name)
  if (!text) return undefined
  const durationMs = parseSpanMs(text)
  if (durationMs === undefined) throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid duration`)
  return durationMs
}

export const requiredDurationParam = (params: Params, name: string): number => {
  const durationMs = durationParam(params, name)
  if (durationMs === undefined) throw badParameter(name, 'cannot parse "" to a valid duration')
  return durationMs
}

/** Says which parameter a wrong query came in. */
export const namingParameter = <T>(name: string, run: () => T): T => {
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof QueryError && thrown.errorType === 'bad_data') throw badParameter(name, thrown.message)
    throw thrown
  }
}
