import { createEngine, type EngineOptions } from '../../../src/sandbox/prometheus/engine/engine.ts'
import type { Value } from '../../../src/sandbox/prometheus/engine/value.ts'
import { parse } from '../../../src/sandbox/prometheus/promql/parse.ts'
import type { Label, Labels } from '../../../src/sandbox/prometheus/storage/labels.ts'
import { labelsOf, labelsText, metricName } from '../../../src/sandbox/prometheus/storage/labels.ts'
import type { SeriesSource, Storage } from '../../../src/sandbox/prometheus/storage/storage.ts'
import { createStorage } from '../../../src/sandbox/prometheus/storage/storage.ts'

const yearMs = 31_536_000_000

const labelsIn = (text: string): Labels => {
  const selector = parse(text)
  if (selector.kind !== 'selector') throw new Error(`${text} is no series`)
  return labelsOf(selector.matchers.map(({ name, value }): Label => [name, value]))
}

const named: Readonly<Record<string, number>> = { NaN: Number.NaN, Inf: Number.POSITIVE_INFINITY, '-Inf': Number.NEGATIVE_INFINITY }

/** `5+2x3` is 5 7 9 11. */
const expand = (word: string): string[] => {
  const [, start, sign, step, times] = /^(-?[\d.]+)([+-])([\d.]+)x(\d+)$/.exec(word) ?? []
  if (start === undefined) return [word]
  return Array.from({ length: Number(times) + 1 }, (_, index) => String(Number(start) + (sign === '-' ? -1 : 1) * Number(step) * index))
}

/** A store with one sample per step from second 0 on; `_` leaves one out, `stale` ends the series there. */
export const load = (stepSeconds: number, series: Readonly<Record<string, string>>): Storage => {
  const storage = createStorage({ retentionMs: yearMs })
  for (const [text, words] of Object.entries(series)) {
    const labels = labelsIn(text)
    for (const [index, word] of words.trim().split(/\s+/).flatMap(expand).entries()) {
      const timeMs = index * stepSeconds * 1000
      if (word === 'stale') storage.markStale(labels, timeMs)
      else if (word !== '_') storage.append(labels, timeMs, named[word] ?? Number(word))
    }
  }
  return storage
}

/** Series as `name{label="value"}`, without braces when there is nothing in them. */
const nameOf = (labels: Labels): string => {
  const name = labels.find(([own]) => own === metricName)?.[1] ?? ''
  const rest = labels.filter(([own]) => own !== metricName)
  return rest.length === 0 && name !== '' ? name : name + labelsText(rest)
}

const plain = (value: Value): unknown => {
  if (value.type === 'vector') return Object.fromEntries(value.samples.map(sample => [nameOf(sample.labels), sample.value]))
  if (value.type === 'matrix')
    return Object.fromEntries(value.matrix.rows.map(({ labels, points }) => [nameOf(labels), [...points.values]]))
  return value.value
}

type Ask = (source: SeriesSource, query: string, atSeconds: number) => unknown

/** Asks an engine with settings of its own. */
export const askWith =
  (options: EngineOptions): Ask =>
  (source, query, atSeconds) =>
    plain(createEngine(source, options).instant(query, atSeconds * 1000))

/** The answer at a second: series to value, series to values, or the scalar or text itself. */
export const ask: Ask = askWith({})
