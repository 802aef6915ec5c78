import type { Mutant } from './mutant.ts'

/** Ways to leave users with fewer pods than they need. */
export const capacityMutants: readonly Mutant[] = [
  {
    name: 'take pods from the primary while a rollout runs',
    breaks: ['C1'],
    shownBy: 4,
    edits: [
      {
        file: 'controller/desired-size.ts',
        find: 'if (!scaler || !scalerSource) return declaredReplicas(scene) ??',
        put: "if (!scaler || !scalerSource) return (scene.state === 'Progressing.analysing' ? 1 : declaredReplicas(scene)) ??",
      },
    ],
  },
  {
    name: 'take a step on one pod',
    breaks: ['C2', 'S3'],
    shownBy: 8,
    edits: [
      {
        file: 'core/capacity.ts',
        find: 'const isEnough = canaryTrack.readyPods >= canaryNeeds(sharePercent, seen)\n  return canaryTrack.kind',
        put: 'const isEnough = canaryTrack.readyPods >= Math.min(1, canaryNeeds(sharePercent, seen))\n  return isEnough || canaryTrack.kind',
      },
      {
        file: 'controller/desired-waits.ts',
        find: "awaiting('canary is ready', canaryCarries(share, seen) ? undefined :",
        put: "awaiting('canary is ready', canaryTrack.readyPods > 0 ? undefined :",
      },
      { file: 'core/reach.ts', find: 'if (pods >= needed) return undefined', put: 'if (pods >= Math.min(0, needed)) return undefined' },
      { file: 'core/checks.ts', find: "if (canaryTrack.kind === 'waiting') return", put: "if (canaryTrack.message === '-') return" },
    ],
  },
  {
    name: 'count on ready pods that requests do not get to',
    breaks: ['C3', 'C2'],
    shownBy: 1,
    edits: [
      { file: 'core/reach.ts', find: 'if (!reach || needed === 0) return undefined', put: 'if (!reach || needed >= 0) return undefined' },
    ],
  },
  {
    name: 'return to a promoted primary before it has its pods',
    breaks: ['C3', 'S4'],
    shownBy: 1,
    edits: [
      {
        file: 'controller/desired-traffic.ts',
        find: 'if (primaryTrack.readyPods >= needed) return unreachable(primaryTrack, needed)',
        put: 'if (primaryTrack.readyPods >= 0) return undefined',
      },
      {
        file: 'controller/desired.ts',
        find: "'Promoting.sizing': [trackServiceSteps, unparkSteps, ...routed, pinSteps, primarySteps, primaryReady],",
        put: "'Promoting.sizing': [trackServiceSteps, unparkSteps, ...routed, pinSteps, primarySteps],",
      },
    ],
  },
  {
    name: 'park before requests in flight are done',
    breaks: ['C4'],
    shownBy: 1,
    edits: [
      {
        file: 'controller/desired-waits.ts',
        find: 'const isOver = drainSince !== undefined &&',
        put: 'const isOver = drainMs >= 0 || drainSince !== undefined &&',
      },
    ],
  },
  {
    name: 'take the endpoints of the selection before for those of the one now',
    breaks: ['S3'],
    shownBy: 5150,
    edits: [{ file: 'targets/core-service.ts', find: 'endpointsOfAny?.(key, labels?.[selectionLabel])', put: 'endpointsOfAny?.(key)' }],
  },
  {
    name: 'lead a canary to a new revision while it has the share of the one before',
    breaks: ['S7'],
    shownBy: 5150,
    edits: [
      {
        file: 'controller/desired-traffic.ts',
        find: 'return mayWait && canaryServiceSteps(scene)',
        put: 'return mayWait && !mayWait && canaryServiceSteps(scene)',
      },
    ],
  },
]
