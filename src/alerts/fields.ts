import { strategyOf } from '../api/analysis.ts'
import type { Canary } from '../api/canary.ts'
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
    ...(routing ? [{ name: 'Traffic routing', value: routing }] : []),
  ]
}

/** The fields of an alert in order: where, what, and why something failed. */
export const fieldsOf = ({ canary, entry, clusterName }: AlertMessage): readonly AlertField[] => [
  ...(clusterName ? [{ name: 'Cluster', value: clusterName }] : []),
  ...(entry.withDetails ? details(canary) : []),
  ...(entry.because ? [{ name: 'Reason', value: entry.because }] : []),
]

/** How a Canary is called in chat. */
export const authorOf = ({ canary }: AlertMessage): string => `${canary.metadata.name}.${canary.metadata.namespace ?? ''}`
