import type { Grouping } from '../promql/ast.ts'
import { executionError } from '../promql/query-error.ts'
import type { Aggregation } from '../promql/signatures.ts'
import type { Labels } from '../storage/labels.ts'
import { dropLabels, keepLabels, metricName, signatureOf, withLabel } from '../storage/labels.ts'
import { formatFloatPlain } from './float-text.ts'
import { requireLabelName } from './label-functions.ts'
import { maxOf, meanOf, minOf, nanLast, plainVarianceOf, quantileOf, sumOf } from './numeric.ts'
import type { Sample, Value, Vector } from './value.ts'

interface Group {
  readonly labels: Labels
  readonly samples: Sample[]
}

const groupsOf = (samples: Vector, { without, labels }: Grouping): Group[] => {
  const dropped = new Set([...labels, metricName])
  const groups = new Map<string, Group>()
  for (const sample of samples) {
    const kept = without ? dropLabels(sample.labels, dropped) : keepLabels(sample.labels, labels)
    const signature = signatureOf(kept)
    const group = groups.get(signature)
    if (group) group.samples.push(sample)
    else groups.set(signature, { labels: kept, samples: [sample] })
  }
  return [...groups.values()]
}

type AggregateFunction = (group: Group, param: Value | undefined) => Vector

const numberIn = (param: Value | undefined): number => (param?.type === 'scalar' ? param.value : Number.NaN)
const textIn = (param: Value | undefined): string => (param?.type === 'string' ? param.value : '')

const reduced =
  (reduce: (values: readonly number[], param: number) => number): AggregateFunction =>
  ({ labels, samples }, param) => [
    {
      labels,
      value: reduce(
        samples.map(({ value }) => value),
        numberIn(param),
      ),
    },
  ]

const farthest = 2 ** 63

const countIn = (param: Value | undefined): number => {
  const count = numberIn(param)
  if (Number.isNaN(count)) throw executionError('Parameter value is NaN')
  if (Math.abs(count) >= farthest) throw executionError(`Scalar value ${count} overflows int64`)
  return Math.max(0, Math.trunc(count))
}

/** The first samples in an order; NaN stands last in both. */
const foremost =
  (direction: 1 | -1): AggregateFunction =>
  ({ samples }, param) => {
    const order = nanLast(direction)
    return samples.toSorted((a, b) => order(a.value, b.value)).slice(0, countIn(param))
  }

const countValues: AggregateFunction = ({ labels, samples }, param) => {
  const name = requireLabelName(textIn(param), 'label name')
  const counts = new Map<string, number>()
  for (const { value } of samples) counts.set(formatFloatPlain(value), (counts.get(formatFloatPlain(value)) ?? 0) + 1)
  return [...counts].map(([text, count]) => ({ labels: withLabel(labels, name, text), value: count }))
}

const functions: Readonly<Record<Aggregation, AggregateFunction>> = {
  sum: reduced(sumOf),
  avg: reduced(meanOf),
  min: reduced(minOf),
  max: reduced(maxOf),
  count: reduced(values => values.length),
  group: reduced(() => 1),
  stddev: reduced(values => Math.sqrt(plainVarianceOf(values))),
  stdvar: reduced(plainVarianceOf),
  quantile: reduced((values, q) => quantileOf(q, values)),
  topk: foremost(-1),
  bottomk: foremost(1),
  count_values: countValues,
}

/** One result per group, but for `topk`, `bottomk` (some of the group's own samples) and `count_values` (one per value). */
export const aggregate = (
  op: Aggregation,
  { samples, grouping, param }: { samples: Vector; grouping: Grouping; param: Value | undefined },
): Vector => groupsOf(samples, grouping).flatMap(group => functions[op](group, param))
