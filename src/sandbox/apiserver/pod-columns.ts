import { isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from './json-value.ts'
import type { PrinterColumn } from './resource.ts'
import { ageColumn } from './tables.ts'

const statuses = (pod: JsonObject): readonly unknown[] => listAt(pod['status'], 'containerStatuses')

const restartsOf = (pod: JsonObject): number =>
  statuses(pod).reduce<number>((sum, status) => {
    const count = isObject(status) ? status['restartCount'] : 0
    return sum + (typeof count === 'number' ? count : 0)
  }, 0)

const readyOf = (pod: JsonObject): string => {
  const ready = statuses(pod).filter(status => isObject(status) && status['ready'] === true)
  return `${ready.length}/${listAt(pod['spec'], 'containers').length}`
}

/** Why a container is not running, if one is not. */
const containerReason = (status: unknown): string => {
  const waiting = textAt(valueAt(status, ['state', 'waiting']), 'reason')
  if (waiting !== '') return waiting
  const terminated = objectAt(objectAt(status, 'state'), 'terminated')
  return textAt(terminated, 'reason') || ('exitCode' in terminated ? `ExitCode:${terminated['exitCode']}` : '')
}

/** The one word that says how a pod is: what ails a container wins over the phase, being deleted over both. */
const statusOf = (pod: JsonObject): string => {
  if (objectAt(pod, 'metadata')['deletionTimestamp'] !== undefined) return 'Terminating'
  const reason = statuses(pod)
    .map(containerReason)
    .findLast(words => words !== '')
  return reason || textAt(pod['status'], 'reason') || textAt(pod['status'], 'phase') || 'Unknown'
}

const orNone = (words: string): string => (words === '' ? '<none>' : words)

const gates = (pod: JsonObject): string => {
  const wanted = listAt(pod['spec'], 'readinessGates')
  if (wanted.length === 0) return '<none>'
  const conditions = listAt(pod['status'], 'conditions')
  const open = wanted.filter(gate =>
    conditions.some(condition => textAt(condition, 'type') === textAt(gate, 'conditionType') && textAt(condition, 'status') === 'True'),
  )
  return `${open.length}/${wanted.length}`
}

/** What `kubectl get pods` shows after the name. */
export const podColumns: readonly PrinterColumn[] = [
  { name: 'Ready', type: 'string', cell: readyOf },
  { name: 'Status', type: 'string', cell: statusOf },
  { name: 'Restarts', type: 'string', cell: pod => String(restartsOf(pod)) },
  ageColumn,
  { name: 'IP', type: 'string', priority: 1, cell: pod => orNone(textAt(pod['status'], 'podIP')) },
  { name: 'Node', type: 'string', priority: 1, cell: pod => orNone(textAt(pod['spec'], 'nodeName')) },
  { name: 'Nominated Node', type: 'string', priority: 1, cell: pod => orNone(textAt(pod['status'], 'nominatedNodeName')) },
  { name: 'Readiness Gates', type: 'string', priority: 1, cell: gates },
]
