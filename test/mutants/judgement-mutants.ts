import type { Mutant } from './mutant.ts'

/** Ways to judge wrongly, or not at all. */
export const judgementMutants: readonly Mutant[] = [
  {
    name: 'promote what the target holds now',
    breaks: ['S6'],
    shownBy: 6,
    edits: [
      {
        file: 'controller/look.ts',
        find: "analysedPin: pinOf(workload, live, { namespace, name: context.analysed?.name ?? '' }),",
        put: 'analysedPin: context.analysed && workload.pin(target, known.digests ?? {}),',
      },
    ],
  },
  {
    name: 'promote after the first check',
    breaks: ['S6', 'S12'],
    shownBy: 1,
    edits: [
      {
        file: 'core/arrows.ts',
        find: "{ guard: 'weightCanAdvance', target: '#Progressing.analysing',",
        put: "{ guard: 'servesFromCanary', target: '#Progressing.analysing',",
      },
      {
        file: 'core/arrows.ts',
        find: "{ guard: 'iterationsRemain', target: '#Progressing.analysing',",
        put: "{ guard: 'servesFromCanary', target: '#Progressing.analysing',",
      },
    ],
  },
  {
    name: 'go on with the ramp of a revision that was replaced',
    breaks: ['S7'],
    shownBy: 15,
    edits: [
      {
        file: 'core/news.ts',
        find: 'if (hash === context.analysed?.hash) return undefined\n  return hash === context.promoted',
        put: 'if (hash === context.analysed?.hash || context.weight > 0) return undefined\n  return hash === context.promoted',
      },
    ],
  },
  {
    name: 'forget the threshold',
    breaks: ['S10'],
    shownBy: 107,
    edits: [
      {
        file: 'core/machine.ts',
        find: 'context.failedChecks + 1 >= event.plan.threshold,',
        put: 'context.failedChecks + 1 >= event.plan.threshold + 9,',
      },
      { file: 'core/news.ts', find: 'context.failedChecks >= plan.threshold', put: 'context.failedChecks >= plan.threshold + 9' },
    ],
  },
  {
    name: 'look back on the requests of the revision before',
    breaks: ['S30'],
    shownBy: 22,
    edits: [
      {
        file: 'core/evidence-window.ts',
        find: 'if (evidenceSince === undefined) return',
        put: "if (evidenceSince !== '') return",
      },
    ],
  },
  {
    name: 'count no data as success',
    breaks: ['S11'],
    shownBy: 139,
    edits: [
      {
        file: 'core/checks.ts',
        find: 'if (metric.value !== undefined && Number.isFinite(metric.value)) return pass',
        put: "if (metric.value !== undefined || metric.name !== '') return pass",
      },
    ],
  },
  {
    name: 'count a failing metric as success',
    breaks: ['S11'],
    shownBy: 33,
    edits: [
      {
        file: 'core/checks.ts',
        find: "if (min !== undefined && value < min) return 'below'\n  return max !== undefined && value > max ? 'above' : undefined",
        put: 'return undefined',
      },
    ],
  },
  {
    name: 'ask with names that are part of the language',
    breaks: ['S27'],
    shownBy: 1,
    edits: [
      {
        file: 'metrics/built-in-queries.ts',
        find: 'const isLike = (label: string, pattern: string): string => `${label}=~"${literal(pattern)}"`',
        put: 'const isLike = (label: string, pattern: string): string => `${label}=~${literal(pattern)}`',
      },
    ],
  },
  {
    name: 'pass closed gates',
    breaks: ['S12'],
    shownBy: 6,
    edits: [
      {
        file: 'core/checks.ts',
        find: 'answer.ok\n      ? pass\n      : wait({',
        put: 'answer.ok || answer.name\n      ? pass\n      : wait({',
      },
    ],
  },
  {
    name: 'ask the gate of the promotion no more',
    breaks: ['S12'],
    shownBy: 1,
    edits: [
      {
        file: 'core/questions.ts',
        find: "...(isPromotionPoint(context, plan) ? (['confirm-promotion'] as const) : []),",
        put: '...(isPromotionPoint(context, plan) ? ([] as const) : []),',
      },
    ],
  },
  {
    name: 'remember what a gate said for ever',
    breaks: ['S12'],
    shownBy: 38,
    edits: [
      {
        file: 'core/rollout-changes.ts',
        find: '({ nextEvidenceAtMs: nextDue(context, event), unanswered: 0, grants: [] })',
        put: '({ nextEvidenceAtMs: nextDue(context, event), unanswered: 0, grants: [...context.grants, ...grantsOf(event)] })',
      },
    ],
  },
  {
    name: 'call a rollout that failed a success',
    breaks: ['S13'],
    shownBy: 14,
    edits: [
      {
        file: 'core/arrows.ts',
        find: "[{ guard: 'servesFromCanary', target: '#Failed.resting' }, { target: '#Failed.parking' }]",
        put: "[{ guard: 'servesFromCanary', target: '#Failed.resting' }, { target: '#Succeeded' }]",
      },
    ],
  },
  {
    name: 'take a step without asking the store',
    breaks: ['S30'],
    shownBy: 1,
    edits: [
      {
        file: 'core/questions.ts',
        find: "'Progressing.analysing': situation => ({ hooks: analysingHooks(situation), metrics: true }),",
        put: "'Progressing.analysing': situation => ({ hooks: analysingHooks(situation), metrics: false }),",
      },
    ],
  },
  {
    name: 'take the steps of a second team without asking its store',
    breaks: ['S30'],
    shownBy: 2,
    edits: [
      {
        file: 'controller/gather.ts',
        find: '...(questions.metrics ? [measure(',
        put: "...(questions.metrics && canary.metadata.namespace !== 'next' ? [measure(",
      },
    ],
  },
  {
    name: 'ask only the store that everybody has',
    breaks: ['S30'],
    shownBy: 16,
    edits: [
      {
        file: 'metrics/measurer.ts',
        find: 'Promise.all(\n      metrics.map(metric =>\n        within(io, {',
        put: 'Promise.all(\n      metrics.filter(({ templateRef }) => !templateRef).map(metric =>\n        within(io, {',
      },
    ],
  },
  {
    name: 'leave everybody with a canary that cannot serve',
    breaks: ['L2'],
    shownBy: 4368,
    edits: [
      {
        file: 'core/news.ts',
        find: "return why === undefined ? undefined : { type: 'BOTH_STUCK'",
        put: "return why === undefined || situation.context.weight >= 0 ? undefined : { type: 'BOTH_STUCK'",
      },
    ],
  },
  {
    name: 'wait for ever for what does not come',
    breaks: ['L1'],
    shownBy: 1002,
    edits: [
      {
        file: 'core/news.ts',
        find: "return both ?? { type: 'DEADLINE_EXCEEDED', verdict: overdue(hold) }",
        put: "return (both ?? { type: 'DEADLINE_EXCEEDED', verdict: overdue(hold) }) && undefined",
      },
      { file: 'core/news.ts', find: "return { type: 'CANARY_STUCK', message: canaryTrack.message }", put: 'return undefined' },
      {
        file: 'core/checks.ts',
        find: "if (canaryTrack.kind === 'stuck') return fatal({ reason: 'ProgressDeadlineExceeded',",
        put: "if (canaryTrack.kind === 'stuck') return wait({ reason: 'CanaryNotReady',",
      },
    ],
  },
  {
    name: 'try nothing new after a failure',
    breaks: ['L3', 'L9'],
    shownBy: 44,
    edits: [
      {
        file: 'core/states.ts',
        find: "'Failed.parking': ['mayStart', 'mayStartOver', 'keepsSize', 'drains'],\n  Failed: resting,",
        put: "'Failed.parking': ['mayStartOver', 'keepsSize', 'drains'],\n  Failed: ['mayStartOver', 'needsTarget', 'isBetweenRollouts'],",
      },
    ],
  },
]
