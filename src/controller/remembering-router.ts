import type { Canary } from '../api/canary.ts'
import type { Manifest } from '../api/object.ts'
import { sameJson } from '../core/same-json.ts'
import type { Traffic } from '../core/traffic.ts'
import type { Router, RoutingContext } from '../routing/router.ts'
import { oncePerObject, untilReadsChange } from './memo.ts'

/** All that the objects of a route come from beside what stands there. */
interface Question extends Omit<RoutingContext, 'live'> {
  readonly canary: Canary
  readonly traffic: Traffic
}

/**
 * A routing layer that works nothing out twice from the same reading of a Canary and the same objects: a pass asks several times, and most
 * passes find what the pass before found.
 */
export const remembering = oncePerObject((router: Router): Router => {
  const lastQuestions = new WeakMap<Canary, Question>()
  const answer = untilReadsChange(({ canary, traffic, ...context }: Question, live): readonly Manifest[] =>
    router.desired(canary, traffic, { ...context, live }),
  )
  return {
    ...router,
    observe: untilReadsChange(router.observe),
    desired: (canary, traffic, { live, ...context }) => {
      const asked: Question = { canary, traffic, ...context }
      const last = lastQuestions.get(canary)
      const question = last && saysTheSame(last, asked) ? last : asked
      if (question !== last) lastQuestions.set(canary, question)
      return answer(question, live)
    },
  }
})

const saysTheSame = ({ canary: _, ...a }: Question, { canary: __, ...b }: Question): boolean => sameJson(a, b)
