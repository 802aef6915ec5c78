import { type KindRef, type KubeObject, keyOf, keyText, type Manifest } from '../api/object.ts'
import type { Reason } from '../api/reasons.ts'
import type { ConfigCopy } from '../core/plan.ts'
import { CanaryError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import { configTwin, sourceDigestOf } from '../targets/config-tracking.ts'
import type { TargetOptions } from '../targets/workload.ts'
import { disown } from './disown.ts'
import type { OwnWrites } from './own-writes.ts'

/** A twin could not be made: the source is gone or changed, or somebody else's object stands in its place. */
export class CopyRefused extends CanaryError {
  readonly code: Reason
  readonly disposition = 'retry'

  constructor(code: Reason, message: string) {
    super(message)
    this.code = code
  }
}

/** Copies ConfigMaps and Secrets; their contents pass through and are not kept. */
export interface ConfigCopier {
  /** @throws {CopyRefused} retry: the source no longer holds what was analysed, or the twin is not ours */
  copy(copy: ConfigCopy, io: Io): Promise<void>
}

type Contents = Readonly<Record<string, unknown>>

/** Keys that a copy has and its source has not. */
const leftovers = (found: KubeObject, wanted: Manifest, field: 'data' | 'binaryData'): Contents => {
  const keys = Object.keys((wanted[field] ?? {}) as Contents)
  const extra = Object.keys((found[field] ?? {}) as Contents).filter(key => !keys.includes(key))
  return Object.fromEntries(extra.map(key => [key, null]))
}

interface Copied {
  readonly kind: KindRef
  /** As the server has it, contents included. */
  readonly found: KubeObject
  readonly wanted: Manifest
}

/** Applying takes away what only we own: what somebody else wrote, and the source does not have, goes by hand. */
const tidy = async (api: KubeApi, { kind, found, wanted }: Copied, io: Io): Promise<KubeObject> => {
  const [data, binaryData] = [leftovers(found, wanted, 'data'), leftovers(found, wanted, 'binaryData')]
  if (Object.keys({ ...data, ...binaryData }).length === 0) return found
  const body = { metadata: { resourceVersion: found.metadata.resourceVersion }, data, binaryData }
  return api.patch(kind, keyOf(found), { type: 'merge', body }, io)
}

export const createConfigCopier = (api: KubeApi, own: OwnWrites, options: TargetOptions): ConfigCopier => {
  /** One that another controller made is put right before it gets the mark that says so. */
  const putRight = async (kind: KindRef, wanted: Manifest, io: Io): Promise<KubeObject | undefined> => {
    const found = await api.get(kind, keyOf(wanted), io)
    return found && tidy(api, { kind, found, wanted }, io)
  }
  return {
    copy: async ({ kind, source, digest, live, canary }, io) => {
      const object = await api.get(kind, source, io)
      if (!object)
        throw new CopyRefused('ConfigMissing', `${kind.kind} ${keyText(source)} does not exist; create it, the target refers to it`)
      const twin = configTwin({ canary, source: object, digest, live, options })
      if ('refused' in twin) throw new CopyRefused(twin.refused.reason, twin.refused.message)
      const wanted = twin.manifest
      const isForeign = live !== undefined && sourceDigestOf(live) === undefined
      const before = isForeign ? await putRight(kind, wanted, io) : live
      const found = await api.apply(kind, atVersion(wanted, before), io)
      const { apiVersion, metadata } = await disown(api, { kind, object: await tidy(api, { kind, found, wanted }, io) }, io)
      own.wrote(kind, { apiVersion, kind: kind.kind, metadata })
    },
  }
}

const atVersion = (manifest: Manifest, live: KubeObject | undefined): Manifest => {
  const resourceVersion = live?.metadata.resourceVersion
  return resourceVersion === undefined ? manifest : { ...manifest, metadata: { ...manifest.metadata, resourceVersion } }
}
