import { conditionOf, isTrue } from './conditions.ts'
import type { ContainerPort, Pod } from './pod.ts'
import { annotationsOf, type IntOrString } from './view.ts'

export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined

export const isFinished = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

/** Whether it counts as one of the pods that its owner wants. */
export const isActive = (pod: Pod): boolean => !isTerminating(pod) && !isFinished(pod)

export const isReady = ({ status }: Pod): boolean => isTrue(status.conditions, 'Ready')

/** When it last became ready, in milliseconds since 1970; undefined while it is not. */
export const readySinceMs = ({ status }: Pod): number | undefined => {
  const ready = conditionOf(status.conditions, 'Ready')
  return ready?.status === 'True' ? Date.parse(ready.lastTransitionTime ?? '') : undefined
}

/** Milliseconds until a pod has been ready long enough: 0 when it has, undefined while it is not ready at all. */
export const availableInMs = (pod: Pod, minReadySeconds: number, nowMs: number): number | undefined => {
  const sinceMs = readySinceMs(pod)
  if (sinceMs === undefined) return undefined
  return minReadySeconds === 0 ? 0 : Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs)
}

/**
 * Where the node agent notes on which port each container port of a pod really listens, as `9898=41234,9797=41235`:
 * systems that give a pod no address of its own give it ports of its own.
 */
export const portMapAnnotation = 'sandbox.serin.dev/ports'

export const portMapText = (ports: ReadonlyMap<number, number>): string => [...ports].map(([wanted, real]) => `${wanted}=${real}`).join(',')

/** The port on which a container port really listens. */
export const realPort = (pod: Pick<Pod, 'metadata'>, containerPort: number): number => {
  const pairs = (annotationsOf(pod)[portMapAnnotation] ?? '').split(',').map(pair => pair.split('='))
  return Number(pairs.find(([wanted]) => Number(wanted) === containerPort)?.[1] ?? containerPort)
}

const containerPorts = ({ spec }: Pod): readonly ContainerPort[] => spec.containers.flatMap(container => container.ports ?? [])

/** The container port that a number or a name means in this pod; undefined when it has none of that name. */
export const resolvePort = (pod: Pod, port: IntOrString, protocol = 'TCP'): number | undefined =>
  typeof port === 'number' ? port : containerPorts(pod).find(one => one.name === port && one.protocol === protocol)?.containerPort
