import { expect, it } from 'vitest'
import { podSelectorOf } from '../../src/core/pod-selector.ts'

const workload = (spec: unknown) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'podinfo' }, spec })

it.each([
  ['labels', { matchLabels: { app: 'podinfo', tier: 'web' } }, 'app=podinfo,tier=web'],
  ['a list of values', { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] }, 'app in (a,b)'],
  ['values to leave out', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] }, 'app notin (a)'],
  ['a key', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, 'app'],
  ['no such key', { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'old', operator: 'DoesNotExist' }] }, 'a=b,!old'],
])('a selector by %s is asked for as the API does', (_, selector, text) => expect(podSelectorOf(workload({ selector }))).toBe(text))

it.each([[{}], [{ selector: {} }], [{ selector: { app: 'a core Service' } }], [undefined]])(
  'a workload with the spec %j is never asked for all pods there are',
  spec => expect(podSelectorOf(workload(spec))).toBeUndefined(),
)
