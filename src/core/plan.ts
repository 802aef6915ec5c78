import type { Canary } from '../api/canary.ts'
import type { KindRef, KubeObject, Manifest, ObjectKey } from '../api/object.ts'
import type { Obstacle } from './observation.ts'

/** A ConfigMap or Secret whose twin has to hold contents of exactly this digest. */
export interface ConfigCopy {
  readonly kind: KindRef
  readonly source: ObjectKey
  readonly digest: string
  /** The twin as it stands, its metadata at least. */
  readonly live: KubeObject | undefined
  readonly canary: Canary
}

interface StepBase {
  /** Stable name for logs and explanations: `primary`, `route HTTPRoute/podinfo`, `park`. */
  readonly name: string
  /** Why it may not be done yet; it and everything after it waits. */
  readonly unmet?: Obstacle | undefined
  /** What people hear when it is done. */
  readonly news?: Obstacle | undefined
}

/** One thing that has to be so before the state is reached. `done` steps cost nothing. */
export type PlanStep = StepBase &
  (
    | {
        readonly verb: 'apply'
        readonly kind: KindRef
        readonly manifest: Manifest
        readonly live: KubeObject | undefined
        readonly done: boolean
      }
    /** Written once and never changed: created when it is missing. */
    | { readonly verb: 'create'; readonly kind: KindRef; readonly manifest: Manifest; readonly done: boolean }
    /** Fields of an object that is not ours: a merge patch on exactly this version. */
    | {
        readonly verb: 'patch'
        readonly kind: KindRef
        readonly object: KubeObject
        readonly body: Readonly<Record<string, unknown>>
        readonly done: boolean
      }
    /** So many pods for a workload that a scaler sizes, written as scalers do: through its scale subresource, on exactly this version. */
    | { readonly verb: 'scale'; readonly kind: KindRef; readonly object: KubeObject; readonly replicas: number; readonly done: boolean }
    | { readonly verb: 'copy'; readonly copy: ConfigCopy; readonly done: boolean }
    | { readonly verb: 'delete'; readonly kind: KindRef; readonly object: KubeObject; readonly done: boolean }
    /** Nothing to write: the world has to get there by itself. */
    | { readonly verb: 'await'; readonly done: true }
  )

/** In this order; what is unmet holds everything behind it. */
export type Plan = readonly PlanStep[]

/** The first step that holds, if any. */
export const holdOf = (plan: Plan): Obstacle | undefined => plan.find(step => step.unmet)?.unmet

/** The steps that may be carried out now: those before the first unmet one that are not done. */
export const workOf = (plan: Plan): Plan => {
  const end = plan.findIndex(step => step.unmet)
  return (end < 0 ? plan : plan.slice(0, end)).filter(step => !step.done)
}
