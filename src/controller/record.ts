import { canaryKind } from '../api/kinds.ts'
import type { KubeObject } from '../api/object.ts'
import { additiveFields, type CanaryStatus } from '../api/status.ts'
import type { Clock } from '../clock.ts'
import type { Obstacle } from '../core/observation.ts'
import { CanaryError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import type { OwnWrites } from './own-writes.ts'

/** The installed CRD drops fields that decisions are made from. Going on would mean guessing. */
class CRDOutdated extends CanaryError {
  readonly code = 'CRDOutdated'
  readonly disposition = 'terminal'
}

/** Writes the status of a Canary: the one place where decisions become facts. */
export interface Recorder {
  /**
   * Replaces the status on exactly the version it was decided on.
   * @throws {KubeError} retry: 409 when the object moved on; the decision has to be made again from what is there now
   * @throws {CRDOutdated} terminal: the server kept less than was sent, for the first time
   */
  record(object: KubeObject, status: CanaryStatus, io: Io): Promise<void>
  /**
   * There while the server is known to drop fields; nothing is done meanwhile but saying so. A field that is kept again, or that was not
   * sent for a while, gets another try.
   */
  obstacle(): Obstacle | undefined
  /** Milliseconds that the server took for the last status it recorded. */
  lagMs(): number
}

/** A field that was dropped is tried again after so long: somebody may have applied the definitions meanwhile. */
export const triedAgainAfterMs = 60_000

export const createRecorder = (api: KubeApi, own: OwnWrites, clock: Clock): Recorder => {
  let lagMs = 0
  /** When each field was dropped last. */
  const dropped = new Map<string, number>()

  const learn = (sent: CanaryStatus, kept: unknown): void => {
    const lost = lostFields(sent, kept)
    for (const field of additiveFields) if (field in sent && !lost.includes(field)) dropped.delete(field)
    for (const field of lost) dropped.set(field, clock.monotonicMs())
  }

  const obstacle = (): Obstacle | undefined => {
    const nowMs = clock.monotonicMs()
    for (const [field, atMs] of dropped) if (nowMs - atMs >= triedAgainAfterMs) dropped.delete(field)
    return dropped.size === 0 ? undefined : obstacleOf([...dropped.keys()])
  }

  return {
    obstacle,
    lagMs: () => lagMs,
    record: async (object, status, io) => {
      const known = obstacle()
      const startedMs = clock.monotonicMs()
      const stored = await api.updateStatus(canaryKind, { ...object, apiVersion: canaryKind.apiVersion, status }, io)
      lagMs = clock.monotonicMs() - startedMs
      own.wrote(canaryKind, stored)
      learn(status, stored['status'])
      const found = obstacle()
      if (found && !known) throw new CRDOutdated(found.message)
    },
  }
}

const obstacleOf = (lost: readonly string[]): Obstacle => ({
  reason: 'CRDOutdated',
  message: `the API server dropped status fields ${lost.join(', ')}; apply the CRDs that came with this version of Serin`,
})

const lostFields = (sent: CanaryStatus, kept: unknown): readonly string[] => {
  const there = typeof kept === 'object' && kept !== null ? kept : {}
  return additiveFields.filter(field => sent[field as keyof CanaryStatus] !== undefined && !(field in there))
}
