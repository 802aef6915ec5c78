import { type Canary, providerOf } from '../api/canary.ts'
import type { Live } from '../core/live.ts'
import type { Obstacle } from '../core/observation.ts'
import { routers } from '../routing/registry.ts'
import type { Router } from '../routing/router.ts'
import { workloadOf } from '../targets/registry.ts'
import type { Workload } from '../targets/workload.ts'
import type { LookOptions } from './look.ts'
import { type Remembering, untilReadsChange } from './memo.ts'
import { routingProblem, scalingOf } from './obstacles.ts'
import type { Inspect } from './read-memo.ts'
import { remembering } from './remembering-router.ts'
import type { Scene } from './scene.ts'

/** What the spec of a Canary names, as it was found. */
export interface Parts extends Pick<Scene, 'workload' | 'router' | 'scaler' | 'scalerSource' | 'target'> {
  /** Whether the target is the one that the spec names, and not what stands in for it. */
  readonly isTarget: boolean
  /** What the routing layer, or an object that stands there, has against the Canary. */
  readonly problem: Obstacle | undefined
  /** What is missing for a rollout. */
  readonly hindrance: Obstacle | undefined
}

/** Nothing can be said about the workload: why. */
export interface NoParts {
  readonly hindrance: Obstacle | undefined
}

export type FindParts = Remembering<Parts | NoParts>

/** The routing layer of this name, if it is built. */
export const routerOf = (name: string): Router | undefined => (routers.has(name) ? remembering(routers.get(name)) : undefined)

/** Looks for the parts of a Canary again only when something that they come from changed. */
export const createPartsFinder = (options: LookOptions, inspect: Inspect): FindParts =>
  untilReadsChange((canary, live) => {
    const router = routerOf(providerOf(canary, options.meshProvider))
    const workload = workloadOf(canary)
    return router && workload
      ? partsOf({ canary, router, workload, live, inspected: inspect(canary, live) }, options)
      : { hindrance: undefined }
  })

interface Search {
  readonly canary: Canary
  readonly router: Router
  readonly workload: Workload
  readonly live: Live
  readonly inspected: ReturnType<Inspect>
}

const partsOf = ({ canary, router, workload, live, inspected }: Search, options: LookOptions): Parts | NoParts => {
  const isTarget = 'target' in inspected
  const unusable = isTarget ? undefined : inspected.unusable
  const target = isTarget ? inspected.target : workload.standIn(canary, live, options)
  if (!target) return { hindrance: unusable }
  const { missing, ...scaling } = scalingOf({ canary, workload }, live)
  const problem = routingProblem({ canary, router, workload, label: target.label, live })
  return { workload, router, ...scaling, target, isTarget, problem, hindrance: unusable ?? missing }
}
