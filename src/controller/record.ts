import { canaryKind } from '../api/kinds.ts'
import type { KubeObject } from '../api/object.ts'
import { additiveFields, type CanaryStatus } from '../api/status.ts'
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
  /** There as long as the server drops fields; nothing is done meanwhile but saying so. */
  obstacle(): Obstacle | undefined
}

export const createRecorder = (api: KubeApi, own: OwnWrites): Recorder => {
  let outdated: Obstacle | undefined
  return {
    obstacle: () => outdated,
    record: async (object, status, io) => {
      const stored = await api.updateStatus(canaryKind, { ...object, apiVersion: canaryKind.apiVersion, status }, io)
      own.wrote(canaryKind, stored)
      const known = outdated
      outdated = obstacleOf(lostFields(status, stored['status']))
      if (outdated && !known) throw new CRDOutdated(outdated.message)
    },
  }
}

const obstacleOf = (lost: readonly string[]): Obstacle | undefined =>
  lost.length === 0
    ? undefined
    : {
        reason: 'CRDOutdated',
        message: `the API server dropped status fields ${lost.join(', ')}; apply the CRDs that came with this version of Serin`,
      }

const lostFields = (sent: CanaryStatus, kept: unknown): readonly string[] => {
  const there = typeof kept === 'object' && kept !== null ? kept : {}
  return additiveFields.filter(field => sent[field as keyof CanaryStatus] !== undefined && !(field in there))
}
