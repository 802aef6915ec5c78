import * as z from 'zod'
import type { Json, KindRef, KubeObject } from '../api/object.ts'
import type { Readiness } from '../core/readiness.ts'

export const knativeRevisionKind: KindRef = {
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Revision',
  plural: 'revisions',
  namespaced: true,
}

interface Condition {
  readonly type?: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
}

interface RevisionStatus {
  readonly conditions?: readonly Condition[]
}

/**
 * Knative keeps revisions itself and never changes one: its name says it all, among those of one Service. One that is deleted and made again counts
 * from the beginning.
 */
export const revisionTemplate = (revisionName: string, serviceUid: string | undefined): Json => ({
  revisionName,
  ...(serviceUid !== undefined && { serviceUid }),
})

const Template = z.looseObject({ revisionName: z.string().min(1), serviceUid: z.string().optional() })

export const isRevisionTemplate = (template: Json): boolean => Template.safeParse(template).success

const read = (template: Json) => template as unknown as z.infer<typeof Template>

export const revisionNameIn = (template: Json): string => read(template).revisionName

/** Whether the revision is one of this Service, as far as it is known of which it is. */
export const isRevisionOf = (template: Json, serviceUid: string | undefined): boolean =>
  [undefined, serviceUid].includes(read(template).serviceUid)

/** One that is ready can serve although it has no pods at the moment: Knative starts them with the first request. */
const pods = (isReady: boolean) => ({ readyPods: isReady ? 1 : 0, servingPods: isReady ? 1 : 0, wantedPods: 1 })

/** How far a revision has come; a Knative Service in its place has none yet that can be seen. */
export const revisionReadiness = (object: KubeObject): Readiness => {
  const { name } = object.metadata
  if (object.kind !== knativeRevisionKind.kind) {
    return { kind: 'waiting', message: `the latest revision of ${JSON.stringify(name)} is not there yet`, ...pods(false) }
  }
  const { conditions = [] } = (object['status'] ?? {}) as RevisionStatus
  const ready = conditions.find(({ type }) => type === 'Ready')
  if (ready?.status === 'True') return { kind: 'ready', message: '', ...pods(true) }
  const why = [ready?.reason, ready?.message].filter(Boolean).join(': ')
  const isOver = ready?.status === 'False' && ready.reason === 'ProgressDeadlineExceeded'
  return { kind: isOver ? 'stuck' : 'waiting', message: `revision ${name} is not ready${why === '' ? '' : ` (${why})`}`, ...pods(false) }
}
