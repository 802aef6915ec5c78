import { messageOf } from '../../../errors.ts'
import { executionError } from '../promql/query-error.ts'
import type { Labels } from '../storage/labels.ts'
import { labelValue, withLabel } from '../storage/labels.ts'
import { anchored } from '../storage/regexp.ts'
import type { Vector } from './value.ts'
import { distinct } from './value.ts'

/** Any text but the empty one is a label name since version 3. @throws {QueryError} terminal: it is empty */
export const requireLabelName = (name: string, where: string): string => {
  if (name !== '') return name
  throw executionError(`invalid ${where}: ${JSON.stringify(name)}`)
}

const patternOf = (text: string): RegExp => {
  try {
    return anchored(text)
  } catch (thrown) {
    throw executionError(`invalid regular expression in label_replace(): ${messageOf(thrown)}`)
  }
}

/** Fills in `$1`, `${1}`, `$name` and `$$` as Go does: the longest run of word characters is the name, an unknown one is empty. */
const expand = (template: string, match: RegExpExecArray): string =>
  template.replace(/\$(?:\$|\w+|\{\w+\})/g, reference => {
    const name = reference.replace(/^\$\{?|\}$/g, '')
    if (name === '$') return name
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? ''
  })

export interface LabelReplacement {
  readonly target: string
  readonly replacement: string
  readonly source: string
  readonly pattern: string
}

/** Sets a label from what a pattern finds in another one; series where it does not match stay as they are. */
export const labelReplace = (samples: Vector, { target, replacement, source, pattern }: LabelReplacement): Vector => {
  const regexp = patternOf(pattern)
  requireLabelName(target, 'destination label name in label_replace()')
  const replaced = (labels: Labels): Labels => {
    const match = regexp.exec(labelValue(labels, source))
    return match ? withLabel(labels, target, expand(replacement, match)) : labels
  }
  return distinct(samples.map(({ labels, value }) => ({ labels: replaced(labels), value })))
}

export interface LabelJoin {
  readonly target: string
  readonly separator: string
  readonly sources: readonly string[]
}

/** Sets a label to the values of others, joined. */
export const labelJoin = (samples: Vector, { target, separator, sources }: LabelJoin): Vector => {
  requireLabelName(target, 'destination label name in label_join()')
  for (const source of sources) requireLabelName(source, 'source label name in label_join()')
  const joined = (labels: Labels): string => sources.map(source => labelValue(labels, source)).join(separator)
  return distinct(samples.map(({ labels, value }) => ({ labels: withLabel(labels, target, joined(labels)), value })))
}
