import { CanaryError } from '../../../errors.ts'
import { parseFloatText } from '../promql/literals.ts'
import type { Label } from '../storage/labels.ts'
import { metricName } from '../storage/labels.ts'

/** A text that is no exposition; Prometheus then takes nothing of it. */
export class ExpositionInvalid extends CanaryError {
  readonly code = 'ExpositionInvalid'
  readonly disposition = 'retry'
}

/** One line of an exposition. */
export interface ExposedSample {
  /** The metric name among them, in the order of the text. */
  readonly labels: readonly Label[]
  readonly value: number
  /** Only where the line has a time of its own. */
  readonly timeMs: number | undefined
}

/** OpenMetrics writes times in seconds (the plain format in milliseconds), may add exemplars, and ends with a mark. */
export type Format = 'text' | 'openmetrics'

export const formatOf = (contentType: string): Format => (contentType.startsWith('application/openmetrics-text') ? 'openmetrics' : 'text')

const name = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const openBrace = /[ \t]*\{[ \t]*/y
const closeBrace = /[ \t]*\}/y
/** The comma between two labels may be left out: Prometheus does not miss it. */
const label = /([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,[ \t]*)?/y
const valueAndTime: Readonly<Record<Format, RegExp>> = {
  text: /[ \t]*([^ \t#{}]+)(?:[ \t]+([0-9]+))?[ \t]*$/y,
  openmetrics: /[ \t]*([^ \t#{}]+)(?:[ \t]+([0-9]+(?:\.[0-9]+)?))?[ \t]*(?:#.*)?$/y,
}
const endMark = '# EOF'
const comment = /^[ \t]*(?:#.*)?$/
const typeLine = /^#[ \t]+TYPE[ \t]+\S/
const goodTypeLine = /^#[ \t]+TYPE[ \t]+\S+[ \t]+(?:counter|gauge|histogram|summary|untyped|gaugehistogram|info|stateset|unknown)$/

const escapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }
const unescaped = (text: string): string => (text.includes('\\') ? text.replace(/\\[\\"n]/g, pair => escapes[pair] ?? pair) : text)

/** Reads one line from left to right. */
class LineReader {
  readonly #line: string
  #at = 0

  constructor(line: string) {
    this.#line = line
  }

  take(piece: RegExp): RegExpExecArray | undefined {
    piece.lastIndex = this.#at
    const match = piece.exec(this.#line)
    if (!match) return undefined
    this.#at += match[0].length
    return match
  }

  expect(piece: RegExp, what: string): RegExpExecArray {
    const match = this.take(piece)
    if (!match) throw new ExpositionInvalid(`expected ${what}, got ${JSON.stringify(this.#line.slice(this.#at, this.#at + 30))}`)
    return match
  }
}

const labelsOn = (reader: LineReader): Label[] => {
  const labels: Label[] = []
  if (!reader.take(openBrace)) return labels
  while (!reader.take(closeBrace)) {
    const [, labelName = '', value = ''] = reader.expect(label, 'a label such as name="value"')
    labels.push([labelName, unescaped(value)])
  }
  return labels
}

const requireUnique = (labels: readonly Label[]): void => {
  const twice = labels.find(([own], index) => labels.findIndex(([other]) => other === own) !== index)
  if (twice) throw new ExpositionInvalid(`label ${JSON.stringify(twice[0])} stands there twice`)
}

const sampleOn = (line: string, format: Format): ExposedSample => {
  const reader = new LineReader(line)
  const [metric] = reader.expect(name, 'a metric name')
  const labels: Label[] = [[metricName, metric], ...labelsOn(reader)]
  requireUnique(labels)
  const [, valueText = '', time] = reader.expect(valueAndTime[format], 'a value and, at most, a time')
  const value = parseFloatText(valueText)
  if (value === undefined) throw new ExpositionInvalid(`expected a number, got ${JSON.stringify(valueText)}`)
  const timeMs = time === undefined ? undefined : Math.round(Number(time) * (format === 'openmetrics' ? 1000 : 1))
  return { labels, value, timeMs }
}

/** The sample on a line, if it has one. */
const readLine = (line: string, format: Format): ExposedSample | undefined => {
  if (!comment.test(line)) return sampleOn(line, format)
  if (typeLine.test(line) && !goodTypeLine.test(line)) throw new ExpositionInvalid(`expected a metric type, got ${JSON.stringify(line)}`)
  return undefined
}

/** The same with the line's number in what it throws. */
const readNumberedLine = (line: string, number: number, format: Format): ExposedSample | undefined => {
  try {
    return readLine(line, format)
  } catch (thrown) {
    if (!(thrown instanceof ExpositionInvalid)) throw thrown
    throw new ExpositionInvalid(`line ${number}: ${thrown.message}`)
  }
}

/**
 * All samples of an exposition; help and exemplars are left aside. As strict as Prometheus, so that what passes here passes there.
 * @throws {ExpositionInvalid} retry: a line is none; the message says which and why
 */
export const parseExposition = (text: string, format: Format = 'text'): ExposedSample[] => {
  const lines = text.split('\n')
  const end = format === 'openmetrics' ? lines.indexOf(endMark) : -1
  return (end === -1 ? lines : lines.slice(0, end)).flatMap((line, index) => readNumberedLine(line, index + 1, format) ?? [])
}
