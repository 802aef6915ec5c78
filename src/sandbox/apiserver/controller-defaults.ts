import { isObject, type JsonObject, listAt, objectAt, textAt, withField, withValueAt } from './json-value.ts'

const tagOf = (image: string): string => {
  const last = image.slice(image.lastIndexOf('/') + 1)
  if (last.includes('@')) return 'digest'
  return last.includes(':') ? last.slice(last.indexOf(':') + 1) : ''
}

const completeContainer = (container: unknown): unknown => {
  if (!isObject(container) || container['imagePullPolicy'] !== undefined) return container
  const tag = tagOf(textAt(container, 'image'))
  return { ...container, imagePullPolicy: tag === '' || tag === 'latest' ? 'Always' : 'IfNotPresent' }
}

const containerLists = ['containers', 'initContainers', 'ephemeralContainers']

/** Fills in what follows from other fields of a pod's spec. */
export const completePodSpec = (spec: JsonObject): JsonObject => {
  const completed: Record<string, unknown> = { ...spec }
  for (const field of containerLists) {
    if (Array.isArray(spec[field])) completed[field] = listAt(spec, field).map(completeContainer)
  }
  const account = spec['serviceAccountName'] ?? spec['serviceAccount']
  return account === undefined ? completed : { ...completed, serviceAccountName: account, serviceAccount: account }
}

const strategyField: Readonly<Record<string, string>> = {
  Deployment: 'strategy',
  DaemonSet: 'updateStrategy',
  StatefulSet: 'updateStrategy',
}

const rollingDefaults: Readonly<Record<string, JsonObject>> = {
  Deployment: { maxSurge: '25%', maxUnavailable: '25%' },
  DaemonSet: { maxSurge: 0, maxUnavailable: 1 },
  StatefulSet: { partition: 0 },
}

const completeStrategy = (object: JsonObject): JsonObject => {
  const kind = textAt(object, 'kind')
  const field = strategyField[kind]
  if (field === undefined) return object
  const strategy = objectAt(object['spec'], field)
  if (strategy['type'] !== 'RollingUpdate' || strategy['rollingUpdate'] !== undefined) return object
  return withValueAt(object, ['spec', field, 'rollingUpdate'], rollingDefaults[kind])
}

/** Fills in what follows from other fields of a workload. */
export const completeController = (object: JsonObject): JsonObject => {
  const spec = objectAt(object, 'spec')
  const template = objectAt(spec, 'template')
  if (!isObject(template['spec'])) return completeStrategy(object)
  const completed = withField(template, 'spec', completePodSpec(template['spec']))
  return completeStrategy(withValueAt(object, ['spec', 'template'], completed))
}
