import { keyText } from '../api/object.ts'
import type { Reason } from '../api/reasons.ts'
import type { ConfigCopy } from '../core/plan.ts'
import { CanaryError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import { configTwin } from '../targets/config-tracking.ts'
import type { TargetOptions } from '../targets/workload.ts'
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

export const createConfigCopier = (api: KubeApi, own: OwnWrites, options: TargetOptions): ConfigCopier => ({
  copy: async ({ kind, source, digest, live, canary }, io) => {
    const object = await api.get(kind, source, io)
    if (!object)
      throw new CopyRefused('ConfigMissing', `${kind.kind} ${keyText(source)} does not exist; create it, the target refers to it`)
    const twin = configTwin({ canary, source: object, digest, live, options })
    if ('refused' in twin) throw new CopyRefused(twin.refused.reason, twin.refused.message)
    const version = live?.metadata.resourceVersion
    const manifest =
      version === undefined ? twin.manifest : { ...twin.manifest, metadata: { ...twin.manifest.metadata, resourceVersion: version } }
    const { apiVersion, metadata } = await api.apply(kind, manifest, io)
    own.wrote(kind, { apiVersion, kind: kind.kind, metadata })
  },
})
