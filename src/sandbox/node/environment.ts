import type { Container, EnvFrom, EnvVar } from '../objects/pod.ts'
import { type ConfigKind, type ConfigLookup, ConfigMissing } from './config-sources.ts'
import { fieldValue, type PodSelf } from './field-path.ts'
import { resourceValue } from './resource-value.ts'

/** Where values of an environment come from. */
export interface EnvSources {
  readonly lookup: ConfigLookup
  readonly self: PodSelf
}

type Values = Readonly<Record<string, string>>

interface KeyRef {
  readonly name: string
  readonly key: string
  readonly optional?: boolean | undefined
}

const fromKey = (kind: ConfigKind, { name, key, optional }: KeyRef, lookup: ConfigLookup): string | undefined => {
  const data = lookup({ kind, name })
  if (!data && !optional) throw new ConfigMissing(`${kind} "${name}" not found`)
  const value = data?.get(key)?.toString('utf8')
  if (value === undefined && !optional) throw new ConfigMissing(`couldn't find key ${key} in ${kind} ${name}`)
  return value
}

const fromAll = ({ prefix = '', configMapRef, secretRef }: EnvFrom, lookup: ConfigLookup): Values => {
  const kind: ConfigKind = configMapRef ? 'configmap' : 'secret'
  const ref = configMapRef ?? secretRef
  if (!ref) return {}
  const data = lookup({ kind, name: ref.name })
  if (!data && !ref.optional) throw new ConfigMissing(`${kind} "${ref.name}" not found`)
  return Object.fromEntries([...(data ?? [])].map(([key, value]) => [`${prefix}${key}`, value.toString('utf8')]))
}

/** `$(NAME)` becomes the value known so far, `$$` a single dollar; an unknown name stays as it was written. */
export const expand = (text: string, known: Values): string =>
  text.replace(/\$(\$|\(([^)]+)\))/g, (whole: string, escaped: string, name: string | undefined) =>
    name === undefined ? (escaped === '$' ? '$' : whole) : (known[name] ?? whole),
  )

const valueFor = (
  { value, valueFrom }: EnvVar,
  known: Values,
  { container, lookup, self }: EnvSources & { readonly container: Container },
): string | undefined => {
  if (valueFrom?.fieldRef) {
    const { fieldPath } = valueFrom.fieldRef
    const found = fieldValue(fieldPath, self)
    if (found === undefined) throw new ConfigMissing(`unsupported fieldPath: ${fieldPath}`)
    return found
  }
  if (valueFrom?.configMapKeyRef) return fromKey('configmap', valueFrom.configMapKeyRef, lookup)
  if (valueFrom?.secretKeyRef) return fromKey('secret', valueFrom.secretKeyRef, lookup)
  if (valueFrom?.resourceFieldRef) return resourceValue(container, valueFrom.resourceFieldRef.resource, valueFrom.resourceFieldRef.divisor)
  return expand(value ?? '', known)
}

/**
 * The environment of a container: `envFrom` in order, then `env` in order, later ones winning.
 * @throws {ConfigMissing} something that is not optional is missing
 */
export const environmentOf = (container: Container, sources: EnvSources): Values => {
  const { env = [], envFrom = [] } = container
  const values: Record<string, string> = Object.assign({}, ...envFrom.map(from => fromAll(from, sources.lookup)))
  for (const variable of env) {
    const value = valueFor(variable, values, { ...sources, container })
    if (value !== undefined) values[variable.name] = value
  }
  return values
}
