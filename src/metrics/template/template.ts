import { evaluate } from './evaluate.ts'
import { standardFunctions, type TemplateFunction } from './functions.ts'
import { parseTemplate } from './parse.ts'
import type { Value } from './values.ts'

/** What a query template can speak of: words by name, and the Canary's own `templateVariables`. */
export interface QueryModel {
  readonly words: Readonly<Record<string, string>>
  readonly variables: Readonly<Record<string, string>>
}

/**
 * Renders a query in the field's template language: text with actions such as `{{ target }}` and `{{ index variables "a-b" }}`, the words
 * of the model being functions without arguments. Values are put in as they are, neither quoted nor escaped; `{{ variables.x | printf "%q" }}`
 * quotes one. A variable that is missing is an error, unless it is asked for with `index`.
 * @throws {TemplateInvalid} terminal: the text is not a template, or asks for what there is not; the message begins with `line:column`
 */
export const renderQuery = (text: string, model: QueryModel): string => {
  if (!text.includes('{{')) return text
  const functions = functionsOf(model)
  return evaluate(text, parseTemplate(text, new Set([...functions.keys(), 'and', 'or'])), functions)
}

const functionsOf = ({ words, variables }: QueryModel): ReadonlyMap<string, TemplateFunction> => {
  const constants: readonly (readonly [string, Value])[] = [...Object.entries(words), ['variables', new Map(Object.entries(variables))]]
  return new Map([...constants.map(([name, value]) => [name, { least: 0, most: 0, call: () => value }] as const), ...standardFunctions])
}
