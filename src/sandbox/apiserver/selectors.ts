import { isObject, type JsonObject, objectAt, valueAt } from './json-value.ts'
import { labelTests } from './label-selector.ts'
import { badRequest } from './status.ts'

/** Whether an object is selected. */
export type Selects = (object: JsonObject) => boolean

const everything: Selects = () => true

/** @throws {StatusError} 400 when the text is no label selector */
export const parseLabelSelector = (text: string | undefined): Selects => {
  const tests = labelTests(text ?? '')
  if (tests.length === 0) return everything
  return object => {
    const labels = objectAt(object['metadata'], 'labels')
    return tests.every(test => test(labels))
  }
}

const commonFields = ['metadata.name', 'metadata.namespace']

/** Fields beyond name and namespace by which a kind can be selected. */
const fieldsById: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  'events.events.k8s.io': ['regarding.kind', 'regarding.namespace', 'regarding.name', 'regarding.uid', 'reason', 'type'],
  secrets: ['type'],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  services: ['spec.clusterIP', 'spec.type'],
  'replicasets.apps': ['status.replicas'],
}

const fieldText = (object: JsonObject, field: string): string => {
  const value = valueAt(object, field.split('.'))
  if (field === 'source' && isObject(value)) return String(value['component'] ?? '')
  return value === undefined || value === null ? '' : String(value)
}

/** Which kind is selected from; those of definitions refuse in other words. */
interface Kind {
  readonly id: string
  readonly isCustom: boolean
}

const checkField = (field: string, { id, isCustom }: Kind): void => {
  const own = fieldsById[id]
  if (commonFields.includes(field) || own?.includes(field)) return
  if (own || isCustom) throw badRequest(`field label not supported: ${field}`)
  throw badRequest(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`)
}

const fieldTest = (term: string, kind: Kind, text: string): Selects => {
  const [, field = '', sign, wanted] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? []
  if (sign === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`)
  checkField(field, kind)
  const stored = field.replace(/^regarding\./, 'involvedObject.')
  return object => (fieldText(object, stored) === wanted) === (sign !== '!=')
}

/** @throws {StatusError} 400 when the kind cannot be selected by such a field */
export const parseFieldSelector = (text: string | undefined, kind: Kind): Selects => {
  const tests = (text ?? '')
    .split(',')
    .filter(term => term !== '')
    .map(term => fieldTest(term, kind, text ?? ''))
  return tests.length === 0 ? everything : object => tests.every(test => test(object))
}
