import type { Canary } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import type { Traffic } from '../../src/core/traffic.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import type { Author } from './process.ts'
import type { Testimony } from './testimony.ts'
import type { Track } from './tracks.ts'

/** One write of Serin, and the team as it was before and as it is now. */
export interface Deed {
  readonly write: AcceptedWrite
  readonly author: Author
  readonly nowMs: number
  readonly canary: Canary
  /** Differs from `canary` where the write was about the Canary itself. */
  readonly canaryBefore: Canary
  readonly raw: KubeObject
  readonly traffic: Traffic | undefined
  readonly primary: Track | undefined
  /** What stores and hooks told this process. */
  readonly testimony: Testimony
}

/** One safety rule: undefined when it is kept, else what was done. A rule may remember what it saw; each run has rules of its own. */
export type SafetyRule = (deed: Deed) => string | undefined

/** Makes the rules of one run. The number is that of the list of invariants that the design follows. */
export type RuleMaker = (clock: Clock) => SafetyRule

/** Whether the status of the team's Canary is written. */
export const isStatusWrite = ({ write, canary }: Deed): boolean =>
  write.verb === 'updateStatus' && write.kind.kind === 'Canary' && write.key.name === canary.metadata.name

export const weightOf = ({ status }: Canary): number => status.canaryWeight ?? 0
