import { isDeepStrictEqual } from 'node:util'
import { knativeServiceKind } from '../../src/api/kinds.ts'
import { type KubeObject, keyOf, type ObjectKey } from '../../src/api/object.ts'
import { resourceId } from '../../src/sandbox/apiserver/resource.ts'
import { knativeRevisionKind } from '../../src/targets/knative-revision.ts'
import type { ServiceRoomOptions } from './service-room.ts'
import { qualityOf } from './versions.ts'

export interface KnativeRoomOptions extends ServiceRoomOptions {
  /** Whether what leads requests to revisions looks at nothing. */
  isDeaf(): boolean
}

type Fields = Readonly<Record<string, unknown>>

interface KnativeSpec {
  readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } }
  readonly traffic?: readonly Fields[]
}

interface KnativeStatus {
  readonly latestCreatedRevisionName?: string
  readonly latestReadyRevisionName?: string
}

const specOf = (service: KubeObject): KnativeSpec => service['spec'] as KnativeSpec
const statusOf = (service: KubeObject): KnativeStatus => (service['status'] ?? {}) as KnativeStatus

/** Longer than that nothing is waited for. */
const deadlineMs = 50_000
const patrolMs = 15_000
const manager = 'knative-serving'

const readiness = (status: 'True' | 'False' | 'Unknown', reason: string) => ({ conditions: [{ type: 'Ready', status, reason }] })

/** What Knative does with its Services: a revision for each template, which comes up in its own time, and a status that says where requests go. */
export const createKnativeRoom = ({ clock, chance, store, mood, isDeaf }: KnativeRoomOptions): void => {
  const say = (kind: typeof knativeServiceKind, object: KubeObject, status: unknown): void => {
    if (isDeepStrictEqual(object['status'], status)) return
    store.cluster.update(kind, { ...object, status }, { subresource: 'status', manager })
  }

  const settle = (key: ObjectKey, status: object): void => {
    const revision = store.stored(knativeRevisionKind, key)
    if (revision) say(knativeRevisionKind, revision, status)
    for (const service of store.storedAll(knativeServiceKind)) reconcile(service)
  }

  const comeUp = (key: ObjectKey, image: string): void => {
    const { pods, startMs } = qualityOf(image)
    if (pods === 'crash') return void clock.schedule(deadlineMs, () => settle(key, readiness('False', 'ProgressDeadlineExceeded')))
    clock.schedule(chance.whole(...startMs), () => {
      if (mood.isFull || mood.withered.has('podinfo')) comeUp(key, image)
      else settle(key, readiness('True', 'Ready'))
    })
  }

  /** The name of the revision that the template stands for; makes it where there is none. */
  const latestOf = (service: KubeObject): string => {
    const { latestCreatedRevisionName: latest } = statusOf(service)
    const { template } = specOf(service)
    const { namespace = '', name, uid = '' } = service.metadata
    const found = latest === undefined ? undefined : store.stored(knativeRevisionKind, { namespace, name: latest })
    if (found && isDeepStrictEqual(found['spec'], template.spec)) return found.metadata.name
    const number = Number(latest?.split('-').at(-1) ?? 0) + 1
    const key = { namespace, name: `${name}-${String(number).padStart(5, '0')}` }
    const { apiVersion, kind } = knativeServiceKind
    const metadata = { ...key, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] }
    if (!store.stored(knativeRevisionKind, key)) {
      const made = { apiVersion, kind: knativeRevisionKind.kind, metadata, spec: template.spec }
      say(knativeRevisionKind, store.cluster.create(knativeRevisionKind, made, { manager }), readiness('Unknown', 'Deploying'))
      comeUp(key, template.spec.containers[0]?.image ?? '')
    }
    return key.name
  }

  const isReady = (namespace: string, name: string): boolean => {
    const { conditions = [] } = (store.stored(knativeRevisionKind, { namespace, name })?.['status'] ?? {}) as { conditions?: Fields[] }
    return conditions[0]?.['status'] === 'True'
  }

  const reconcile = (service: KubeObject): void => {
    if (isDeaf()) return
    const latest = latestOf(service)
    const { namespace = '', generation } = service.metadata
    const ready = isReady(namespace, latest) ? latest : statusOf(service).latestReadyRevisionName
    const traffic = specOf(service).traffic ?? [{ latestRevision: true, percent: 100 }]
    say(knativeServiceKind, service, {
      observedGeneration: generation,
      latestCreatedRevisionName: latest,
      ...(ready === undefined ? {} : { latestReadyRevisionName: ready }),
      traffic: traffic.map(entry => (entry['latestRevision'] === true ? { ...entry, revisionName: ready } : entry)),
      conditions: [{ type: 'RoutesReady', status: 'True' }],
    })
  }

  const look = (key: ObjectKey): void => {
    const service = store.stored(knativeServiceKind, key)
    if (service) reconcile(service)
  }

  const shelf = resourceId({ group: 'serving.knative.dev', plural: 'services' })
  store.cluster.kernel.storage.subscribe(shelf, ({ type, object, before }) => {
    if (type === 'DELETED' || before?.metadata.generation === object.metadata.generation) return
    clock.schedule(chance.whole(5, 400), () => look(keyOf(object)))
  })
  const patrol = (): void => {
    for (const service of store.storedAll(knativeServiceKind)) reconcile(service)
    clock.schedule(patrolMs, patrol)
  }
  clock.schedule(patrolMs, patrol)
}
