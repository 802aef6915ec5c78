import type { Canary } from '../api/canary.ts'
import { configTrackingMark, digestMark } from '../api/marks.ts'
import type { KubeObject, Manifest } from '../api/object.ts'
import { controllerOf, isCanaryReference, objectText, sharedOwners } from '../api/ownership.ts'
import { canonicalJson, sha256Hex } from './canonical.ts'
import { configKey } from './config-references.ts'
import { included } from './metadata-copy.ts'
import { maxNameLength, primarySuffix } from './names.ts'
import type { StringMap } from './pod-template.ts'
import type { ConfigRef, TargetOptions, Unusable } from './workload.ts'

/*
 * ConfigMaps and Secrets that a template refers to are part of its revision. The primary reads copies (twins) of them, which change only
 * with a promotion. Contents pass through here and are never kept: a digest is all that anybody remembers.
 */

/** Name of the copy of a ConfigMap or Secret that the primary reads. */
export const twinName = (name: string): string => `${name}${primarySuffix}`

/** A reference to the copy of what is referred to. */
export const twinRef = ({ kind, name }: ConfigRef): ConfigRef => ({
  kind,
  name: twinName(name),
  key: configKey(kind, twinName(name)),
  optional: true,
})

const trackedSecretTypes: ReadonlySet<string> = new Set([
  'Opaque',
  'kubernetes.io/basic-auth',
  'kubernetes.io/ssh-auth',
  'kubernetes.io/tls',
])

/** Whether a change of this object is a new revision. Secrets need their `type`, which metadata alone does not have. */
export const isTracked = (object: KubeObject): boolean => {
  if (object.metadata.annotations?.[configTrackingMark]?.startsWith('disable')) return false
  return object.kind !== 'Secret' || trackedSecretTypes.has(secretTypeOf(object))
}

const secretTypeOf = ({ type }: KubeObject): string => (typeof type === 'string' && type !== '' ? type : 'Opaque')

const mapAt = (object: KubeObject, field: 'data' | 'binaryData'): StringMap | undefined => object[field] as StringMap | undefined

