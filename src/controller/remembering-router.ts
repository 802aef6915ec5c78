import type { Manifest } from '../api/object.ts'
import type { Traffic } from '../core/traffic.ts'
import type { Router, RoutingContext } from '../routing/router.ts'
import { oncePerObject, untilReadsChange } from './memo.ts'

/** All that the objects of a route come from beside the Canary and what stands there. */
interface Question extends Omit<RoutingContext, 'live'> {
  readonly traffic: Traffic
}

/**
 * A routing layer that works nothing out twice from the same Canary and the same objects: a pass asks several times, and most passes find what
 * the pass before found.
 */
export const remembering = oncePerObject((router: Router): Router => {
  const answer = untilReadsChange((canary, live, { traffic, ...context }: Question): readonly Manifest[] =>
    router.desired(canary, traffic, { ...context, live }),
  )
  return {
    ...router,
    observe: untilReadsChange(router.observe),
    desired: (canary, traffic, { live, ...context }) => answer(canary, live, { traffic, ...context }),
  }
})
