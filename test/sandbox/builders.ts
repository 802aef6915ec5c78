import type { KubeObject, ObjectMeta } from '../../src/api/object.ts'
import { controlledBy } from '../../src/sandbox/controllers/plan.ts'
import { type Pod, readPod } from '../../src/sandbox/objects/pod.ts'
import { timestamp } from '../../src/sandbox/objects/view.ts'
import { type Deployment, type ReplicaSet, readDeployment, readReplicaSet } from '../../src/sandbox/objects/workloads.ts'

export const startMs = Date.parse('2026-01-01T00:00:00Z')

type Fields = Readonly<Record<string, unknown>>

const meta = (name: string, more: Partial<ObjectMeta> = {}): ObjectMeta => ({
  namespace: 'test',
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: timestamp(startMs),
  ...more,
})

export const aTemplate = (image = 'podinfo:1', more: Fields = {}) => ({
  metadata: { labels: { app: 'podinfo' } },
  spec: { containers: [{ name: 'app', image, ports: [{ name: 'http', containerPort: 9898 }] }], ...more },
})

export const aDeployment = (
  spec: Fields = {},
  more: { readonly status?: Fields; readonly metadata?: Partial<ObjectMeta> } = {},
): Deployment =>
  readDeployment({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta('podinfo', more.metadata),
    spec: { replicas: 2, selector: { matchLabels: { app: 'podinfo' } }, template: aTemplate(), ...spec },
    status: more.status ?? {},
  })

export const aReplicaSet = (
  spec: Fields = {},
  more: { readonly status?: Fields; readonly metadata?: Partial<ObjectMeta> } = {},
): ReplicaSet =>
  readReplicaSet({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: meta(more.metadata?.name ?? 'podinfo-1', { ownerReferences: [controlledBy(aDeployment())], ...more.metadata }),
    spec: { replicas: 2, selector: { matchLabels: { app: 'podinfo' } }, template: aTemplate(), ...spec },
    status: more.status ?? {},
  })

export interface PodParts {
  readonly ready?: boolean
  readonly readySinceMs?: number
  readonly phase?: string
  readonly ip?: string
  readonly spec?: Fields
  readonly status?: Fields
  readonly metadata?: Partial<ObjectMeta>
}

export const aPodObject = (name: string, parts: PodParts = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta(name, { labels: { app: 'podinfo' }, ...parts.metadata }),
  spec: { nodeName: 'node-1', ...aTemplate().spec, ...parts.spec },
  status: {
    phase: parts.phase ?? 'Running',
    podIP: parts.ip ?? '127.20.0.1',
    conditions: [
      { type: 'Ready', status: (parts.ready ?? true) ? 'True' : 'False', lastTransitionTime: timestamp(parts.readySinceMs ?? startMs) },
    ],
    ...parts.status,
  },
})

export const aPod = (name: string, parts: PodParts = {}): Pod => readPod(aPodObject(name, parts))
