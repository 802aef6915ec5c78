import {
  alertProviderKind,
  canaryKind,
  configMapKind,
  controllerRevisionKind,
  endpointSliceKind,
  eventKind,
  knativeServiceKind,
  leaseKind,
  metricTemplateKind,
  podKind,
  secretKind,
  serviceKind,
} from '../../src/api/kinds.ts'
import type { KindRef } from '../../src/api/object.ts'
import { knative } from '../../src/routing/knative.ts'
import { routers } from '../../src/routing/registry.ts'
import { knativeRevisionKind } from '../../src/targets/knative-revision.ts'
import { scalers, workloads } from '../../src/targets/registry.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

/** Something the controller does with a kind, and why it has to. */
export interface Grant {
  readonly kind: KindRef
  readonly subresource?: string
  readonly verbs: readonly Verb[]
  /** Of one object only, by its name. */
  readonly name?: string
  readonly why: string
}

/** The Lease that replicas of the controller hold. */
export const leaseName = 'serin-leader-election'

/** What the controller may do in the cluster, by what has to be switched on for it. */
export interface Permissions {
  readonly always: readonly Grant[]
  readonly configTracking: readonly Grant[]
  /** By the provider's name; nothing where the provider writes only what is written anyway. */
  readonly routing: Readonly<Record<string, readonly Grant[]>>
  /** Of whoever else may work on the same Canaries. */
  readonly yieldToFlagger: readonly Grant[]
  /** In the namespace of the Lease only. */
  readonly leaderElection: readonly Grant[]
}

const watch = ['list', 'watch'] as const
/** Server-side apply is a patch; where the object does not exist yet the API server asks for `create` as well. */
const apply = ['create', 'patch'] as const

const watched = (kind: KindRef, why: string): Grant => ({ kind, verbs: watch, why })
const kept = (kind: KindRef, why: string): Grant => ({ kind, verbs: [...watch, ...apply], why })

const madeAndLeft = (kind: KindRef, layer: string): Grant => ({
  kind,
  verbs: [...watch, ...apply, 'delete'],
  why: `keeps the routes of Canaries on ${layer}; lets those go that a Canary asks for no longer`,
})

/** Services are kept whatever the target is. */
const podWorkloads = workloads.all.filter(({ can }) => can.select)

const always: readonly Grant[] = [
  { kind: canaryKind, verbs: [...watch, 'patch'], why: 'follows every Canary; puts its finalizer on those that want to be reverted' },
  { kind: canaryKind, subresource: 'status', verbs: ['update'], why: 'records each decision' },
  {
    kind: canaryKind,
    subresource: 'finalizers',
    verbs: ['update'],
    why: 'what it makes for a Canary blocks the deletion of that Canary; some clusters allow this only to whom this is granted',
  },
  watched(metricTemplateKind, 'renders the queries of Canaries'),
  watched(alertProviderKind, 'knows where alerts go'),
  ...podWorkloads.map(({ kind }) => kept(kind, 'follows targets, makes their primaries, parks targets that get no traffic')),
  ...podWorkloads
    .filter(({ can }) => can.scale)
    .map(
      ({ kind }): Grant => ({
        kind,
        subresource: 'scale',
        verbs: ['patch'],
        why: 'gives a target that a scaler sizes the pods for its next share of the traffic',
      }),
    ),
  ...scalers.all.map(
    ({ kind }): Grant => ({
      kind,
      verbs: [...watch, ...apply, 'delete'],
      why: 'makes the scaler of the primary; lets one go that a Canary asks for no longer',
    }),
  ),
  { kind: podKind, verbs: ['list'], why: 'says why pods are not ready, while a rollout waits for them' },
  kept(serviceKind, 'makes and keeps the Services of a Canary'),
  watched(
    endpointSliceKind,
    'sees which pods the Services of both tracks lead to (only slices with their label), and whether there are any behind a core Service that is a target (all slices)',
  ),
  {
    kind: controllerRevisionKind,
    verbs: [...watch, 'create', 'patch', 'delete'],
    why: 'keeps each revision as it was analysed, takes over those of a Canary that was deleted and made again, and lets old ones go',
  },
  watched(configMapKind, 'sees new versions of configuration (metadata only)'),
  {
    kind: secretKind,
    verbs: ['get', ...watch],
    why: 'sees new versions of configuration (metadata only); reads credentials of metric stores and chat when they are needed',
  },
  { kind: eventKind, verbs: ['list', 'create', 'patch'], why: 'tells what happens as events; says why pods of a DaemonSet are refused' },
]

const configTracking: readonly Grant[] = [configMapKind, secretKind].map(kind => ({
  kind,
  verbs: ['get', ...apply],
  why: 'digests what a target refers to, and copies it for the primary',
}))

const isAlways = (kind: KindRef): boolean =>
  always.some(grant => grant.kind.apiVersion === kind.apiVersion && grant.kind.kind === kind.kind)

/** Least privilege: nothing stands here that the controller does not do, and `test/packaging/permissions.test.ts` watches it work. */
export const permissions: Permissions = {
  always,
  configTracking,
  routing: {
    ...Object.fromEntries(
      routers.all.map(({ name, kinds }) => [name, kinds.filter(kind => !isAlways(kind)).map(kind => madeAndLeft(kind, name))]),
    ),
    [knative.name]: [
      {
        kind: knativeServiceKind,
        verbs: [...watch, 'patch'],
        why: 'follows targets of Knative; says which revision gets how many requests',
      },
      watched(knativeRevisionKind, 'sees which revisions are ready'),
    ],
  },
  yieldToFlagger: [
    {
      kind: leaseKind,
      verbs: watch,
      name: 'flagger-leader-election',
      why: 'does nothing as long as this Lease of another controller is live',
    },
  ],
  leaderElection: [
    { kind: leaseKind, verbs: ['create'], why: 'makes the Lease by which replicas agree on who works; names cannot limit `create`' },
    { kind: leaseKind, verbs: ['get', 'patch'], name: leaseName, why: 'takes and renews the Lease' },
  ],
}
