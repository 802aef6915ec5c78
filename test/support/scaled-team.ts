import { horizontalPodAutoscalerKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { createStage, type Stage, type StageOptions } from './stage.ts'
import { type TeamChange, team } from './team.ts'

const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' }

/** The scaler of the target: from 2 to 20 pods. */
export const scaler = (change: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' }, minReplicas: 2, maxReplicas: 20, ...change },
})

/** A small team with a scaler. */
export const scaledTeam = ({ spec = {}, ...change }: TeamChange = {}, bounds: Parameters<typeof scaler>[0] = {}): readonly KubeObject[] => [
  ...team({ ...change, spec: { autoscalerRef, ...spec } }),
  scaler(bounds),
]

/** Ten pods that nobody scales, and nothing released yet. */
export const largeStage = async (change: TeamChange = {}, options: StageOptions = {}): Promise<Stage> => {
  const stage = await createStage({ objects: team({ replicas: 10, ...change }), ...options })
  await stage.untilRest('Initialized')
  return stage
}

/** Ten pods by the word of a scaler, and nothing released yet. */
export const scaledStage = async (change: TeamChange = {}, bounds: Parameters<typeof scaler>[0] = {}): Promise<Stage> => {
  const stage = await createStage({ objects: scaledTeam(change, bounds) })
  await stage.untilRest('Initialized')
  stage.state.load = { 'podinfo-primary': 10, podinfo: 'as it is' }
  await stage.pass(3)
  return stage
}

/** v2 is released, and gets this share. */
export const atWeight = async (stage: Stage, weight: number): Promise<void> => {
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
}

/** What the scaler of the primary says. */
export const twinOf = (stage: Stage) =>
  stage.object(horizontalPodAutoscalerKind, 'podinfo-primary')['spec'] as { readonly minReplicas: number }
