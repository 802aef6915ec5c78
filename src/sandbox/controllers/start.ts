import type { Clock } from '../../clock.ts'
import type { Logger } from '../../io.ts'
import { createEventRecorder } from '../../kube/event-recorder.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { autoscalers, daemonSets, deployments, endpointSlices, nodes, pods, replicaSets, services } from '../objects/kinds.ts'
import { readPod } from '../objects/pod.ts'
import { createWorld, type Watched } from '../objects/world.ts'
import { autoscalerController, byTarget, targetIndex } from './autoscaler-controller.ts'
import { createControlLoop } from './control-loop.ts'
import { byController, deploymentController } from './deployment-controller.ts'
import {
  byLabel,
  bySelector,
  byService,
  endpointSliceController,
  labelIndex,
  selectorIndex,
  serviceIndex,
} from './endpoint-slice-controller.ts'
import { controllerUid } from './plan.ts'
import { byNode, daemonSetController, replicaSetController, scheduler } from './pod-controllers.ts'

export interface ControllersOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly log: Logger
  readonly random?: () => number
}

export interface Running {
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>
}

const watched: readonly Watched[] = [
  { kind: deployments },
  { kind: replicaSets, indexes: { [byController]: object => [controllerUid(object)] } },
  { kind: daemonSets },
  {
    kind: pods,
    indexes: {
      [byController]: object => [controllerUid(object)],
      [byLabel]: labelIndex,
      [byNode]: object => [readPod(object).spec.nodeName ?? ''],
    },
  },
  { kind: nodes },
  { kind: services, indexes: { [bySelector]: selectorIndex } },
  { kind: endpointSlices, indexes: { [byService]: serviceIndex } },
  { kind: autoscalers, indexes: { [byTarget]: targetIndex } },
]

/** Starts what a real cluster's controller manager and scheduler do, as far as rollouts need it. */
export const startControllers = ({ api, clock, log, random = Math.random }: ControllersOptions): Running => {
  const stopping = new AbortController()
  const world = createWorld(api, watched)
  const all = [
    deploymentController,
    replicaSetController(random),
    daemonSetController(random),
    endpointSliceController(random),
    autoscalerController,
    scheduler,
  ]
  const io = { signal: stopping.signal, clock, log }
  const loops = all.map(controller => {
    const events = createEventRecorder({ api, component: `${controller.name}-controller`, instance: 'sandbox', random })
    const loop = createControlLoop(controller, { api, events, world, clock })
    return Promise.all([loop.run({ ...io, log: log.child({ controller: controller.name }) }), events.run(io)])
  })
  const running = Promise.all([world.run(io), ...loops])
  return {
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await running
    },
  }
}
