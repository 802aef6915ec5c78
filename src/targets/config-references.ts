import type { Container, EnvFrom, EnvVar, ObjectReference, PodSpec, ProjectedSource, Volume } from './pod-template.ts'
import type { ConfigRef } from './workload.ts'

/** One reference of a template to a ConfigMap or Secret. */
type Reference = Pick<ConfigRef, 'kind' | 'name' | 'optional'>

/** What the reference should name instead. */
type Rename = (reference: Reference) => string

type Kind = ConfigRef['kind']

/*
 * Finding references and rewriting them is one walk, so that what is tracked and what is rewritten can never differ.
 * Not visited: image pull secrets, CSI and other volumes that name Secrets, service account tokens, ephemeral containers.
 */

const renamed = <R extends ObjectReference>(reference: R | undefined, kind: Kind, rename: Rename): R | undefined => {
  if (!reference?.name) return reference
  return { ...reference, name: rename({ kind, name: reference.name, optional: reference.optional === true }) }
}

/** The object with these fields replaced, where it has them. */
const replacing = <T extends object>(whole: T, parts: { readonly [F in keyof T]?: T[F] | undefined }): T => ({
  ...whole,
  ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)),
})

const inSource = (source: ProjectedSource, rename: Rename): ProjectedSource =>
  replacing(source, {
    configMap: renamed(source.configMap, 'ConfigMap', rename),
    secret: renamed(source.secret, 'Secret', rename),
  })

const inVolume = (volume: Volume, rename: Rename): Volume => {
  const { configMap, secret, projected } = volume
  const name = renamed(secret && { ...secret, name: secret.secretName ?? '' }, 'Secret', rename)?.name
  return replacing(volume, {
    configMap: renamed(configMap, 'ConfigMap', rename),
    secret: secret && name ? { ...secret, secretName: name } : secret,
    projected: projected?.sources && { ...projected, sources: projected.sources.map(source => inSource(source, rename)) },
  })
}

const inVariable = (variable: EnvVar, rename: Rename): EnvVar => {
  const { valueFrom } = variable
  if (!valueFrom) return variable
  return {
    ...variable,
    valueFrom: replacing(valueFrom, {
      configMapKeyRef: renamed(valueFrom.configMapKeyRef, 'ConfigMap', rename),
      secretKeyRef: renamed(valueFrom.secretKeyRef, 'Secret', rename),
    }),
  }
}

const inEnvFrom = (source: EnvFrom, rename: Rename): EnvFrom =>
  replacing(source, {
    configMapRef: renamed(source.configMapRef, 'ConfigMap', rename),
    secretRef: renamed(source.secretRef, 'Secret', rename),
  })

const inContainer = (container: Container, rename: Rename): Container =>
  replacing(container, {
    env: container.env?.map(variable => inVariable(variable, rename)),
    envFrom: container.envFrom?.map(source => inEnvFrom(source, rename)),
  })

/** The pod spec with every reference to a ConfigMap or Secret renamed. Keys, paths, modes and `optional` stay. */
export const renameConfigs = (spec: PodSpec, rename: Rename): PodSpec =>
  replacing(spec, {
    volumes: spec.volumes?.map(volume => inVolume(volume, rename)),
    initContainers: spec.initContainers?.map(container => inContainer(container, rename)),
    containers: spec.containers.map(container => inContainer(container, rename)),
  })

/** `configmap/<name>` or `secret/<name>`. */
export const configKey = (kind: Kind, name: string): string => `${kind.toLowerCase()}/${name}`

/** Caches keep a spec that did not change, and freeze it: what it refers to is found once. */
const knownRefs = new WeakMap<PodSpec, readonly ConfigRef[]>()

/** What a pod spec refers to: sorted by key, each once. Optional only when every reference says so. The very same as long as the spec is. */
export const configRefs = (spec: PodSpec): readonly ConfigRef[] => {
  const found = knownRefs.get(spec) ?? refsIn(spec)
  if (Object.isFrozen(spec)) knownRefs.set(spec, found)
  return found
}

const refsIn = (spec: PodSpec): readonly ConfigRef[] => {
  const found = new Map<string, ConfigRef>()
  renameConfigs(spec, ({ kind, name, optional }) => {
    const key = configKey(kind, name)
    found.set(key, { key, kind, name, optional: optional && (found.get(key)?.optional ?? true) })
    return name
  })
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}
