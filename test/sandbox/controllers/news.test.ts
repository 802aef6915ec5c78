import { expect, it } from 'vitest'
import { bindingNews, podNews, rolloutNews } from '../../../src/sandbox/controllers/news.ts'
import type { Write } from '../../../src/sandbox/controllers/plan.ts'
import { pods, replicaSets } from '../../../src/sandbox/objects/kinds.ts'
import { aPod, aReplicaSet } from '../builders.ts'

const made = (replicas: number): Write => {
  const { apiVersion, kind, metadata } = aReplicaSet()
  return { verb: 'create', kind: replicaSets, manifest: { apiVersion, kind, metadata, spec: { replicas } } }
}
const resized = (body: Record<string, unknown>): Write => ({ verb: 'patch', kind: replicaSets, object: aReplicaSet({ replicas: 2 }), body })

it.each([
  [made(3), 'Scaled up replica set podinfo-1 from 0 to 3'],
  [resized({ spec: { replicas: 1 } }), 'Scaled down replica set podinfo-1 from 2 to 1'],
  [resized({ spec: { replicas: 5 } }), 'Scaled up replica set podinfo-1 from 2 to 5'],
  [made(0), undefined],
  [resized({ metadata: { annotations: {} } }), undefined],
])('of a rollout people hear %#', (write, message) => expect(rolloutNews(write)?.message).toBe(message))

it.each([
  [{ verb: 'create', kind: pods, manifest: aPod('a') }, 'Created pod: a'],
  [{ verb: 'delete', kind: pods, object: aPod('a') }, 'Deleted pod: a'],
  [{ verb: 'status', kind: replicaSets, object: aReplicaSet(), status: {} }, undefined],
] satisfies [Write, string | undefined][])('of pods people hear %#', (write, message) => expect(podNews(write)?.message).toBe(message))

it('of a binding people hear where the pod goes', () =>
  expect(bindingNews({ verb: 'bind', object: aPod('a'), nodeName: 'node-1' })?.message).toBe('Successfully assigned test/a to node-1'))
