import type { KubeObject } from '../../../src/api/object.ts'
import { sleep } from '../../../src/clock.ts'
import { daemonSets, services } from './kinds.ts'
import { type Act, playAct, releaseFailing, releaseGood, soon } from './rollouts.ts'
import { scenario } from './scenario.ts'
import type { OpenOptions } from './shop.ts'
import type { Stage } from './stage.ts'

/*
 * Targets that are no Deployments. The one node of this cluster gives a DaemonSet one pod: its primary is rolled while the canary serves all.
 */

const usual = { provider: 'gatewayapi:v1', usersPerSecond: 30 } as const

/** The target as the team has it, and its primary, after the end. */
const played = (options: OpenOptions, act: Act) =>
  scenario(async (stage: Stage) => {
    const outcome = await playAct(stage, options, act)
    await sleep(stage.io.clock, 1000, stage.io.signal)
    const kind = options.kind === 'Service' ? services : daemonSets
    const at = (name: string) => stage.api.get(kind, { namespace: options.name, name }, stage.io)
    return { ...outcome, target: await at('shop'), primary: await at('shop-primary') }
  })

export const daemonSetPromotion = played(
  { name: 'daemon-set', kind: 'DaemonSet', ...usual, analysis: { stepWeights: [50, 100] } },
  releaseGood,
)

export const daemonSetErrors = played({ name: 'daemon-set-errors', kind: 'DaemonSet', ...usual, analysis: soon }, releaseFailing)

/** Pods of a core Service bear names that no built-in query knows. */
export const coreServicePromotion = played({ name: 'core-service', kind: 'Service', ...usual, analysis: { metrics: [] } }, releaseGood)

interface Placed {
  readonly template: { readonly spec: { readonly nodeSelector?: Readonly<Record<string, string>> } }
}

/** Labels that a DaemonSet asks its nodes for. */
export const nodeSelectorOf = (object: KubeObject | undefined) => (object?.['spec'] as Placed | undefined)?.template.spec.nodeSelector ?? {}

export const serviceSelectorOf = (object: KubeObject | undefined) =>
  (object?.['spec'] as { readonly selector?: Readonly<Record<string, string>> } | undefined)?.selector
