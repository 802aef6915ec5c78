import { formatDurationMs } from '../duration.ts'
import type { Measurement } from './evidence.ts'

/** How a measured value reads in messages. */
export const measured = ({ value, unit }: Measurement): string => {
  if (value === undefined) return 'nothing'
  if (!Number.isFinite(value)) return String(value)
  if (unit === 'milliseconds') return formatDurationMs(Math.trunc(value))
  return unit === 'percent' ? `${value.toFixed(2)}%` : value.toFixed(2)
}

const bound = (limit: number | undefined, unit: Measurement['unit']): string => {
  if (limit === undefined) return ''
  if (unit === 'milliseconds') return formatDurationMs(limit)
  return unit === 'percent' ? `${limit}%` : String(limit)
}

const subjectOf: Readonly<Record<Measurement['unit'], (metric: Measurement) => string>> = {
  percent: () => 'success rate',
  milliseconds: () => 'request duration',
  plain: metric => metric.name,
}

/** A value and its limits in one line. */
export const measurementText = (metric: Measurement): string => {
  const { name, unit, min, max } = metric
  const limits = [
    ...(min === undefined ? [] : [`at least ${bound(min, unit)}`]),
    ...(max === undefined ? [] : [`at most ${bound(max, unit)}`]),
  ]
  return [`${name}: ${measured(metric)}`, ...limits].join(', ')
}

/** The field's words for a breach, which log and alert pipelines match on. */
export const haltText = (canaryName: string, metric: Measurement, breach: 'below' | 'above'): string => {
  const limit = breach === 'below' ? metric.min : metric.max
  return `Halt ${canaryName} advancement ${subjectOf[metric.unit](metric)} ${measured(metric)} ${breach === 'below' ? '<' : '>'} ${bound(limit, metric.unit)}`
}

/** The field's words for a store that has nothing to say, and ours for one that could not be asked. */
export const silenceText = (canaryName: string, metric: Measurement, message: string): string => {
  if (metric.silence?.kind === 'unreachable') return `${metric.store} query failed for ${metric.name}: ${message}`
  if (metric.silence?.kind === 'invalid' || metric.silence?.kind === 'early') return message
  const where =
    metric.unit === 'plain'
      ? `metric: ${metric.name}`
      : `${metric.store} metric ${metric.name} probably ${canaryName} is not receiving traffic`
  return `Halt advancement no values found for ${where}: ${message}`
}
