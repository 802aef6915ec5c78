import { describe, expect, it } from 'vitest'
import type { KubeObject, OwnerReference } from '../../src/api/object.ts'
import { deployment } from '../../src/targets/deployment.ts'
import { aCanary } from '../support/builders.ts'
import { aTarget, flags, inspected, liveOf, ownedByCanary, primaryOf } from './world.ts'

const unusable = (...objects: readonly KubeObject[]) => {
  const found = deployment.inspect(aCanary(), liveOf(...objects), flags)
  return 'unusable' in found ? found.unusable : undefined
}
const selecting = (labels: Readonly<Record<string, string>>, name?: string) =>
  aTarget({ spec: { selector: { matchLabels: labels } }, ...(name && { name }) })

describe('a target', () => {
  it('that does not exist is named with what to do', () =>
    expect(unusable()).toEqual({
      reason: 'TargetMissing',
      message: 'deployment podinfo.test does not exist; create it or correct spec.targetRef',
    }))

  it.each([
    [
      { app: 'a', name: 'b' },
      { key: 'app', value: 'a' },
    ],
    [
      { 'app.kubernetes.io/name': 'c', name: 'b' },
      { key: 'name', value: 'b' },
    ],
    [
      { tier: 'x', 'app.kubernetes.io/name': 'c' },
      { key: 'app.kubernetes.io/name', value: 'c' },
    ],
  ])('that selects %j is told apart by %j', (labels, label) => expect(inspected(selecting(labels)).label).toEqual(label))

  it('may be told apart by a label of our own flags', () =>
    expect(inspected(selecting({ tier: 'x' }), aCanary(), { ...flags, selectorLabels: ['tier'] }).label).toEqual({
      key: 'tier',
      value: 'x',
    }))

  it('without a label to tell it apart is refused with what was expected', () =>
    expect(unusable(selecting({ tier: 'x' }))).toEqual({
      reason: 'TargetInvalid',
      message:
        'deployment podinfo.test spec.selector.matchLabels must contain one of [app name app.kubernetes.io/name], found [tier]; add one of them to the flag selector-labels, or to the selector',
    }))

  it('selected by expressions alone is refused', () =>
    expect(unusable(aTarget({ spec: { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } } }))?.reason).toBe(
      'TargetInvalid',
    ))

  it('whose label leaves no room for -primary is refused', () =>
    expect(unusable(selecting({ app: 'a'.repeat(56) }))?.message).toContain('at most 55 characters'))

  it('whose label leaves just enough room is taken', () => expect(unusable(selecting({ app: 'a'.repeat(55) }))).toBeUndefined())

  it('that is the primary of another Canary is refused', () => {
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'other', uid: 'other-uid', controller: true }
    const target = aTarget()
    expect(unusable({ ...target, metadata: { ...target.metadata, ownerReferences: [owner] } })).toEqual({
      reason: 'TargetInvalid',
      message: expect.stringContaining('it is the primary of Canary other; name the target of that Canary'),
    })
  })

  it('whose name leaves no room for -primary is refused', () => {
    const name = 'a'.repeat(246)
    const canary = aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } } })
    expect(deployment.inspect(canary, liveOf(aTarget({ name })), flags)).toMatchObject({ unusable: { reason: 'TargetInvalid' } })
  })

  it.each([
    [
      'port 80/TCP twice in container podinfod',
      {
        container: {
          ports: [
            { containerPort: 80, name: 'a' },
            { containerPort: 80, name: 'b', protocol: 'TCP' },
          ],
        },
      },
    ],
    [
      'host alias 10.0.0.1 twice',
      {
        pod: {
          hostAliases: [
            { ip: '10.0.0.1', hostnames: ['a'] },
            { ip: '10.0.0.1', hostnames: ['b'] },
          ],
        },
      },
    ],
  ])('that names %s is refused, because it cannot be applied', (text, changes) =>
    expect(unusable(aTarget(changes))?.message).toContain(text),
  )

  it.each([
    [undefined, 1],
    [0, 0],
    [3, 3],
  ])('that asks for %s replicas wants %i pods', (replicas, wanted) =>
    expect(inspected(aTarget({ spec: { replicas } })).replicas).toBe(wanted),
  )

  it('has another identity when its template changes', () =>
    expect(inspected(aTarget({ container: { image: 'podinfo:2' } })).templateHash).not.toBe(inspected(aTarget()).templateHash))

  it.each([
    ['replicas', { spec: { replicas: 9 } }],
    ['strategy', { spec: { strategy: { type: 'Recreate' } } }],
    ['minReadySeconds', { spec: { minReadySeconds: 9 } }],
    ['its own labels', { metadata: { labels: { a: 'b' } } }],
    ['its own annotations', { metadata: { annotations: { a: 'b' } } }],
    ['its status', { metadata: { generation: 9 } }],
  ])('keeps its identity when %s changes', (_what, changes) =>
    expect(inspected(aTarget(changes)).templateHash).toBe(inspected(aTarget()).templateHash),
  )

  it('has another identity after a restart by kubectl', () =>
    expect(inspected(aTarget({ annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } })).templateHash).not.toBe(
      inspected(aTarget()).templateHash,
    ))
})

describe('what stands where the primary should be', () => {
  const foreign = aTarget({ name: 'podinfo-primary' })
  const ownedBy = (owner: Pick<OwnerReference, 'apiVersion' | 'kind' | 'name'>): KubeObject => ({
    ...foreign,
    metadata: { ...foreign.metadata, ownerReferences: [{ uid: 'u', controller: true, ...owner }] },
  })

  it('may be ours', () => expect(unusable(aTarget(), ownedByCanary(primaryOf(aTarget())))).toBeUndefined())

  it('may be of a Canary of the same name that was deleted', () =>
    expect(unusable(aTarget(), primaryOf(aTarget(), { canary: aCanary({ metadata: { uid: 'before' } }) }))).toBeUndefined())

  it('may be an orphan that a controller of the field made', () => {
    const primary = primaryOf(aTarget())
    const { ownerReferences: _, ...metadata } = primary.metadata
    expect(unusable(aTarget(), { ...primary, metadata })).toBeUndefined()
  })

  it('must not be made by hand', () =>
    expect(unusable(aTarget(), foreign)).toEqual({
      reason: 'ForeignObject',
      message: 'expected Deployment test/podinfo-primary to be made by us, found one that somebody made by hand; rename or delete it',
    }))

  it.each([
    ['another Canary', { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'other' }],
    ['another controller', { apiVersion: 'example.com/v1', kind: 'App', name: 'podinfo' }],
  ])('must not belong to %s', (_whose, owner) => expect(unusable(aTarget(), ownedBy(owner))?.reason).toBe('ForeignObject'))

  it('must select what our Services will select', () => {
    const primary = primaryOf(aTarget({ spec: { selector: { matchLabels: { app: 'before' } } }, labels: { app: 'before' } }))
    expect(unusable(aTarget(), primary)?.message).toContain('to select app=podinfo-primary, found app=before-primary')
  })
})
