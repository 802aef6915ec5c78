import { conditionOf, type Finding, withCondition } from '../objects/conditions.ts'
import type { Pod } from '../objects/pod.ts'
import { type Condition, timestamp } from '../objects/view.ts'
import { type ContainerRecord, containerStatus } from './container-state.ts'

/** What the status of a pod is made of. */
export interface PodFacts {
  readonly pod: Pod
  readonly initContainers: readonly ContainerRecord[]
  readonly containers: readonly ContainerRecord[]
  readonly podIp: string | undefined
  readonly hostIp: string
  readonly startedAtMs: number
  readonly nowMs: number
}

const succeeded = ({ state }: ContainerRecord): boolean => state.kind === 'terminated' && state.exitCode === 0
const ended = ({ state }: ContainerRecord): boolean => state.kind === 'terminated'
const neverRan = ({ state, last }: ContainerRecord): boolean => state.kind === 'waiting' && last === undefined

const initialised = ({ initContainers }: Pick<PodFacts, 'initContainers'>): boolean => initContainers.every(succeeded)

/** Pending until every container has run once, Succeeded or Failed when none will run again, Running in between. */
export const phaseOf = ({ pod, initContainers, containers }: Pick<PodFacts, 'pod' | 'initContainers' | 'containers'>): string => {
  const { restartPolicy } = pod.spec
  if (!initialised({ initContainers })) {
    const hopeless = restartPolicy === 'Never' && initContainers.some(one => ended(one) && !succeeded(one))
    return hopeless ? 'Failed' : 'Pending'
  }
  if (containers.some(neverRan)) return 'Pending'
  if (!containers.every(ended) || restartPolicy === 'Always') return 'Running'
  if (containers.every(succeeded)) return 'Succeeded'
  return restartPolicy === 'Never' ? 'Failed' : 'Running'
}

const names = (records: readonly ContainerRecord[]): string => `[${records.map(({ name }) => name).join(' ')}]`

const finding = (type: string, problem?: { readonly reason: string; readonly message: string }): Finding =>
  problem ? { type, status: 'False', ...problem } : { type, status: 'True', reason: '', message: '' }

const containersProblem = ({ containers }: PodFacts, phase: string) => {
  if (phase === 'Succeeded') return { reason: 'PodCompleted', message: '' }
  if (phase === 'Failed') return { reason: 'PodFailed', message: '' }
  const unready = containers.filter(({ ready }) => !ready)
  return unready.length > 0 ? { reason: 'ContainersNotReady', message: `containers with unready status: ${names(unready)}` } : undefined
}

const gatesProblem = ({ pod }: PodFacts) => {
  const shut = (pod.spec.readinessGates ?? []).find(gate => conditionOf(pod.status.conditions, gate.conditionType)?.status !== 'True')
  return (
    shut && {
      reason: 'ReadinessGatesNotReady',
      message: `the status of pod readiness gate "${shut.conditionType}" is not "True", but False`,
    }
  )
}

const initProblem = (facts: PodFacts) =>
  initialised(facts)
    ? undefined
    : {
        reason: 'ContainersNotInitialized',
        message: `containers with incomplete status: ${names(facts.initContainers.filter(one => !succeeded(one)))}`,
      }

const findings = (facts: PodFacts, phase: string): Finding[] => {
  const unready = containersProblem(facts, phase)
  return [
    finding('PodReadyToStartContainers', facts.podIp === undefined ? { reason: '', message: '' } : undefined),
    finding('Initialized', initProblem(facts)),
    finding('Ready', unready ?? gatesProblem(facts)),
    finding('ContainersReady', unready),
    finding('PodScheduled'),
  ]
}

/** The API leaves empty texts out. */
const withoutEmptyTexts = ({ reason, message, ...rest }: Condition): Condition => ({
  ...rest,
  ...(reason ? { reason } : {}),
  ...(message ? { message } : {}),
})

const conditionsOf = (facts: PodFacts, phase: string): Condition[] => {
  // Compared with empty texts put back, so that a condition that says the same keeps its time.
  const before = (facts.pod.status.conditions ?? []).map(one => ({ ...one, reason: one.reason ?? '', message: one.message ?? '' }))
  const after = findings(facts, phase).reduce<Condition[]>((all, one) => withCondition(all, one, facts.nowMs), before)
  return after.map(withoutEmptyTexts)
}

/** The status that the node reports; conditions of others stay. */
export const podStatus = (facts: PodFacts): Readonly<Record<string, unknown>> => {
  const phase = phaseOf(facts)
  const { podIp, hostIp, initContainers, containers, startedAtMs } = facts
  return {
    phase,
    conditions: conditionsOf(facts, phase),
    hostIP: hostIp,
    ...(podIp === undefined ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: facts.pod.status.startTime ?? timestamp(startedAtMs),
    ...(initContainers.length > 0 ? { initContainerStatuses: initContainers.map(containerStatus) } : {}),
    containerStatuses: containers.map(containerStatus),
  }
}
