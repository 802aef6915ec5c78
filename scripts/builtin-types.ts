import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Type name → field (with `!` when required) → type, written as `string`, `int32`, `[V1Container]`, `{string}`. */
export type TypeTable = Record<string, Record<string, string>>

/** The kinds the embedded API server serves; their types and all that these mention end up in the table. */
const roots = [
  'V1Namespace V1Pod V1Service V1Endpoints V1ConfigMap V1Secret V1Node V1ServiceAccount CoreV1Event EventsV1Event',
  'V1Deployment V1ReplicaSet V1DaemonSet V1StatefulSet V1ControllerRevision V2HorizontalPodAutoscaler V1Scale',
  'V1EndpointSlice V1Lease V1Ingress V1IngressClass V1NetworkPolicy V1PodDisruptionBudget V1Job V1CronJob V1PriorityClass',
  'V1Role V1RoleBinding V1ClusterRole V1ClusterRoleBinding V1CustomResourceDefinition',
  'V1SelfSubjectAccessReview V1SubjectAccessReview V1SelfSubjectReview V1SelfSubjectRulesReview AuthenticationV1TokenRequest V1DeleteOptions',
].flatMap(line => line.split(' '))

interface Attribute {
  readonly baseName: string
  readonly type: string
  readonly format: string
}

const models = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen/models')

const words = (type: string, format: string): string => {
  const list = /^Array<(.+)>$/.exec(type)?.[1]
  if (list) return `[${words(list, format)}]`
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (map) return `{${words(map, format)}}`
  if (type === 'number') return format === '' ? 'int64' : format
  if (type === 'Date') return 'date-time'
  return type === 'string' && format === 'byte' ? 'byte' : type
}

/** The declaration file is the only place where the library keeps what is required. */
const requiredFields = (type: string): Set<string> => {
  const text = readFileSync(join(models, `${type}.d.ts`), 'utf8')
  return new Set([...text.matchAll(/^ {4}'([^']+)': /gm)].map(([, field]) => field ?? ''))
}

const attributesOf = async (type: string): Promise<readonly Attribute[]> => {
  const module: Record<string, { attributeTypeMap: readonly Attribute[] }> = await import(pathToFileURL(join(models, `${type}.js`)).href)
  return module[type]?.attributeTypeMap ?? []
}

/** Reads the types of the built-in kinds out of the client library's models. */
export const builtinTypes = async (): Promise<TypeTable> => {
  const known = new Set(
    readdirSync(models)
      .filter(name => name.endsWith('.js'))
      .map(name => name.slice(0, -3)),
  )
  const table: TypeTable = {}
  const waiting = [...roots]
  for (let type = waiting.shift(); type !== undefined; type = waiting.shift()) {
    if (table[type]) continue
    const required = requiredFields(type)
    const fields = (await attributesOf(type)).map(({ baseName, type: of, format }) => {
      const attribute = words(of, format)
      const mentioned = attribute.replaceAll(/[[\]{}]/g, '')
      if (known.has(mentioned) && mentioned !== 'IntOrString') waiting.push(mentioned)
      return [required.has(baseName) ? `${baseName}!` : baseName, attribute]
    })
    table[type] = Object.fromEntries(fields)
  }
  return Object.fromEntries(Object.entries(table).sort(([left], [right]) => (left < right ? -1 : 1)))
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '../src/sandbox/apiserver/builtin-types.json')
  writeFileSync(file, `${JSON.stringify(await builtinTypes(), null, 2)}\n`)
}
