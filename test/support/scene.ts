import { type Canary, providerOf } from '../../src/api/canary.ts'
import { canaryKind, controllerRevisionKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { Live } from '../../src/core/live.ts'
import { rolloutPlan } from '../../src/core/rollout-plan.ts'
import { isForeign } from '../../src/core/take-over.ts'
import type { Traffic } from '../../src/core/traffic.ts'
import { routers } from '../../src/routing/registry.ts'
import { readPin } from '../../src/targets/pins.ts'
import type { AcceptedWrite } from './fake-kube-api.ts'
import { hashOfTarget, newestPods, readyPods, servingPods } from './tracks-seen.ts'

/* What the safety rules look at: the cluster around one write, and what they all ask of it. */

/** The cluster around one write: as it was before, and as it is now. */
export interface Scene {
  readonly write: AcceptedWrite
  readonly canary: Canary
  readonly canaryBefore: Canary
  readonly before: Traffic | undefined
  readonly after: Traffic | undefined
  readonly target: KubeObject | undefined
  readonly primary: KubeObject | undefined
  readonly live: Live
  readonly nowMs: number
  readonly run: Run
  /** Whether an object was written that says where requests go. */
  readonly isRouteWrite: boolean
}

/** What the monitor remembers of the revision under analysis. */
export interface Run {
  hash: string | undefined
  highestRecorded: number
  highestRouted: number
  raisedAtMs: number | undefined
  /** Of the step under way, when it began. */
  intervalMs: number | undefined
  iterations: number
  /** The cookie that its first users got. */
  cookie: string | undefined
}

export type Rule = (scene: Scene) => string | undefined

export const share = (traffic: Traffic | undefined): number => traffic?.canary ?? 0
export const isStatusWrite = ({ write }: Scene): boolean => write.verb === 'updateStatus' && write.kind.kind === canaryKind.kind
export const canaryGrows = ({ before, after }: Scene): boolean =>
  share(after) > share(before) || (after?.mirrored === true && before?.mirrored !== true)
export const planOf = (canary: Canary) =>
  rolloutPlan(canary, routers.get(providerOf(canary, 'gatewayapi:v1')).can, { minIntervalMs: 10_000 })

/** The other track lost all its pods: this one takes everything, whatever is recorded. */
export const isRescue = ({ after, target, primary }: Scene): boolean => {
  if (!after || after.mirrored) return false
  return after.canary === 0 ? newestPods(target) === 0 : after.primary === 0 && readyPods(primary) === 0 && servingPods(target) > 0
}

export const pinOf = (canary: Canary, live: Live, name: string | undefined) => {
  const found = name === undefined ? undefined : live.get(controllerRevisionKind, { namespace: canary.metadata.namespace ?? '', name })
  return found && readPin(found)
}

export const runsAnalysed = ({ canary, live, target }: Scene): boolean => {
  if (!target || isForeign(canary.status)) return true
  const pin = pinOf(canary, live, canary.status.analysed?.name)
  return pin?.templateHash === hashOfTarget(target, live)
}
