import { messageOf } from '../../errors.ts'
import { type Program, programOf } from './cel-environment.ts'
import { celValue, type TextReader } from './cel-values.ts'
import type { Schema, ValidationRule } from './schema.ts'
import type { StatusCause } from './status.ts'

/** One value with rules, as validation walks over it. */
export interface Judged {
  readonly value: unknown
  readonly before: unknown
  readonly schema: Schema
  readonly path: string
}

const readers: Readonly<Record<string, Program>> = {
  'date-time': programOf('timestamp(self)'),
  duration: programOf('duration(self)'),
}

const readText: TextReader = (text, format) => readers[format]?.({ self: text }) ?? text

const typeWord = (value: unknown): string => {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

const causeOf = (rule: ValidationRule, { value, path }: Judged, words: string): StatusCause => {
  const field = `${path}${rule.fieldPath ?? ''}`
  return {
    reason: rule.reason ?? 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(typeWord(value))}: ${words}`,
    field: field === '' ? '<nil>' : field.replace(/^\./, ''),
  }
}

const firstLine = (thrown: unknown): string => messageOf(thrown).split('\n')[0] ?? ''

interface Values {
  readonly self: unknown
  readonly oldSelf?: unknown
}

const failureWords = (rule: ValidationRule, values: Values): string => {
  if (rule.messageExpression !== undefined) {
    try {
      const words = programOf(rule.messageExpression)(values)
      if (typeof words === 'string' && words.trim() !== '') return words
    } catch {
      // As in the real API, a message expression that fails gives way to the fixed message.
    }
  }
  return rule.message ?? `failed rule: ${rule.rule.trim()}`
}

/** Rules about transitions say nothing about a value that was not there before. */
const applies = (rule: ValidationRule, before: unknown): boolean =>
  before !== undefined || rule.optionalOldSelf === true || !/\boldSelf\b/.test(rule.rule)

const judge = (rule: ValidationRule, judged: Judged, values: Values): StatusCause[] => {
  try {
    return programOf(rule.rule)(values) === true ? [] : [causeOf(rule, judged, failureWords(rule, values))]
  } catch (thrown) {
    return [causeOf(rule, judged, `rule evaluation error: ${firstLine(thrown)}`)]
  }
}

/** The rules of `x-kubernetes-validations` that the value breaks. */
export const celCauses = (judged: Judged): StatusCause[] => {
  const { value, before, schema } = judged
  const rules = (schema['x-kubernetes-validations'] ?? []).filter(rule => applies(rule, before))
  if (rules.length === 0) return []
  const self = celValue(value, schema, readText)
  const values = before === undefined ? { self } : { self, oldSelf: celValue(before, schema, readText) }
  return rules.flatMap(rule => judge(rule, judged, values))
}
