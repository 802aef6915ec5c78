import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { configStateOf, configTwin, digestOf } from '../../src/targets/config-tracking.ts'
import { deployment } from '../../src/targets/deployment.ts'
import { horizontalPodAutoscaler } from '../../src/targets/hpa.ts'
import { observed, observedObject } from '../support/observed.ts'
import { flags, liveOf, specIn, templateIn } from './world.ts'

const raw = observedObject('1-initialized-canaries', 'app')
const canary: Canary = readCanary({ ...raw, metadata: { ...raw.metadata, uid: 'UID' } }).canary
const digests = (raw['status'] as { readonly trackedConfigs: Readonly<Record<string, string>> }).trackedConfigs

const derived = (file: string): KubeObject => {
  const found = deployment.inspect(canary, liveOf(...observed(file)), flags)
  if ('unusable' in found) throw new Error(found.unusable.message)
  const pin = deployment.pin(found.target, digests)
  return deployment.primary({ canary, target: found.target, pin, live: undefined, replicas: 2, options: flags })
}

const without = (entries: Readonly<Record<string, string>> = {}, ...prefixes: readonly string[]) =>
  Object.fromEntries(Object.entries(entries).filter(([key]) => !prefixes.some(prefix => key.startsWith(prefix))))

describe.each(['1-initialized', '3-promoting', '4-succeeded', '5-failed'])('the primary of the field, %s', step => {
  // What runs there is the promoted revision: after the rollback that is not what the target says.
  const source = step === '5-failed' ? '4-succeeded-deployments' : `${step}-deployments`
  const theirs = observedObject(`${step}-deployments`, 'app-primary')
  const ours = derived(source)

  it('has the same name and namespace', () => expect(ours.metadata).toMatchObject({ name: theirs.metadata.name, namespace: 'demo' }))

  it('has the same labels', () => expect(ours.metadata.labels).toEqual(theirs.metadata.labels))

  it('has the same owners', () => expect(ours.metadata.ownerReferences).toEqual(theirs.metadata.ownerReferences))

  it('has the same spec beside its template', () => {
    const { template: _ours, ...spec } = specIn(ours)
    const { template: _theirs, ...expected } = specIn(theirs)
    expect(spec).toEqual(expected)
  })

  it('has the same pod labels', () => expect(templateIn(ours).metadata?.labels).toEqual(templateIn(theirs).metadata?.labels))

  it('has the same pod annotations but for the random id', () =>
    expect(without(templateIn(ours).metadata?.annotations, 'flagger-id')).toEqual(
      without(templateIn(theirs).metadata?.annotations, 'flagger-id'),
    ))

  it('has an id of the same form', () =>
    expect(templateIn(ours).metadata?.annotations?.['flagger-id']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    ))

  it('has the same pod spec', () => expect(templateIn(ours).spec).toEqual(templateIn(theirs).spec))
})

// At creation the field copies every annotation of the target, and drops them with the first promotion: we never copy them.
it.each(['3-promoting', '4-succeeded'])('the primary of the field has the same annotations as ours once it was promoted, %s', step => {
  const theirs = observedObject(`${step}-deployments`, 'app-primary')
  const ours = derived(`${step}-deployments`)
  expect(without(ours.metadata.annotations, 'serin.dev/')).toEqual(without(theirs.metadata.annotations, 'deployment.kubernetes.io/'))
})

describe('the pods that the field made', () => {
  it('stay when we take their primary over', () => {
    const theirs = observedObject('4-succeeded-deployments', 'app-primary')
    const found = deployment.inspect(canary, liveOf(...observed('4-succeeded-deployments')), flags)
    if ('unusable' in found) throw new Error(found.unusable.message)
    const pin = deployment.pin(found.target, digests)
    const ours = deployment.primary({ canary, target: found.target, pin, live: theirs, replicas: undefined, options: flags })
    expect(templateIn(ours)).toEqual(templateIn(theirs))
  })
})

describe.each([
  ['1-initialized-configmaps', 'app-conf'],
  ['1-initialized-secrets', 'app-secret'],
])('the copied configuration of the field, %s', (file, name) => {
  const source = observedObject(file, name)
  const theirs = observedObject(file, `${name}-primary`)

  it('has the digest that the field recorded', () =>
    expect(configStateOf(source)).toEqual({ kind: 'tracked', digest: digests[`${source.kind.toLowerCase()}/${name}`] }))

  it('is what we would write, but for our mark', () => {
    const twin = configTwin({ canary, source, digest: digestOf(source), live: undefined, options: flags })
    const manifest = 'manifest' in twin ? twin.manifest : source
    const { annotations, ...metadata } = manifest.metadata
    expect([{ ...manifest, metadata }, without(annotations, 'serin.dev/')]).toEqual([theirs, {}])
  })
})

describe.each(['1-initialized-hpa', '4-succeeded-hpa'])('the scaler of the field, %s', file => {
  it('is what we would write', () => {
    const { status: _, ...theirs } = observedObject(file, 'app-primary')
    expect(horizontalPodAutoscaler.primary(canary, observedObject(file, 'app'), flags)).toEqual(theirs)
  })
})
