import type { Canary } from '../api/canary.ts'
import { configMapKind, secretKind } from '../api/kinds.ts'
import type { KindRef, ObjectKey } from '../api/object.ts'
import type { Live } from '../core/live.ts'
import type { Obstacle } from '../core/observation.ts'
import { sameJson } from '../core/same-json.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import { type ConfigState, configStateOf, digestsOf } from '../targets/config-tracking.ts'
import type { ConfigRef, Target } from '../targets/workload.ts'
import { objectId } from './own-writes.ts'

/** What is known of a target's configuration without asking. */
export interface KnownConfigs {
  /** False where configuration is never looked at: then status says nothing of it either, and hooks get the checksum that goes with that. */
  readonly isTracking: boolean
  /** Digest of each tracked object by key; undefined while one is unknown. */
  readonly digests: Readonly<Record<string, string>> | undefined
  /** Digests of `data` alone, of those objects that have more than that and were read by this process. */
  readonly textDigests?: Readonly<Record<string, string>>
  /** resourceVersion at which each referenced object was read, by key. */
  readonly versions: Readonly<Record<string, string>>
  readonly obstacle: Obstacle | undefined
}

/** Digests of ConfigMaps and Secrets. Contents are read once per changed version and never kept. */
export interface ConfigBook {
  /** Reads what changed since it was read last. Never rejects: what could not be read stays unknown, which is not a change. */
  refresh(place: ConfigPlace, io: Io): Promise<void>
  known(place: ConfigPlace): KnownConfigs
  /** The object does not exist any more. */
  forget(kind: KindRef, key: ObjectKey): void
}

export interface ConfigPlace {
  readonly canary: Canary
  readonly target: Target
  readonly live: Live
}

/** What reading one version of an object came to. */
interface Entry {
  readonly version: string
  readonly state: ConfigState | undefined
  /** Why it could not be read. */
  readonly problem?: string
}

interface Found {
  readonly ref: ConfigRef
  readonly kind: KindRef
  readonly key: ObjectKey
  readonly version: string | undefined
  /** Undefined: it changed and could not be read yet. */
  readonly state: ConfigState | undefined
  readonly problem?: string | undefined
}

const nothingTracked: KnownConfigs = { isTracking: false, digests: {}, versions: {}, obstacle: undefined }

/** `enabled` false: configuration is shared between the tracks, never copied, never a reason for a rollout. */
export const createConfigBook = (api: KubeApi, { enabled }: { readonly enabled: boolean }): ConfigBook => {
  const entries = new Map<string, Entry>()
  /** What was found out last about the configuration that a template refers to: digests that say the same stay the very same. */
  const lastKnown = new WeakMap<readonly ConfigRef[], { readonly found: readonly Found[]; readonly known: KnownConfigs }>()

  const find = ({ canary, live }: ConfigPlace, ref: ConfigRef): Found => {
    const kind = ref.kind === 'Secret' ? secretKind : configMapKind
    const key = { namespace: canary.metadata.namespace ?? '', name: ref.name }
    const version = live.get(kind, key)?.metadata.resourceVersion
    const place = { ref, kind, key, version }
    if (version === undefined) return { ...place, state: { kind: 'missing' } }
    const entry = entries.get(objectId(kind, key))
    if (entry?.version !== version) return { ...place, state: remembered(canary, ref, version) }
    return { ...place, state: entry.state, problem: entry.problem }
  }

  const read = async ({ kind, key, version = '' }: Found, io: Io): Promise<void> => {
    const id = objectId(kind, key)
    try {
      const object = await api.get(kind, key, io)
      const readVersion = object?.metadata.resourceVersion
      // Gone in this moment, or newer than the cache: the watch will tell, and it is looked at again.
      if (readVersion !== undefined) entries.set(id, { version: readVersion, state: configStateOf(object) })
    } catch (error) {
      entries.set(id, { version, state: undefined, problem: messageOf(error) })
    }
  }

  return {
    refresh: async (place, io) => {
      if (!enabled) return
      const unknown = place.target.configs.map(ref => find(place, ref)).filter(({ state }) => state === undefined)
      await Promise.all(unknown.map(found => read(found, io)))
    },
    known: place => {
      if (!enabled) return nothingTracked
      const found = place.target.configs.map(ref => find(place, ref))
      const last = lastKnown.get(place.target.configs)
      if (last && sameJson(last.found, found)) return last.known
      const known = knownOf(found)
      lastKnown.set(place.target.configs, { found, known })
      return known
    },
    forget: (kind, key) => {
      entries.delete(objectId(kind, key))
    },
  }
}

const knownOf = (found: readonly Found[]): KnownConfigs => {
  const versions = Object.fromEntries(found.flatMap(({ ref, version }) => (version === undefined ? [] : [[ref.key, version]])))
  const unread = found.filter(({ state }) => state === undefined)
  if (unread.length > 0) return { isTracking: true, digests: undefined, versions, obstacle: unreadable(unread) }
  const states = new Map(found.map(({ ref, state }) => [ref.key, state]))
  const refs = found.map(({ ref }) => ref)
  const read = digestsOf(refs, ({ key }) => states.get(key) ?? { kind: 'missing' })
  return 'unusable' in read
    ? { isTracking: true, digests: undefined, versions, obstacle: read.unusable }
    : { isTracking: true, digests: read.digests, textDigests: textDigestsOf(found), versions, obstacle: undefined }
}

const textDigestsOf = (found: readonly Found[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    found.flatMap(({ ref, state }) => (state?.kind === 'tracked' && state.textDigest !== undefined ? [[ref.key, state.textDigest]] : [])),
  )

const unreadable = (found: readonly Found[]): Obstacle => {
  const each = found.map(({ ref, problem = 'it was not read yet' }) => `${ref.kind} ${ref.name}: ${problem}`)
  return {
    reason: 'ConfigUnreadable',
    message: `whether the configuration changed is not known until it can be read again: ${each.join('; ')}`,
  }
}

/** After a restart status still says what this very version was, so that nothing has to be read. */
const remembered = ({ status }: Canary, { key }: ConfigRef, version: string): ConfigState | undefined => {
  if (status.configVersions?.[key] !== version) return undefined
  const digest = status.trackedConfigs?.[key]
  return digest === undefined ? { kind: 'ignored' } : { kind: 'tracked', digest }
}
