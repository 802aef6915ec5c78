import { eventKind } from '../../src/api/kinds.ts'
import type { Stage } from './stage.ts'

const heading = (field: string): string => {
  const words = field.replaceAll(/(?<=[a-z])[A-Z]/g, letter => ` ${letter}`)
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}:`
}

/** A value as `kubectl describe` sets it: one field a line, lists by indentation. */
const lines = (value: unknown, indent = ''): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(item => lines(item, indent))
  if (typeof value !== 'object' || value === null) return [`${indent}${String(value)}`]
  return Object.entries(value).flatMap(([field, inner]) =>
    typeof inner === 'object' && inner !== null
      ? [`${indent}${heading(field)}`, ...lines(inner, `${indent}  `)]
      : [`${indent}${heading(field)}  ${String(inner)}`],
  )
}

/** What somebody who was woken up sees of the Canary with `kubectl describe canary podinfo`: its status, and its events. */
export const described = (stage: Stage): string => {
  const events = stage.api.storedAll(eventKind).map(({ type, reason, message }) => `  ${type}  ${reason}  ${message}`)
  return ['Name:  podinfo', 'Status:', ...lines(stage.status, '  '), 'Events:', ...events].join('\n')
}
