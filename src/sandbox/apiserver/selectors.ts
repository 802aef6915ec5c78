import { isObject, type JsonObject, objectAt, valueAt } from './json-value.ts'
import { badRequest } from './status.ts'

/** Whether an object is selected. */
export type Selects = (object: JsonObject) => boolean

const everything: Selects = () => true

type Labels = Readonly<Record<string, unknown>>
type LabelTest = (labels: Labels) => boolean

const setPattern = /^([^\s!=]+)\s+(in|notin)\s*\(([^)]*)\)$/
const equalPattern = /^([^\s!=]+)\s*(==|=|!=)\s*([^\s=!]*)$/
const existsPattern = /^(!?)\s*([^\s!=(),]+)$/

const testOf = (term: string): LabelTest => {
  const [, setKey = '', operator, members = ''] = setPattern.exec(term) ?? []
  if (operator) {
    const values = members.split(',').map(value => value.trim())
    return labels => (typeof labels[setKey] === 'string' && values.includes(String(labels[setKey]))) === (operator === 'in')
  }
  const [, key = '', sign, value] = equalPattern.exec(term) ?? []
  if (sign) return labels => (labels[key] === value) === (sign !== '!=')
  const [, not, name = ''] = existsPattern.exec(term) ?? []
  if (not === undefined) throw badRequest(`unable to parse requirement: ${JSON.stringify(term)} is no label selector requirement`)
  return labels => (labels[name] !== undefined) === (not === '')
}

const splitTerms = (text: string): string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map(term => term.trim())
    .filter(term => term !== '')

/** @throws {StatusError} 400 when the text is no label selector */
export const parseLabelSelector = (text: string | undefined): Selects => {
  const tests = splitTerms(text ?? '').map(testOf)
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

const checkField = (field: string, id: string): void => {
  const own = fieldsById[id]
  if (commonFields.includes(field) || own?.includes(field)) return
  if (own) throw badRequest(`field label not supported: ${field}`)
  throw badRequest(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`)
}

const fieldTest = (term: string, id: string): Selects => {
  const [, field = '', sign, wanted] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? []
  if (sign === undefined) throw badRequest(`invalid field selector: ${JSON.stringify(term)}`)
  checkField(field, id)
  const stored = field.replace(/^regarding\./, 'involvedObject.')
  return object => (fieldText(object, stored) === wanted) === (sign !== '!=')
}

/** @throws {StatusError} 400 when the kind cannot be selected by such a field */
export const parseFieldSelector = (text: string | undefined, id: string): Selects => {
  const tests = (text ?? '')
    .split(',')
    .filter(term => term !== '')
    .map(term => fieldTest(term, id))
  return tests.length === 0 ? everything : object => tests.every(test => test(object))
}
