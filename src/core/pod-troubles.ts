import type { KubeObject } from '../api/object.ts'

interface Ended {
  readonly exitCode?: number
  readonly reason?: string
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: object
  readonly terminated?: Ended
}

interface ContainerStatus {
  readonly name: string
  readonly image?: string
  readonly ready?: boolean
  readonly started?: boolean
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

interface PodCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

interface PodStatus {
  readonly phase?: string
  readonly conditions?: readonly PodCondition[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly containerStatuses?: readonly ContainerStatus[]
}

/** Longest part of a text that a scheduler or a container runtime wrote. */
const longestRemark = 160
/** Longest text for all pods of a track. */
const longestText = 400

const cut = (text: string, longest: number): string => (text.length <= longest ? text : `${text.slice(0, longest - 1)}…`)
const statusOf = (pod: KubeObject): PodStatus => (pod['status'] ?? {}) as PodStatus
const conditionOf = (pod: KubeObject, type: string): PodCondition | undefined =>
  statusOf(pod).conditions?.find(condition => condition.type === type)

/** The end of what a container runtime says: what comes before is a way through its layers, and names registries. */
const coreOf = (message: string): string => message.trim().split(': ').at(-1)?.trim() ?? ''

const pulled = ({ image = '', state }: ContainerStatus): string => {
  const { reason = '', message = '' } = state?.waiting ?? {}
  const [, refusal = reason === 'ErrImagePull' ? message : ''] = message.split('ErrImagePull: ')
  const why = coreOf(refusal) || (reason === 'ImagePullBackOff' ? '' : reason)
  return `image ${JSON.stringify(image)} cannot be pulled${why && ` (${cut(why, longestRemark)})`}`
}

const withoutRefusals = (text: string): string => text.replaceAll(/cannot be pulled \([^)]*\)/g, 'cannot be pulled')

/** Between two attempts to pull an image a node may not say why the last one failed: what it said then still holds. */
export const mostTelling = (known: string | undefined, now: string | undefined): string | undefined =>
  known !== undefined && withoutRefusals(known) === now ? known : now

const crashed = ({ name, state, lastState }: ContainerStatus): string => {
  const { exitCode, reason } = state?.terminated ?? lastState?.terminated ?? {}
  const how = [...(exitCode === undefined ? [] : [`exit code ${exitCode}`]), ...(reason ? [reason] : [])].join(', ')
  return `container ${name} crashes${how ? ` (${how})` : ''}`
}

const refused = ({ name, state }: ContainerStatus): string => {
  const { reason = '', message = '' } = state?.waiting ?? {}
  return `container ${name} cannot start: ${cut([reason, message].filter(Boolean).join(': '), longestRemark)}`
}

const beingMade = (): string => 'containers are being created'

/** By why a container waits; what is not here does not start. */
const waitWords: Readonly<Record<string, (container: ContainerStatus) => string>> = {
  ImagePullBackOff: pulled,
  ErrImagePull: pulled,
  ErrImageNeverPull: pulled,
  InvalidImageName: pulled,
  CrashLoopBackOff: crashed,
  ContainerCreating: beingMade,
  PodInitializing: beingMade,
}

const hasFailed = ({ state, lastState }: ContainerStatus): boolean =>
  (state?.terminated?.exitCode ?? 0) !== 0 || (state?.running !== undefined && (lastState?.terminated?.exitCode ?? 0) !== 0)

/** Between two crashes a container runs: what is said of it stays the same meanwhile. */
const containerTrouble = (container: ContainerStatus): string | undefined => {
  const { name, ready = false, started = true, state } = container
  if (ready) return undefined
  const { waiting } = state ?? {}
  if (waiting) return (waitWords[waiting.reason ?? ''] ?? refused)(container)
  if (hasFailed(container)) return crashed(container)
  if (!state?.running) return undefined
  return `container ${name} runs, but its ${started ? 'readiness' : 'startup'} probe does not pass`
}

/** Init containers are judged by their end only: those that run are at work. */
const initTrouble = (container: ContainerStatus): string | undefined =>
  container.state?.running && !hasFailed(container) ? undefined : containerTrouble(container)

const placeTrouble = (pod: KubeObject): string | undefined => {
  const placed = conditionOf(pod, 'PodScheduled')
  if (placed?.status === 'True') return undefined
  const [nodes = ''] = (placed?.message ?? '').split(/\.? preemption:/)
  if (nodes) return `no node takes it: ${cut(nodes, longestRemark)}`
  return placed || statusOf(pod).containerStatuses === undefined ? 'it waits for a node' : undefined
}

const gateTrouble = (pod: KubeObject): string | undefined => {
  const ready = conditionOf(pod, 'Ready')
  return ready?.reason === 'ReadinessGatesNotReady' ? cut(ready.message ?? ready.reason, longestRemark) : undefined
}

const firstOf = (words: readonly (string | undefined)[]): string | undefined => words.find(word => word !== undefined)

const troubleOf = (pod: KubeObject): string => {
  const { initContainerStatuses = [], containerStatuses = [] } = statusOf(pod)
  const troubles = [...initContainerStatuses.map(initTrouble), ...containerStatuses.map(containerTrouble)].filter(one => one !== undefined)
  const telling = troubles.find(text => text !== beingMade())
  return firstOf([placeTrouble(pod), telling, troubles[0], gateTrouble(pod)]) ?? 'it is not ready'
}

/** Pods that are on their way out, and those that have ended, are nobody's hope. */
const isAwaited = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  !['Succeeded', 'Failed'].includes(statusOf(pod).phase ?? '') &&
  conditionOf(pod, 'Ready')?.status !== 'True'

const namesOf = (pods: readonly string[]): string => {
  const shown = pods.slice(0, 2).join(', ')
  return pods.length > 2 ? `${shown} and ${pods.length - 2} more` : shown
}

/**
 * What keeps pods from serving, the most common cause first; undefined when all of them do. The words stay the same as long as the cause does:
 * no counters, no times. What containers print as they end is left out, because nobody knows what is in it.
 */
export const podTroubles = (pods: readonly KubeObject[]): string | undefined => {
  const byTrouble = Map.groupBy(pods.filter(isAwaited), troubleOf)
  const groups = [...byTrouble].map(([trouble, members]) => ({ trouble, names: members.map(({ metadata }) => metadata.name).toSorted() }))
  const sorted = groups.toSorted((a, b) => b.names.length - a.names.length || (a.trouble < b.trouble ? -1 : 1))
  if (sorted.length === 0) return undefined
  return cut(
    sorted.map(({ trouble, names }) => `${names.length === 1 ? 'pod' : 'pods'} ${namesOf(names)}: ${trouble}`).join('; '),
    longestText,
  )
}
