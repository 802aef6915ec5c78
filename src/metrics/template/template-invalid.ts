import { CanaryError } from '../../errors.ts'

/** A query template that cannot be rendered; the message begins with the place, `line:column`. */
export class TemplateInvalid extends CanaryError {
  readonly code = 'TemplateInvalid'
  readonly disposition = 'terminal'
}

/** An error at one place of a template. `at` counts characters from its start. */
export const invalidAt = (text: string, at: number, problem: string): TemplateInvalid => {
  const before = text.slice(0, at).split('\n')
  return new TemplateInvalid(`${before.length}:${(before.at(-1) ?? '').length + 1}: ${problem}`)
}
