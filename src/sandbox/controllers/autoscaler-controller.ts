import { type KubeObject, keyOf } from '../../api/object.ts'
import { readAutoscaler } from '../objects/autoscaler.ts'
import { autoscalers, deployments } from '../objects/kinds.ts'
import { readDeployment } from '../objects/workloads.ts'
import { planAutoscaler } from './autoscaler-plan.ts'
import type { Controller } from './control-loop.ts'

/** Index of autoscalers by what they scale. */
export const byTarget = 'target'

const targetText = (namespace: string | undefined, kind: string, name: string): string => `${kind}/${namespace ?? ''}/${name}`

export const targetIndex = (object: KubeObject): string[] => {
  const { kind, name } = readAutoscaler(object).spec.scaleTargetRef
  return [targetText(object.metadata.namespace, kind, name)]
}

export const autoscalerController: Controller = {
  name: 'horizontalpodautoscaler',
  kind: autoscalers,
  wakes: [
    { kind: autoscalers, keysOf: object => [keyOf(object)] },
    {
      kind: deployments,
      keysOf: ({ metadata, kind }, world) =>
        world
          .store(autoscalers)
          .byIndex(byTarget, targetText(metadata.namespace, kind, metadata.name))
          .map(keyOf),
    },
  ],
  plan: ({ key, world, nowMs }) => {
    const object = world.store(autoscalers).get(key)
    if (!object) return undefined
    const autoscaler = readAutoscaler(object)
    const { kind, name } = autoscaler.spec.scaleTargetRef
    const target = kind === deployments.kind ? world.store(deployments).get({ namespace: key.namespace, name }) : undefined
    return planAutoscaler({ autoscaler, target: target && readDeployment(target), nowMs })
  },
}
