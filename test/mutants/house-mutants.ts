import type { Mutant } from './mutant.ts'

/** Ways to be two at once, to write what is not ours, and to leave things lying about. */
export const houseMutants: readonly Mutant[] = [
  {
    name: 'work on a Canary twice at once',
    breaks: ['S14'],
    shownBy: 1,
    edits: [
      {
        file: 'kube/ready-keys.ts',
        find: 'if (!processing.has(key)) waiting.push(key)',
        put: 'waiting.push(key)',
      },
    ],
  },
  {
    name: 'take the lease from a leader that is alive',
    breaks: ['S15'],
    shownBy: 10,
    edits: [
      { file: 'kube/leader-election.ts', find: 'if (sighting.untilFreeMs() > 0) return', put: 'if (sighting.untilFreeMs() < 0) return' },
    ],
  },
  {
    name: 'name the primary after nobody',
    breaks: ['S16'],
    shownBy: 1,
    edits: [{ file: 'api/canary.ts', find: '`${canary.spec.targetRef.name}-primary`', put: '`${canary.spec.targetRef.name}-stable`' }],
  },
  {
    name: 'name the primary of a second team after nobody',
    breaks: ['S16'],
    shownBy: 2,
    edits: [
      {
        file: 'api/canary.ts',
        find: '`${canary.spec.targetRef.name}-primary`',
        put: "`${canary.spec.targetRef.name}-${canary.metadata.namespace === 'next' ? 'stable' : 'primary'}`",
      },
    ],
  },
  {
    name: 'take a target that another Canary has',
    breaks: ['S17'],
    shownBy: 72,
    edits: [
      {
        file: 'controller/obstacles.ts',
        find: 'if (!oldest || oldest.metadata.uid === canary.metadata.uid) return undefined',
        put: "if (!oldest || oldest.metadata.uid !== '') return undefined",
      },
    ],
  },
  {
    name: 'write into another namespace',
    breaks: ['S18'],
    shownBy: 1,
    edits: [
      {
        file: 'targets/pins.ts',
        find: '...(canary.metadata.namespace !== undefined && { namespace: canary.metadata.namespace }),',
        put: "namespace: 'default',",
      },
    ],
  },
  {
    name: 'write the status now and then although nothing changes',
    breaks: ['S19'],
    shownBy: 51,
    edits: [
      {
        file: 'core/decide.ts',
        find: '    changed: !sameJson(status, seen.canary.status),\n',
        put: '    changed: !sameJson(status, seen.canary.status) || seen.nowMs % 10 === 0,\n',
      },
      {
        file: 'controller/requeue.ts',
        find: 'return { afterMs: earliest(dueMs, diagnosisDueInMs(recorded), doubtDueInMs(recorded)) }',
        put: 'return { afterMs: earliest(dueMs, diagnosisDueInMs(recorded), doubtDueInMs(recorded), 5000) }',
      },
    ],
  },
  {
    name: 'tell receivers the same news under another name',
    breaks: ['S21'],
    shownBy: 5,
    edits: [
      {
        file: 'core/outbox.ts',
        find: 'const waiting = (canary.status.outbox ?? []).filter(entry => !delivered.has(entry.id))',
        put: 'const waiting = (canary.status.outbox ?? []).filter(entry => !delivered.has(entry.id)).map(entry => ({ ...entry, id: `${entry.id}+` }))',
      },
    ],
  },
  {
    name: 'work on a Canary that is suspended',
    breaks: ['S22'],
    shownBy: 23,
    edits: [
      {
        file: 'controller/obstacles.ts',
        find: '    suspended(canary) ??\n',
        put: '    (canary.metadata.name ? undefined : suspended(canary)) ??\n',
      },
    ],
  },
  {
    name: 'try again what was refused as fast as it can',
    breaks: ['S28'],
    shownBy: 62,
    edits: [
      {
        file: 'controller/wake.ts',
        find: 'return Math.min(mostMs, Math.max(retry.leastMs, nowMs - Date.parse(hold.since)))',
        put: 'return Math.min(mostMs, 10)',
      },
    ],
  },
  {
    name: 'take back with each answer what was missing',
    breaks: ['S28'],
    shownBy: 231,
    edits: [{ file: 'controller/pass.ts', find: 'hindranceOf(look) ?? standingOf(look)', put: 'standingOf(look)' }],
  },
  {
    name: 'trust a stale cache',
    breaks: ['S7', 'C2'],
    shownBy: 8968,
    edits: [
      {
        file: 'controller/second-look.ts',
        find: 'return (await read(api, io)) !== decidedOn',
        put: 'return (await read(api, io)) !== (decidedOn && shown())',
      },
    ],
  },
  {
    name: 'go without putting the target back',
    breaks: ['S23'],
    shownBy: 42,
    edits: [
      { file: 'controller/desired-revert.ts', find: '  ...takeOverSteps(scene),\n', put: '  ...takeOverSteps(scene).slice(9),\n' },
      {
        file: 'controller/desired-revert.ts',
        find: '...(targetExists(scene) ? canaryReady(scene) : []),',
        put: '...(targetExists(scene) ? canaryReady(scene).slice(9) : []),',
      },
    ],
  },
  {
    name: 'show secrets in the log',
    breaks: ['S25'],
    shownBy: 93,
    edits: [
      {
        file: 'alerts/post.ts',
        find: "secretsOf(target).reduce((clean, secret) => clean.replaceAll(secret, '…'), text)",
        put: 'secretsOf(target).reduce((clean, secret) => clean.replaceAll(secret, secret), text)',
      },
    ],
  },
  {
    name: 'keep passwords in place of their digests',
    breaks: ['S25'],
    shownBy: 46,
    edits: [{ file: 'targets/config-tracking.ts', find: 'sha256Hex(text).slice(0, 16)', put: 'text' }],
  },
  {
    name: 'keep what was changed for ourselves',
    breaks: ['G10'],
    shownBy: 18,
    edits: [
      {
        file: 'controller/converge.ts',
        find: 'own.wrote(kind, await disown(api, { kind, object: patched }, io))',
        put: 'if (io.signal.aborted) own.wrote(kind, await disown(api, { kind, object: patched }, io))',
      },
    ],
  },
  {
    name: 'leave the canary running',
    breaks: ['L2'],
    shownBy: 2,
    edits: [
      {
        file: 'controller/desired-target.ts',
        find: "patchStep(scene, 'park the canary', scene.workload.park(scene.target))",
        put: "patchStep(scene, 'park the canary', scene.workload.park(scene.target)).slice(9)",
      },
    ],
  },
  {
    name: 'leave a route that somebody changed as it is',
    breaks: ['L5', 'L2'],
    shownBy: 7,
    edits: [
      {
        file: 'controller/desired.ts',
        find: 'const resting: readonly Piece[] = [...serving,',
        put: 'const resting: readonly Piece[] = [...foundation,',
      },
    ],
  },
  {
    name: 'forget which revision was promoted',
    breaks: ['L9', 'L3', 'S6', 'S13', 'L1'],
    shownBy: 4,
    edits: [
      {
        file: 'core/rollout-changes.ts',
        find: 'export const finish = ({ context }: Step): Change => ({\n  promoted: context.analysed,',
        put: 'export const finish = ({ context }: Step): Change => ({\n  promoted: context.promoted,',
      },
    ],
  },
  {
    name: 'take Canaries of all namespaces for those of one',
    breaks: ['S26', 'L1'],
    shownBy: 211,
    edits: [
      {
        file: 'controller/obstacles.ts',
        find: "`${namespace}/${isKnativeRef(ref) ? 'Knative ' : ''}${ref.kind}/${ref.name}`",
        put: "`${namespace.slice(9)}/${isKnativeRef(ref) ? 'Knative ' : ''}${ref.kind}/${ref.name}`",
      },
    ],
  },
  {
    name: 'ask for one Canary after the other',
    breaks: ['L8'],
    shownBy: 45,
    edits: [
      {
        file: 'controller/inquiries.ts',
        find: 'const done = ask({ ...io, signal }).then(evidence => {',
        put: 'const others = Promise.all([...inquiries.values()].map(one => one.done))\n    const done = others.then(() => ask({ ...io, signal })).then(evidence => {',
      },
    ],
  },
]
