import type { Mutant } from './mutant.ts'

/** Ways to send users where nobody can serve them, or to more or fewer of them than was decided. */
export const trafficMutants: readonly Mutant[] = [
  {
    name: 'send one percent more than was recorded',
    breaks: ['S20'],
    shownBy: 1,
    edits: [
      {
        file: 'core/traffic.ts',
        find: 'primary: 100 - canaryWeight,\n  canary: canaryWeight,',
        put: 'primary: canaryWeight % 100 === 0 ? 100 - canaryWeight : 99 - canaryWeight,\n  canary: canaryWeight % 100 === 0 ? canaryWeight : canaryWeight + 1,',
      },
    ],
  },
  {
    name: 'jump to the end of the ladder',
    breaks: ['S2'],
    shownBy: 1,
    edits: [
      {
        file: 'core/rollout-changes.ts',
        find: 'weight: nextWeight(event.plan.ladder, context.weight) ?? context.weight,',
        put: 'weight: event.plan.ladder.at(-1) ?? context.weight,',
      },
    ],
  },
  {
    name: 'send requests to a canary whose pods are not ready',
    breaks: ['S3'],
    shownBy: 8,
    edits: [
      {
        file: 'controller/desired-traffic.ts',
        find: 'if (!isReady) return {',
        put: 'if (!isReady && share < 0) return {',
      },
      {
        file: 'controller/desired-waits.ts',
        find: "awaiting('canary is ready', canaryCarries(share, seen) ? undefined :",
        put: "awaiting('canary is ready', message ? undefined :",
      },
      { file: 'core/reach.ts', find: 'if (pods >= needed) return undefined', put: 'if (pods >= Math.min(0, needed)) return undefined' },
      { file: 'core/checks.ts', find: "if (canaryTrack.kind === 'waiting') return", put: "if (canaryTrack.message === '-') return" },
    ],
  },
  {
    name: 'send everybody back to a primary without pods',
    breaks: ['S4'],
    shownBy: 120,
    edits: [
      {
        file: 'controller/desired-traffic.ts',
        find: 'if (!primaryGrows || canaryTrack.servingPods === 0) return undefined',
        put: 'if (!primaryGrows || canaryTrack.servingPods >= 0) return undefined',
      },
      {
        file: 'controller/desired.ts',
        find: "'Promoting.sizing': [trackServiceSteps, unparkSteps, ...routed, pinSteps, primarySteps, primaryReady],",
        put: "'Promoting.sizing': [trackServiceSteps, unparkSteps, ...routed, pinSteps, primarySteps],",
      },
    ],
  },
  {
    name: 'park before the route leaves the canary out',
    breaks: ['S5', 'S24'],
    shownBy: 33,
    edits: [
      { file: 'controller/desired.ts', find: "'Failed.returning': returning,", put: "'Failed.returning': [parkSteps, ...returning]," },
    ],
  },
  {
    name: 'let the weight fall in mid-run',
    breaks: ['S8'],
    shownBy: 37,
    edits: [
      {
        file: 'core/rollout-changes.ts',
        find: 'failedChecks: context.failedChecks + 1, unanswered: 0 })',
        put: 'failedChecks: context.failedChecks + 1, unanswered: 0, weight: Math.ceil(context.weight / 2) })',
      },
    ],
  },
  {
    name: 'take the next step after half an interval',
    breaks: ['S9'],
    shownBy: 1,
    edits: [
      {
        file: 'core/rollout-changes.ts',
        find: 'if (slotMs === 0) return nowMs + stepMs',
        put: 'if (slotMs === 0) return nowMs + Math.floor(stepMs / 2)',
      },
      {
        file: 'core/news.ts',
        find: 'const isCutShort = seen.routeIsBehind === true &&',
        put: 'const isCutShort = seen.routeIsBehind === true && leftMs < 0 &&',
      },
    ],
  },
  {
    name: 'write the route before its weight is recorded',
    breaks: ['S20'],
    shownBy: 2,
    edits: [
      {
        file: 'controller/settle.ts',
        find: 'await recordOrLatch({ decision, look, scene }, place)',
        put: 'if (scene) await world.converger.converge(desired(scene), io)\n  await recordOrLatch({ decision, look, scene }, place)',
      },
    ],
  },
  {
    name: 'mirror requests beside a live share',
    breaks: ['S1', 'S20'],
    shownBy: 1,
    edits: [
      {
        file: 'core/rollout-changes.ts',
        find: 'weight: nextWeight(event.plan.ladder, context.weight) ?? context.weight,\n  mirrored: false,',
        put: 'weight: nextWeight(event.plan.ladder, context.weight) ?? context.weight,\n  mirrored: event.plan.mirror,',
      },
      { file: 'controller/serving.ts', find: 'context.mirrored && context.weight === 0)', put: 'context.mirrored)' },
    ],
  },
  {
    name: 'reset the ramp where somebody changed the route',
    breaks: ['S20', 'S8'],
    shownBy: 21,
    edits: [
      {
        file: 'controller/desired-traffic.ts',
        find: '.desired(canary, carriedBy(router, servingTraffic(scene)), context)',
        put: '.desired(canary, routedOf(scene) ? servingTraffic(scene) : allToPrimary, context)',
      },
      {
        file: 'controller/desired-traffic.ts',
        find: '/** The objects of the mesh or ingress, with the recorded weights. */',
        put: 'const routedOf = ({ router, canary, live, context }: Scene) => (router.observe(canary, live).traffic?.canary ?? 0) <= context.weight\n',
      },
    ],
  },
  {
    name: 'give a rollback its place in the queue',
    breaks: ['S24'],
    shownBy: 37,
    edits: [
      {
        file: 'controller/desired.ts',
        find: "'Failed.returning': returning,",
        put: "'Failed.returning': [primarySteps, sizeSteps, parkSteps, ...returning],",
      },
    ],
  },
  {
    name: 'wait for the end of requests before they are led back',
    breaks: ['L4'],
    shownBy: 33,
    edits: [{ file: 'controller/desired.ts', find: "'Failed.returning': returning,", put: "'Failed.returning': [drained, ...returning]," }],
  },
  {
    name: 'return to the broken primary after a failed promotion',
    breaks: ['L9', 'L2', 'S4', 'S3'],
    shownBy: 530,
    edits: [
      {
        file: 'core/rollout-changes.ts',
        find: "weight: 100,\n  servingFrom: 'canary',",
        put: "weight: 0,\n  servingFrom: 'primary',",
      },
    ],
  },
  {
    name: 'send everybody where a segment was meant',
    breaks: ['V1'],
    shownBy: 25,
    edits: [
      {
        file: 'controller/serving.ts',
        find: "takesPart && match.length > 0 && context.servingFrom === 'primary' ?",
        put: "takesPart && match.length > 9 && context.servingFrom === 'primary' ?",
      },
    ],
  },
  {
    name: 'throw dice for those who have the cookie of the canary',
    breaks: ['V2'],
    shownBy: 38,
    edits: [
      {
        file: 'routing/lanes.ts',
        find: "return [...lanesTo('canary', cookies.canary), ...(",
        put: 'return [...(',
      },
    ],
  },
  {
    name: 'make up new cookies with each record',
    breaks: ['V3'],
    shownBy: 38,
    edits: [
      {
        file: 'core/affinity.ts',
        find: "const seed = `${canary.metadata.uid ?? canary.metadata.name}/${analysed?.hash ?? ''}`",
        put: "const seed = `${canary.metadata.resourceVersion}/${analysed?.hash ?? ''}`",
      },
    ],
  },
  {
    name: 'give away other cookies than were recorded',
    breaks: ['V4'],
    shownBy: 38,
    edits: [
      {
        file: 'controller/serving.ts',
        find: "const { sessionAffinityCookie = '', primarySessionAffinityCookie, previousSessionAffinityCookie } = canary.status",
        put: "const { sessionAffinityCookie: known = '', primarySessionAffinityCookie, previousSessionAffinityCookie } = canary.status\n  const sessionAffinityCookie = known && known.slice(0, -1) + 'q'",
      },
    ],
  },
]
