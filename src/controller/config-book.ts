import type { Canary } from '../api/canary.ts'
import { configMapKind, secretKind } from '../api/kinds.ts'
import type { KindRef, ObjectKey } from '../api/object.ts'
import type { Live } from '../core/live.ts'
import type { Obstacle } from '../core/observation.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import { type ConfigState, configStateOf, digestsOf } from '../targets/config-tracking.ts'
import type { ConfigRef, Target } from '../targets/workload.ts'

/** What is known of a target's configuration without asking. */
export interface KnownConfigs {
  /** Digest of each tracked object by key; undefined while one is unknown. */
  readonly digests: Readonly<Record<string, string>> | undefined
  /** resourceVersion at which each referenced object was read, by key. */
  readonly versions: Readonly<Record<string, string>>
  readonly obstacle: Obstacle | undefined
}

/** Digests of ConfigMaps and Secrets. Contents are read once per changed version and never kept. */
export interface ConfigBook {
  /** Reads what changed since it was read last. @throws {KubeError} as the API answers: an object that could not be read is not a change */
  refresh(place: ConfigPlace, io: Io): Promise<void>
  known(place: ConfigPlace): KnownConfigs
}

export interface ConfigPlace {
  readonly canary: Canary
  readonly target: Target
  readonly live: Live
}

interface Entry {
  readonly version: string
  readonly state: ConfigState
}

const nothingTracked: KnownConfigs = { digests: {}, versions: {}, obstacle: undefined }

/** `enabled` false: configuration is shared between the tracks, never copied, never a reason for a rollout. */
export const createConfigBook = (api: KubeApi, { enabled }: { readonly enabled: boolean }): ConfigBook => {
  const entries = new Map<string, Entry>()

  const find = (canary: Canary, ref: ConfigRef, live: Live): Found => {
    const key = { namespace: canary.metadata.namespace ?? '', name: ref.name }
    const kind = kindOf(ref)
    const object = live.get(kind, key)
    const version = object?.metadata.resourceVersion
    const id = `${ref.key}@${key.namespace}`
    const entry = entries.get(id)
    if (!object || version === undefined) return { id, kind, key, version, state: { kind: 'missing' } }
    if (entry?.version === version) return { id, kind, key, version, state: entry.state }
    return { id, kind, key, version, state: remembered(canary, ref, version) }
  }

  const read = async ({ id, kind, key }: Found, io: Io): Promise<void> => {
    const object = await api.get(kind, key, io)
    const version = object?.metadata.resourceVersion
    if (version !== undefined) entries.set(id, { version, state: configStateOf(object) })
  }

  return {
    refresh: async ({ canary, target, live }, io) => {
      if (!enabled) return
      const unknown = target.configs.map(ref => find(canary, ref, live)).filter(found => found.state === undefined)
      await Promise.all(unknown.map(found => read(found, io)))
    },
    known: ({ canary, target, live }) => {
      if (!enabled) return nothingTracked
      const found = new Map(target.configs.map(ref => [ref.key, find(canary, ref, live)]))
      const versions = Object.fromEntries([...found].flatMap(([key, { version }]) => (version === undefined ? [] : [[key, version]])))
      if ([...found.values()].some(({ state }) => state === undefined)) return { digests: undefined, versions, obstacle: undefined }
      const read = digestsOf(target.configs, ref => found.get(ref.key)?.state ?? { kind: 'missing' })
      return 'unusable' in read
        ? { digests: undefined, versions, obstacle: read.unusable }
        : { digests: read.digests, versions, obstacle: undefined }
    },
  }
}

interface Found {
  readonly id: string
  readonly kind: KindRef
  readonly key: ObjectKey
  readonly version: string | undefined
  /** Undefined: it changed and was not read yet. */
  readonly state: ConfigState | undefined
}

const kindOf = ({ kind }: ConfigRef): KindRef => (kind === 'Secret' ? secretKind : configMapKind)

/** After a restart status still knows which digest this very version had, so that nothing has to be read. */
const remembered = ({ status }: Canary, { key }: ConfigRef, version: string): ConfigState | undefined => {
  if (status.configVersions?.[key] !== version) return undefined
  const digest = status.trackedConfigs?.[key]
  return digest === undefined ? undefined : { kind: 'tracked', digest }
}
