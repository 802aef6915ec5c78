import type { Canary } from '../api/canary.ts'
import type { Revision } from '../core/observation.ts'
import { pinName, revisionHashOf } from '../targets/pins.ts'
import type { Target } from '../targets/workload.ts'
import type { KnownConfigs } from './config-book.ts'

/** Identity of what the target asks to run: its template together with its tracked configuration. Undefined while a digest is unknown. */
export const revisionOf = (canary: Canary, target: Target, { isTracking, digests, versions }: KnownConfigs): Revision | undefined => {
  if (!digests) return undefined
  const hash = revisionHashOf(target.templateHash, digests)
  return {
    pin: { hash, name: pinName(canary, hash) },
    templateHash: target.templateHash,
    trackedConfigs: isTracking ? digests : undefined,
    configVersions: Object.keys(versions).length > 0 ? versions : undefined,
  }
}
