import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { PodTemplate } from '../objects/workloads.ts'

export const podTemplateHashLabel = 'pod-template-hash'

/** Letters and digits that make no words: vowels, and characters people mix up, are left out. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  )
}

/** A short name of any JSON value, the same for the same content in any key order; fit for labels and object names. */
const shortHash = (value: unknown, length = 10): string =>
  [
    ...createHash('sha256')
      .update(JSON.stringify(canonical(value)))
      .digest(),
  ]
    .slice(0, length)
    .map(byte => safeAlphabet[byte % safeAlphabet.length])
    .join('')

/** What tells the pods of one template from those of another. `collisions` gives a template whose name is taken another one. */
export const templateHash = (template: PodTemplate, collisions = 0): string => shortHash(collisions > 0 ? [template, collisions] : template)

/** The template with the hash label added, as a ReplicaSet carries it. */
export const labelled = (template: PodTemplate, label: string, value: string): PodTemplate => ({
  ...template,
  metadata: { ...template.metadata, labels: { ...template.metadata?.labels, [label]: value } },
})

const withoutHash = (template: PodTemplate): PodTemplate => {
  const { [podTemplateHashLabel]: _, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** Whether both make the same pods, the hash label aside. */
export const sameTemplate = (a: PodTemplate, b: PodTemplate): boolean =>
  isDeepStrictEqual(canonical(withoutHash(a)), canonical(withoutHash(b)))

/** A random name part as the API server makes them. */
export const randomSuffix = (random: () => number): string =>
  Array.from({ length: 5 }, () => safeAlphabet[Math.floor(random() * safeAlphabet.length)]).join('')