/** How Go writes characters that would have a meaning in HTML or in JavaScript. */
const goEscapes = /[<>&\u2028\u2029]/g
const goJson = (value: StringMap | undefined): string =>
  canonicalJson(value ?? null).replace(goEscapes, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * Digest of the contents: 16 hexadecimal digits of a SHA-256. Without `binaryData` it is the value that controllers of the field store in
 * `status.trackedConfigs`, so that taking over starts no rollout; with it, the digest covers both.
 */
export const digestOf = (object: KubeObject): string => {
  const text = goJson(mapAt(object, 'data'))
  return shortDigest(hasBinary(object) ? `${text}\n${goJson(mapAt(object, 'binaryData'))}` : text)
}

const shortDigest = (text: string): string => sha256Hex(text).slice(0, 16)

const hasBinary = (object: KubeObject): boolean => Object.keys(mapAt(object, 'binaryData') ?? {}).length > 0

/** What is known of one referenced object. */
export type ConfigState =
  /** `textDigest`: of `data` alone, where there is more; copies that controllers of the field made have no more. */
  | { readonly kind: 'tracked'; readonly digest: string; readonly textDigest?: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'missing' }

/** What a ConfigMap or Secret says about tracking; undefined stands for one that does not exist. */
export const configStateOf = (object: KubeObject | undefined): ConfigState => {
  if (!object) return { kind: 'missing' }
  if (!isTracked(object)) return { kind: 'ignored' }
  const digest = digestOf(object)
  return hasBinary(object)
    ? { kind: 'tracked', digest, textDigest: shortDigest(goJson(mapAt(object, 'data'))) }
    : { kind: 'tracked', digest }
}

/**
 * Digests of all tracked references, by key. An object that is missing is left out where every reference to it is optional. A read that
 * failed is neither missing nor ignored: do not come here with it.
 */
export const digestsOf = (
  refs: readonly ConfigRef[],
  stateOf: (ref: ConfigRef) => ConfigState,
): { readonly digests: Readonly<Record<string, string>> } | { readonly unusable: Unusable } => {
  const states = refs.map(ref => ({ ref, state: stateOf(ref) }))
  const missing = states.filter(({ ref, state }) => state.kind === 'missing' && !ref.optional).map(({ ref }) => `${ref.kind} ${ref.name}`)
  if (missing.length > 0) {
    const message = `the pod template refers to ${missing.join(', ')}, which does not exist; create it or make every reference to it optional`
    return { unusable: { reason: 'ConfigMissing', message } }
  }
  return { digests: Object.fromEntries(states.flatMap(({ ref, state }) => (state.kind === 'tracked' ? [[ref.key, state.digest]] : []))) }
}

/** Digest of the source a twin was copied from, as we wrote it on it. Its metadata is enough. */
export const sourceDigestOf = (twin: KubeObject): string | undefined => twin.metadata.annotations?.[digestMark]

export interface TwinSource {
  readonly canary: Canary
  /** The source as it was just read, contents included. */
  readonly source: KubeObject
  /** What it has to contain. */
  readonly digest: string
  /** The twin as it stands; its metadata is enough. */
  readonly live: KubeObject | undefined
  readonly options: TargetOptions
}

/** An object of this name that no Canary owns, and that we did not copy, is somebody's own. */
const foreign = (live: KubeObject): boolean => {
  const owner = controllerOf(live)
  if (owner) return !isCanaryReference(owner)
  return sourceDigestOf(live) === undefined && !live.metadata.ownerReferences?.some(isCanaryReference)
}

const obstacleTo = ({ source, digest, live }: TwinSource): Unusable | undefined => {
  const name = twinName(source.metadata.name)
  if (name.length > maxNameLength) {
    const longest = maxNameLength - primarySuffix.length
    return {
      reason: 'TargetInvalid',
      message: `${objectText(source)} must have a name of at most ${longest} characters so that ${primarySuffix} can be added`,
    }
  }
  if (live && foreign(live)) {
    return {
      reason: 'ForeignObject',
      message: `expected ${objectText(live)} to be our copy of ${source.metadata.name}, found one that is not ours; rename or delete it`,
    }
  }
  const found = digestOf(source)
  if (found === digest) return undefined
  return {
    reason: 'RevisionMoved',
    message: `expected ${objectText(source)} with digest ${digest}, found ${found}; it changed after it was looked at`,
  }
}

/**
 * The twin of a ConfigMap or Secret: its contents (`binaryData` too) and type, and the digest of what was copied. `immutable` is not copied: a
 * twin has to follow the next promotion, and nodes hand the old contents of an immutable object that was made again
 * to new pods (docs/decisions/0020).
 * Refused when the source no longer has the wanted contents, or when somebody else's object stands there.
 */
export const configTwin = (from: TwinSource): { readonly manifest: Manifest } | { readonly refused: Unusable } => {
  const refused = obstacleTo(from)
  if (refused) return { refused }
  const { canary, source, digest, live, options } = from
  const { name, namespace, labels } = source.metadata
  const data = mapAt(source, 'data')
  const binaryData = mapAt(source, 'binaryData')
  const copied = included(labels, options.includeLabelPrefix)
  return {
    manifest: {
      apiVersion: source.apiVersion,
      kind: source.kind,
      metadata: {
        name: twinName(name),
        ...(namespace !== undefined && { namespace }),
        ...(Object.keys(copied).length > 0 && { labels: copied }),
        annotations: { [digestMark]: digest },
        ownerReferences: sharedOwners(canary, live),
      },
      ...(data && { data }),
      ...(binaryData && { binaryData }),
      ...(source.kind === 'Secret' && { type: secretTypeOf(source) }),
    },
  }
}
