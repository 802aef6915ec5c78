import type { ObjectKey } from '../api/object.ts'
import type { Decision } from '../core/decide.ts'
import type { Evidence } from '../core/evidence.ts'
import type { Receivers } from '../core/outbox.ts'
import type { Io } from '../io.ts'
import type { EventRecorder } from '../kube/event-recorder.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import type { Converger } from './converge.ts'
import type { GatherTools } from './gather.ts'
import type { OwnWrites } from './live-view.ts'
import type { Look, LookOptions } from './look.ts'
import type { OutboxWorker } from './outbox-worker.ts'
import type { Patience } from './patience.ts'
import type { Recorder } from './record.ts'

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
  /** Rollbacks that took effect and still wait for their record, by canary. */
  readonly unrecorded: Map<string, Decision>
  readonly patience: Patience
  /** Aborts as soon as the controller is asked to stop: what is being asked then is called off, what is being written may settle. */
  stopping(): AbortSignal
  /** One look at a Canary and its world; undefined when it is gone. Reads over the wire only what changed in tracked configuration. */
  look(key: ObjectKey, io: Io): Promise<Look | undefined>
  /** A Canary is gone: nothing of it is remembered. */
  forget(canary: string): void
  /** Evidence arrived after so long. */
  measured(look: Look, evidence: Evidence, tookMs: number): void
  /** A decision was recorded: people hear of it. */
  announce(look: Look, decision: Decision, io: Io): void
}
