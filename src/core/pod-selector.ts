import type { KubeObject } from '../api/object.ts'

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly Requirement[]
}

const wordOf: Readonly<Record<string, (requirement: Requirement) => string>> = {
  In: ({ key, values = [] }) => `${key} in (${values.join(',')})`,
  NotIn: ({ key, values = [] }) => `${key} notin (${values.join(',')})`,
  Exists: ({ key }) => key,
  DoesNotExist: ({ key }) => `!${key}`,
}

/** The pods of a workload, as a list asks for them; undefined for a workload that says nothing of pods, because its empty selector would mean all. */
export const podSelectorOf = (workload: KubeObject): string | undefined => {
  const { selector } = (workload['spec'] ?? {}) as { readonly selector?: Selector }
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  const words = [
    ...Object.entries(matchLabels).flatMap(([key, value]) => (typeof value === 'string' ? [`${key}=${value}`] : [])),
    ...matchExpressions.flatMap(requirement => wordOf[requirement.operator]?.(requirement) ?? []),
  ]
  return words.length > 0 ? words.join(',') : undefined
}
