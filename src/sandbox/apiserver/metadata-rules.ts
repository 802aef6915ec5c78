import { forbiddenValue, invalidValue, requiredValue } from './field-errors.ts'
import { type JsonObject, listAt, objectAt, textAt } from './json-value.ts'
import { type Resource, resourceId } from './resource.ts'
import type { StatusCause } from './status.ts'

interface NameRule {
  readonly pattern: RegExp
  readonly maxLength: number
  readonly words: string
  /** One label of a host name: a dot has words of its own. */
  readonly isLabel?: true
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'

const subdomain: NameRule = {
  pattern: new RegExp(`^${label}(\\.${label})*$`),
  maxLength: 253,
  words: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${label}(\\.${label})*')`,
}
const dnsLabel: NameRule = {
  isLabel: true,
  pattern: new RegExp(`^${label}$`),
  maxLength: 63,
  words: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
}
const serviceName: NameRule = {
  isLabel: true,
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  maxLength: 63,
  words:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
}
const pathSegment: NameRule = {
  pattern: /^(?!\.{1,2}$)[^/%]+$/,
  maxLength: 253,
  words: "may not contain '/' or '%', and may not be '.' or '..'",
}

const nameRules: Readonly<Record<string, NameRule>> = {
  namespaces: dnsLabel,
  services: serviceName,
  'roles.rbac.authorization.k8s.io': pathSegment,
  'rolebindings.rbac.authorization.k8s.io': pathSegment,
  'clusterroles.rbac.authorization.k8s.io': pathSegment,
  'clusterrolebindings.rbac.authorization.k8s.io': pathSegment,
}

const nameCauses = (name: string, rule: NameRule): StatusCause[] => {
  if (name === '') return [requiredValue('metadata.name', 'name or generateName is required')]
  const found: StatusCause[] = []
  const dotted = rule.isLabel === true && name.includes('.')
  if (!rule.pattern.test(name)) found.push(invalidValue('metadata.name', name, dotted ? 'must not contain dots' : rule.words))
  if (name.length > rule.maxLength) found.push(invalidValue('metadata.name', name, `must be no more than ${rule.maxLength} characters`))
  return found
}

const namePart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = new RegExp(`^(${namePart})?$`)
const qualifiedName = new RegExp(`^(${label}(\\.${label})*/)?${namePart}$`)
const labelValueWords = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${namePart})?')`
const keyWords = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${namePart}')`

/** What is wrong with labels, wherever they stand. */
export const labelCauses = (labels: JsonObject, path: string): StatusCause[] =>
  Object.entries(labels).flatMap(([key, value]) => {
    if (!qualifiedName.test(key)) return [invalidValue(path, key, keyWords)]
    const text = String(value)
    if (text.length > 63) return [invalidValue(path, text, 'must be no more than 63 bytes')]
    return labelValue.test(text) ? [] : [invalidValue(path, text, labelValueWords)]
  })

const annotationsLimitBytes = 256 * 1024

const annotationCauses = (annotations: JsonObject): StatusCause[] => {
  const keys = Object.keys(annotations)
  const wrong = keys.filter(key => !qualifiedName.test(key.toLowerCase())).map(key => invalidValue('metadata.annotations', key, keyWords))
  const bytes = keys.reduce((sum, key) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(annotations[key])), 0)
  if (bytes <= annotationsLimitBytes) return wrong
  return [
    ...wrong,
    {
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${annotationsLimitBytes} bytes`,
      field: 'metadata.annotations',
    },
  ]
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

const finalizerNameCauses = (metadata: JsonObject): StatusCause[] =>
  listAt(metadata, 'finalizers').flatMap((name, at) => {
    const text = String(name)
    if (standardFinalizers.includes(text) || (qualifiedName.test(text) && text.includes('/'))) return []
    return [invalidValue(`metadata.finalizers[${at}]`, text, 'name is neither a standard finalizer name nor is it fully qualified')]
  })

const newFinalizerCauses = (metadata: JsonObject, before: JsonObject | undefined): StatusCause[] => {
  if (!before || before['deletionTimestamp'] === undefined) return []
  const had = listAt(before, 'finalizers')
  const added = listAt(metadata, 'finalizers').filter(name => !had.includes(name))
  if (added.length === 0) return []
  const words = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map(name => JSON.stringify(name)).join(', ')}}`
  // Asked by the generic code and by the kind: named twice.
  return [forbiddenValue('metadata.finalizers', words), forbiddenValue('metadata.finalizers', words)]
}

const ownerCauses = (metadata: JsonObject): StatusCause[] =>
  listAt(metadata, 'ownerReferences').flatMap(owner =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter(field => textAt(owner, field) === '')
      .map(field => invalidValue(`metadata.ownerReferences.${field}`, '', 'must not be empty')),
  )

/** What is wrong with the metadata of an object about to be stored. */
export const metadataCauses = (object: JsonObject, before: JsonObject | undefined, resource: Resource): StatusCause[] => {
  const metadata = objectAt(object, 'metadata')
  const old = before && objectAt(before, 'metadata')
  // What stayed the very same was judged when it came.
  const isNew = (field: string): boolean => old === undefined || metadata[field] !== old[field]
  return [
    ...(before ? [] : nameCauses(textAt(metadata, 'name'), nameRules[resourceId(resource)] ?? subdomain)),
    ...(isNew('labels') ? labelCauses(objectAt(metadata, 'labels'), 'metadata.labels') : []),
    ...(isNew('annotations') ? annotationCauses(objectAt(metadata, 'annotations')) : []),
    ...(before ? [] : finalizerNameCauses(metadata)),
    ...(isNew('finalizers') ? newFinalizerCauses(metadata, old) : []),
    ...(isNew('ownerReferences') ? ownerCauses(metadata) : []),
  ]
}
