import type { KubeObject } from '../api/object.ts'

interface EventFields {
  readonly reason?: string
  readonly message?: string
  readonly lastTimestamp?: string
  readonly eventTime?: string
  readonly series?: { readonly lastObservedTime?: string }
}

/** What controllers of workloads call it when the API server refuses a pod of theirs: a quota, an admission webhook. */
const refused = 'FailedCreate'

/** Which events to list about a workload. */
export const refusalsAbout = ({ kind, metadata }: KubeObject): string =>
  `involvedObject.kind=${kind},involvedObject.name=${metadata.name},reason=${refused}`

const toldAtMs = ({ series, lastTimestamp, eventTime }: EventFields): number =>
  Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? '') || 0

/** The words of the API server. Each attempt has another name, which says nothing. */
const refusalText = (message: string): string =>
  `pods cannot be created: ${message.replace(/^Error creating: /, '').replace(/^pods "[^"]*" is /, '')}`

/** The newest refusal of a pod since then; undefined where none was told. */
export const newestRefusal = (events: readonly KubeObject[], sinceMs: number): string | undefined => {
  const told = (events as readonly (KubeObject & EventFields)[]).filter(event => event.reason === refused && toldAtMs(event) >= sinceMs)
  const [newest] = told.toSorted((a, b) => toldAtMs(b) - toldAtMs(a))
  return newest?.message ? refusalText(newest.message) : undefined
}
