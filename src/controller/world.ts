import type { ObjectKey } from '../api/object.ts'
import type { Decision } from '../core/decide.ts'
import type { Evidence } from '../core/evidence.ts'
import type { Receivers } from '../core/outbox.ts'
import type { Io } from '../io.ts'
import type { EventRecorder } from '../kube/event-recorder.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import type { Converger } from './converge.ts'
import type { Diagnoses } from './diagnoses.ts'
import type { GatherTools } from './gather.ts'
import type { Inquiries } from './inquiries.ts'
import type { Look, LookOptions } from './look.ts'
import type { OutboxWorker } from './outbox-worker.ts'
import type { OwnWrites } from './own-writes.ts'
import type { Patience } from './patience.ts'
import type { Recorder } from './record.ts'
import type { SecondLook } from './second-look.ts'
import type { Unrecorded } from './unrecorded.ts'

/** What a pass works with. `signal` aborts what may not take any longer; a write that is under way gets a moment more after `stopping`. */
export interface PassIo extends Io {
  /** Aborts as soon as this process is to stop, or leads no more: nothing new is begun, and what was asked is not waited for. */
  readonly stopping: AbortSignal
}

/** Everything a pass may touch. */
export interface World {
  readonly api: KubeApi
  readonly own: OwnWrites
  readonly options: LookOptions
  readonly receivers: Receivers
  readonly tools: GatherTools
  readonly recorder: Recorder
  readonly converger: Converger
  readonly events: EventRecorder
  readonly outbox: OutboxWorker
  readonly unrecorded: Unrecorded
  readonly patience: Patience
  readonly inquiries: Inquiries
  readonly diagnoses: Diagnoses
  readonly secondLook: SecondLook
  /** One look at a Canary and its world; undefined when it is gone. Reads over the wire only what changed in tracked configuration. */
  look(key: ObjectKey, io: Io): Promise<Look | undefined>
  /** A whole pass over a Canary is done: what it did not look at does not matter to it any more. */
  looked(canary: string): void
  /** Nothing is due for a Canary until something changes: what was worked out about it takes more room than it saves time. */
  rests(canary: string): void
  /** A Canary is gone: nothing of it is remembered. */
  forget(canary: string): void
  /** Evidence arrived after so long. */
  measured(look: Look, evidence: Evidence, tookMs: number): void
  /** A decision was recorded: people hear of it. */
  announce(look: Look, decision: Decision, io: Io): void
}
