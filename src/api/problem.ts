/** Something about a field of a manifest: what was expected, what came, what to do. */
export interface Problem {
  /** Dotted path from the root of the object: `spec.analysis.webhooks[0].url`. */
  readonly path: string
  readonly message: string
}

/** The words of a value in a message: short, and harmless whatever it holds. */
export const wordsFor = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const words = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return words.length > 60 ? `${words.slice(0, 57)}...` : words
}

/** `['spec', 'metrics', 0]` as people write it: `spec.metrics[0]`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? String(step) : `${text}.${String(step)}`
  }, '')

/** The first `limit` of them, and a last one that says how many more there are: they end up in a condition. */
export const atMost = (limit: number, problems: readonly Problem[]): readonly Problem[] => {
  const more = problems.length - limit
  if (more <= 0) return problems
  return [...problems.slice(0, limit), { path: 'spec', message: `${more} more of this kind` }]
}
