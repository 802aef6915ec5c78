import type { KubeObject } from '../../src/api/object.ts'

/*
 * What tools around a cluster make of a Canary: their rules, in our words. Sources: the health check that Argo CD brings for this kind; the
 * package kstatus, by which Flux and `kubectl apply --wait`-like tools judge; `kubectl wait`.
 */

interface Condition {
  readonly type: string
  readonly status: string
  readonly message?: string
  readonly observedGeneration?: number
}

interface Status {
  readonly phase?: string
  readonly canaryWeight?: unknown
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
}

const statusOf = (object: KubeObject): Status | undefined => object['status'] as Status | undefined
const isTrue = (object: KubeObject, type: string): boolean =>
  statusOf(object)?.conditions?.some(condition => condition.type === type && condition.status === 'True') ?? false

const healthOf: Readonly<Record<string, string>> = {
  Failed: 'Degraded',
  Progressing: 'Progressing',
  Promoting: 'Progressing',
  Finalising: 'Progressing',
  Initialized: 'Healthy',
  Succeeded: 'Healthy',
}

/** Argo CD's answer. Its script breaks down, and shows the Canary as in error, without a number as weight or with a condition without words. */
export const argoHealth = (object: KubeObject): { readonly health: string; readonly message: string } => {
  const status = statusOf(object)
  if (!status) return { health: 'Unknown', message: 'No status' }
  if (!Number.isFinite(Number(status.canaryWeight ?? 'none'))) throw new TypeError('canaryWeight is no number')
  if (!status.conditions) throw new TypeError('there are no conditions')
  const texts = status.conditions.map(({ type, message }) => {
    if (message === undefined) throw new TypeError(`the condition ${type} has no message`)
    return message
  })
  return { health: healthOf[status.phase ?? ''] ?? 'Unknown', message: [status.phase, ...texts].join(' --- ') }
}

export type KStatus = 'Terminating' | 'InProgress' | 'Failed' | 'Current'

const readyAnswers: Readonly<Record<string, KStatus>> = { True: 'Current', False: 'InProgress', Unknown: 'InProgress' }

/** The answer of kstatus: the generation counts first, then the condition that stands first. */
export const kstatus = (object: KubeObject): KStatus => {
  const { deletionTimestamp, generation } = object.metadata
  const { observedGeneration, conditions = [] } = statusOf(object) ?? {}
  if (deletionTimestamp) return 'Terminating'
  if (generation !== undefined && observedGeneration !== undefined && generation !== observedGeneration) return 'InProgress'
  const abnormal = conditions.find(({ type, status }) => status === 'True' && (type === 'Reconciling' || type === 'Stalled'))
  if (abnormal) return abnormal.type === 'Stalled' ? 'Failed' : 'InProgress'
  const ready = conditions.find(({ type }) => type === 'Ready')
  return readyAnswers[ready?.status ?? ''] ?? 'Current'
}

/** Whether `kubectl wait --for=condition=TYPE` comes back: a condition that speaks of an older spec is not looked at. */
export const kubectlWaitEnds = (object: KubeObject, type: string): boolean => {
  const status = statusOf(object)
  const condition = status?.conditions?.find(one => one.type.toLowerCase() === type.toLowerCase())
  const observed = condition?.observedGeneration ?? status?.observedGeneration
  return isTrue(object, condition?.type ?? type) && (observed === undefined || observed >= (object.metadata.generation ?? 0))
}
