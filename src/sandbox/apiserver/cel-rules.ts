import { messageOf } from '../../errors.ts'
import { type Program, programOf } from './cel-environment.ts'
import { celValue, type TextReader } from './cel-values.ts'
import type { Schema, ValidationRule } from './schema.ts'
import { changedParts, type Judged } from './schema-walk.ts'
import type { StatusCause } from './status.ts'

const readers: Readonly<Record<string, Program>> = {
  'date-time': programOf('timestamp(self)'),
  duration: programOf('duration(self)'),
}

const readText: TextReader = (text, format) => readers[format]?.({ self: text }) ?? text

/** What a message begins with, by the reason its rule gives. */
const openings: Readonly<Record<string, string>> = {
  FieldValueInvalid: 'Invalid value',
  FieldValueForbidden: 'Forbidden',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
}

const causeOf = ({ reason = 'FieldValueInvalid', fieldPath = '' }: ValidationRule, { path }: Judged, words: string): StatusCause => {
  const field = `${path}${fieldPath}`.replace(/^\./, '')
  return { reason, message: `${openings[reason] ?? 'Invalid value'}: ${words}`, field: field === '' ? '<nil>' : field }
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

const ownCauses = (judged: Judged): StatusCause[] => {
  const { value, before, schema } = judged
  const rules = (schema['x-kubernetes-validations'] ?? []).filter(rule => applies(rule, before))
  if (rules.length === 0) return []
  const self = celValue(value, schema, readText)
  const values = before === undefined ? { self } : { self, oldSelf: celValue(before, schema, readText) }
  return rules.flatMap(rule => judge(rule, judged, values))
}

const ruled = new WeakMap<Schema, boolean>()

const children = ({ properties, items, additionalProperties }: Schema): readonly Schema[] => [
  ...Object.values(properties ?? {}),
  ...(items ? [items] : []),
  ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
]

/** Whether there is a rule anywhere in a schema, so that values without any are not walked. */
export const hasRules = (schema: Schema): boolean => {
  const known = ruled.get(schema)
  if (known !== undefined) return known
  const found = (schema['x-kubernetes-validations'] ?? []).length > 0 || children(schema).some(hasRules)
  ruled.set(schema, found)
  return found
}

/** The rules of `x-kubernetes-validations` that a value breaks, its own before those of its parts. */
export const celCauses = (judged: Judged): readonly StatusCause[] => {
  if (!hasRules(judged.schema) || judged.value === null) return []
  return [...ownCauses(judged), ...changedParts(judged).flatMap(celCauses)]
}
