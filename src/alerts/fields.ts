import { adviceOn } from '../api/advice.ts'
import { strategyOf } from '../api/analysis.ts'
import type { Canary } from '../api/canary.ts'
import type { OutboxEntry } from '../api/status.ts'
import type { AlertMessage } from './alert.ts'

export interface AlertField {
  readonly name: string
  readonly value: string
}

/** How traffic is moved, in the field's words. */
const routingText = (canary: Canary): string | undefined => {
  const { stepWeight, stepWeights, maxWeight } = canary.spec.analysis
  const strategy = strategyOf(canary)
  if (strategy === 'ab-testing') return 'A/B Testing'
  if (strategy === 'blue-green') return 'Blue/Green'
  if (stepWeight) return `Weight step: ${stepWeight} max: ${maxWeight ?? 0}`
  return stepWeights && stepWeights.length > 0 ? `Weight steps: ${stepWeights.join(',')} max: ${maxWeight ?? 0}` : undefined
}

const details = (canary: Canary): readonly AlertField[] => {
  const { targetRef, analysis, progressDeadlineSeconds } = canary.spec
  const routing = routingText(canary)
  return [
    { name: 'Target', value: `${targetRef.kind}/${targetRef.name}.${canary.metadata.namespace ?? ''}` },
    { name: 'Failed checks threshold', value: String(analysis.threshold ?? 0) },
    { name: 'Progress deadline', value: `${progressDeadlineSeconds}s` },
    ...optional('Traffic routing', routing),
  ]
}

/** Somebody was called: what they can do. */
const adviceFor = ({ severity, reason }: OutboxEntry): string | undefined => (severity === 'info' ? undefined : adviceOn(reason))

/** A field only where there is something to say. */
const optional = (name: string, value: string | undefined): readonly AlertField[] => (value ? [{ name, value }] : [])

/** The fields of an alert in order: where, what, why something failed, and what to do. */
export const fieldsOf = ({ canary, entry, clusterName }: AlertMessage): readonly AlertField[] => [
  ...optional('Cluster', clusterName),
  ...(entry.withDetails ? details(canary) : []),
  ...optional('Reason', entry.because),
  ...optional('What to do', adviceFor(entry)),
]

/** How a Canary is called in chat. */
export const authorOf = ({ canary }: AlertMessage): string => `${canary.metadata.name}.${canary.metadata.namespace ?? ''}`
