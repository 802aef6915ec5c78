import * as z from 'zod'
import type { Json, KindRef, KubeObject } from '../api/object.ts'
import type { Readiness } from '../core/readiness.ts'
import { contentHash } from './canonical.ts'
import { revisionHashOf } from './pins.ts'

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

/** Knative keeps revisions itself and never changes one: its name says it all. */
export const revisionTemplate = (revisionName: string): Json => ({ revisionName })

const Template = z.looseObject({ revisionName: z.string().min(1) })

export const isRevisionTemplate = (template: Json): boolean => Template.safeParse(template).success

export const revisionNameIn = (template: Json): string => (template as unknown as z.infer<typeof Template>).revisionName

/** Identity of a revision in the terms of pins. */
export const hashOfRevision = (revisionName: string): string => revisionHashOf(contentHash(revisionTemplate(revisionName)), {})

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
