import type { Canary } from '../api/canary.ts'
import type { Metric } from '../api/metric.ts'
import type { MetricTemplate } from '../api/metric-template.ts'
import type { ObjectKey } from '../api/object.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Registry } from '../registry.ts'
import type { MetricLookup, MetricOptions, MetricQuestion, MetricStore, SecretData } from './metric-store.ts'
import { invalid, type Silence, secretMissing, templateMissing, unreachable } from './silence.ts'

/** A store and how it is reached: everything of a question but the query. */
export interface Source {
  readonly store: MetricStore
  readonly access: Omit<MetricQuestion, 'query' | 'intervalMs'>
  /** What messages call it. */
  readonly label: string
  /** The query of a MetricTemplate, not rendered yet. */
  readonly query?: string
}

/** What asking for the metrics of one Canary works with. */
export interface Context {
  readonly canary: Canary
  readonly lookup: MetricLookup
  readonly options: MetricOptions
  readonly stores: Registry<MetricStore>
  readonly io: Io
}

/** The kind of store that built-in metrics and inline queries ask. */
export const defaultStore = 'prometheus'

/** Whom a metric asks: what its MetricTemplate says, else the Prometheus of the Canary or of the controller. */
export const sourceOf = async ({ templateRef }: Metric, context: Context): Promise<Source | Silence> => {
  if (!templateRef) return metricsServer(context)
  const own = context.canary.metadata.namespace ?? ''
  const key = { namespace: templateRef.namespace || own, name: templateRef.name }
  const label = `Metric template ${key.name}.${key.namespace}`
  if (context.options.noCrossNamespaceRefs && key.namespace !== own) {
    return invalid(`${label} error: cross-namespace references are blocked, expected a template in namespace ${own}; copy it there`)
  }
  return templateSource({ ...key, label }, context)
}

const metricsServer = ({ canary, options, stores }: Context): Source => ({
  store: stores.get(defaultStore),
  access: { address: canary.spec.metricsServer || options.metricsServer },
  label: defaultStore,
})

const templateSource = async ({ label, ...key }: ObjectKey & { label: string }, context: Context): Promise<Source | Silence> => {
  const found = context.lookup.template(key.namespace, key.name)
  if (!found) return templateMissing(`${label} error: it does not exist; create it, or correct templateRef`)
  const [problem] = found.problems
  if (problem) return invalid(`${label} error: ${problem.path}: ${problem.message}`)
  const { provider, query } = found.object.spec
  if (!context.stores.has(provider.type)) {
    const built = context.stores.names.join(', ')
    return invalid(`${label} provider ${provider.type} error: not built in yet, expected one of: ${built}`)
  }
  const secret = await secretOf(found.object, { label, namespace: key.namespace, context })
  if (secret && 'silence' in secret) return secret
  return {
    store: context.stores.get(provider.type),
    access: { ...accessOf(provider), ...(secret ? { secret: secret.data } : {}) },
    label,
    query,
  }
}

const accessOf = ({ address = '', headers, region, insecureSkipVerify }: MetricTemplate['spec']['provider']): Source['access'] => ({
  address,
  insecureSkipVerify,
  ...(headers ? { headers } : {}),
  ...(region ? { region } : {}),
})

interface SecretPlace {
  readonly label: string
  readonly namespace: string
  readonly context: Context
}

/** Reads the Secret anew for each question, so that a changed one counts at once; nothing of it is kept. */
const secretOf = async (
  { spec }: MetricTemplate,
  { label, namespace, context: { lookup, io } }: SecretPlace,
): Promise<{ readonly data: SecretData } | Silence | undefined> => {
  const name = spec.provider.secretRef?.name
  if (!name) return undefined
  try {
    const data = await lookup.secret(namespace, name, io)
    return data ? { data } : secretMissing(`${label} secret ${name} error: it does not exist in namespace ${namespace}; create it`)
  } catch (error) {
    return unreachable(`${label} secret ${name} could not be read: ${messageOf(error)}`)
  }
}
