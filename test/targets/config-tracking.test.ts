import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject, ObjectMeta } from '../../src/api/object.ts'
import {
  type ConfigState,
  configStateOf,
  configTwin,
  digestOf,
  digestsOf,
  isTracked,
  sourceDigestOf,
  type TwinSource,
  twinName,
} from '../../src/targets/config-tracking.ts'
import type { ConfigRef } from '../../src/targets/workload.ts'
import { aCanary } from '../support/builders.ts'
import { aTarget, flags, inspected } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const configMap = (fields: Fields = {}, metadata: Partial<ObjectMeta> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'test', ...metadata },
  ...fields,
})
const secret = (fields: Fields = {}, metadata: Partial<ObjectMeta> = {}): KubeObject => ({ ...configMap(fields, metadata), kind: 'Secret' })

describe('references of a template', () => {
  const found = (pod: Fields, container: Fields = {}) => inspected(aTarget({ pod, container })).configs

  it.each([
    ['a volume', { volumes: [{ name: 'v', configMap: { name: 'a' } }] }, {}, 'configmap/a'],
    ['a volume', { volumes: [{ name: 'v', secret: { secretName: 'a' } }] }, {}, 'secret/a'],
    ['a projected volume', { volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'a' } }] } }] }, {}, 'configmap/a'],
    ['a projected volume', { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'a' } }] } }] }, {}, 'secret/a'],
    ['a variable', {}, { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } }] }, 'configmap/a'],
    ['a variable', {}, { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'a', key: 'k' } } }] }, 'secret/a'],
    ['all variables', {}, { envFrom: [{ configMapRef: { name: 'a' } }] }, 'configmap/a'],
    ['all variables', {}, { envFrom: [{ secretRef: { name: 'a' } }] }, 'secret/a'],
    [
      'a variable of an init container',
      { initContainers: [{ name: 'i', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'a', key: 'k' } } }] }] },
      {},
      'secret/a',
    ],
    [
      'all variables of an init container',
      { initContainers: [{ name: 'i', envFrom: [{ configMapRef: { name: 'a' } }] }] },
      {},
      'configmap/a',
    ],
  ])('are found in %s', (...[, pod, container, key]) =>
    expect(found(pod, container)).toEqual([{ key, kind: key.startsWith('secret') ? 'Secret' : 'ConfigMap', name: 'a', optional: false }]),
  )

  it.each([
    ['image pull secrets', { imagePullSecrets: [{ name: 'a' }] }],
    ['other volumes', { volumes: [{ name: 'v', csi: { driver: 'd', nodePublishSecretRef: { name: 'a' } } }] }],
    ['ephemeral containers', { ephemeralContainers: [{ name: 'e', envFrom: [{ secretRef: { name: 'a' } }] }] }],
    ['a variable without a name', { initContainers: [{ name: 'i', envFrom: [{ configMapRef: {} }] }] }],
  ])('are not looked for in %s', (_where, pod) => expect(found(pod)).toEqual([]))

  it('come once each, sorted', () =>
    expect(
      found(
        {},
        {
          envFrom: [
            { secretRef: { name: 'a' } },
            { configMapRef: { name: 'b' } },
            { configMapRef: { name: 'a' } },
            { configMapRef: { name: 'b' } },
          ],
        },
      ).map(({ key }) => key),
    ).toEqual(['configmap/a', 'configmap/b', 'secret/a']))

  it.each([
    [[true], true],
    [[false], false],
    [[undefined], false],
    [[true, true], true],
    [[true, false], false],
    [[false, true], false],
  ])('that say optional %j are optional: %s', (said, optional) => {
    const envFrom = said.map(one => ({ configMapRef: { name: 'a', optional: one } }))
    expect(found({}, { envFrom })[0]?.optional).toBe(optional)
  })
})

describe('tracking', () => {
  it.each([
    ['flagger.app/config-tracking', 'disable', false],
    ['flagger.app/config-tracking', 'disabled', false],
    ['flagger.app/config-tracking', 'enabled', true],
    ['flagger.app/config-tracking', '', true],
    ['example.com/other', 'disable', true],
  ])('with annotation %s: %j is on: %s', (key, value, tracked) =>
    expect(isTracked(configMap({}, { annotations: { [key]: value } }))).toBe(tracked),
  )

  it.each([
    ['Opaque', true],
    ['', true],
    [undefined, true],
    ['kubernetes.io/basic-auth', true],
    ['kubernetes.io/ssh-auth', true],
    ['kubernetes.io/tls', true],
    ['kubernetes.io/service-account-token', false],
    ['kubernetes.io/dockerconfigjson', false],
    ['helm.sh/release.v1', false],
  ])('of a Secret of type %j is on: %s', (type, tracked) => expect(isTracked(secret({ type }))).toBe(tracked))
})

describe('the digest', () => {
  it.each([
    ['nothing', configMap(), '74234e98afe7498f'],
    ['an empty map', configMap({ data: {} }), '44136fa355b3678a'],
    ['characters with a meaning in HTML', configMap({ data: { color: 'red', a: '<b>&' } }), '6163b5998bd3ff6e'],
    ['a Secret', secret({ data: { username: 'dGVzdA==', apiKey: 'dGVzdA==' } }), 'a55ffd9095ef2828'],
  ])('of %s is that of the field', (_what, object, digest) => expect(digestOf(object)).toBe(digest))

  // Computed with Go's encoding/json.
  it.each([
    ['line separators', '\u2028\u2029\n\t"\\é', '953cfa5d1c93acd5'],
    ['control characters', '\b\f\u0001\u007f\u001f/😀', '322002934fba2210'],
  ])('writes %s as Go does', (_what, a, digest) => expect(digestOf(configMap({ data: { a } }))).toBe(digest))

  it('does not depend on the order of keys', () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.string()),
        data => digestOf(configMap({ data })) === digestOf(configMap({ data: Object.fromEntries(Object.entries(data).reverse()) })),
      ),
    ))

  it('is the one of the field where binaryData is empty', () =>
    expect(digestOf(configMap({ data: {}, binaryData: {} }))).toBe('44136fa355b3678a'))

  it('covers binaryData', () =>
    expect(
      new Set([{}, { f: 'AA==' }, { f: 'AQ==' }, { g: 'AA==' }].map(binaryData => digestOf(configMap({ data: {}, binaryData })))).size,
    ).toBe(4))

  it('tells data from binaryData', () =>
    expect(digestOf(configMap({ data: { f: 'AA==' } }))).not.toBe(digestOf(configMap({ binaryData: { f: 'AA==' } }))))

  it('does not cover metadata', () =>
    expect(digestOf(configMap({ data: {} }, { resourceVersion: '9', labels: { a: 'b' } }))).toBe(digestOf(configMap({ data: {} }))))
})

describe('what is known of the configuration', () => {
  const ref = (name: string, optional = false): ConfigRef => ({ key: `configmap/${name}`, kind: 'ConfigMap', name, optional })
  const states: Readonly<Record<string, ConfigState>> = { here: { kind: 'tracked', digest: 'd' }, off: { kind: 'ignored' } }
  const known = (...refs: readonly ConfigRef[]) => digestsOf(refs, ({ name }) => states[name] ?? { kind: 'missing' })

  it('is the digest of each tracked object', () => expect(known(ref('here'), ref('off'))).toEqual({ digests: { 'configmap/here': 'd' } }))

  it('leaves out what is missing where it may be', () =>
    expect(known(ref('here'), ref('gone', true))).toEqual({ digests: { 'configmap/here': 'd' } }))

  it('is nothing where a missing object is needed', () =>
    expect(known(ref('here'), ref('gone'))).toEqual({
      unusable: {
        reason: 'ConfigMissing',
        message: 'the pod template refers to ConfigMap gone, which does not exist; create it or make every reference to it optional',
      },
    }))

  it.each([
    ['a tracked object', configMap({ data: {} }), { kind: 'tracked', digest: '44136fa355b3678a' }],
    ['an ignored object', secret({ type: 'helm.sh/release.v1' }), { kind: 'ignored' }],
    ['no object', undefined, { kind: 'missing' }],
  ])('of %s is its state', (_what, object, state) => expect(configStateOf(object)).toEqual(state))
})

describe('the twin of a configuration', () => {
  const source = configMap(
    { data: { a: '1' }, binaryData: { f: 'AA==' }, immutable: true },
    { labels: { team: 'x' }, annotations: { a: 'b' }, uid: 'u', resourceVersion: '1' },
  )
  const twin = (change: Partial<TwinSource> = {}) => {
    const from = { canary: aCanary(), source, digest: digestOf(change.source ?? source), live: undefined, options: flags, ...change }
    return configTwin(from)
  }
  const manifestOf = (change: Partial<TwinSource> = {}): KubeObject => {
    const made = twin(change)
    if ('refused' in made) throw new Error(made.refused.message)
    return made.manifest
  }
  const refusal = (change: Partial<TwinSource>) => {
    const made = twin(change)
    return 'refused' in made ? made.refused : undefined
  }
  const owner = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    name: 'podinfo',
    uid: 'canary-uid',
    controller: true,
    blockOwnerDeletion: true,
  }
  const other = { ...owner, name: 'other', uid: 'other-uid' }
  const standing = (metadata: Partial<ObjectMeta>) => configMap({}, { name: 'settings-primary', ...metadata })

  it('has the contents, and whose digest it carries', () =>
    expect(manifestOf()).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'settings-primary',
        namespace: 'test',
        annotations: { 'serin.dev/source-digest': digestOf(source) },
        ownerReferences: [owner],
      },
      data: { a: '1' },
      binaryData: { f: 'AA==' },
    }))

  it('is found by its name', () => expect(twinName('settings')).toBe('settings-primary'))

  it('says what it was copied from', () => expect(sourceDigestOf(manifestOf())).toBe(digestOf(source)))

  it('has the type of a Secret', () =>
    expect(manifestOf({ source: secret({ type: 'kubernetes.io/tls' }) })).toMatchObject({ type: 'kubernetes.io/tls' }))

  it('has the labels with a wanted prefix', () =>
    expect(manifestOf({ options: { ...flags, includeLabelPrefix: ['team'] } }).metadata.labels).toEqual({ team: 'x' }))

  it('is made anew from itself', () => expect(manifestOf({ live: manifestOf() })).toEqual(manifestOf()))

  it('is shared with the Canary that made it, which controls it', () =>
    expect(manifestOf({ live: standing({ ownerReferences: [other] }) }).metadata.ownerReferences).toEqual([
      { ...owner, controller: false },
      other,
    ]))

  it('is controlled by the Canary that is left', () =>
    expect(manifestOf({ live: standing({ ownerReferences: [{ ...owner, controller: false }] }) }).metadata.ownerReferences).toEqual([
      owner,
    ]))

  it('does not change hands when both write it in turn', () => {
    const both = manifestOf({ live: standing({ ownerReferences: [other] }) })
    const again = manifestOf({ live: both, canary: aCanary({ metadata: { name: 'other', uid: 'other-uid' } }) })
    expect(again.metadata.ownerReferences).toEqual([other, { ...owner, controller: false }])
  })

  it('forgets a Canary of the same name that was deleted', () =>
    expect(manifestOf({ live: standing({ ownerReferences: [{ ...owner, uid: 'before' }] }) }).metadata.ownerReferences).toEqual([owner]))

  it('may be an orphan that we made', () =>
    expect(refusal({ live: standing({ annotations: { 'serin.dev/source-digest': 'x' } }) })).toBeUndefined())

  it.each([
    ['somebody made by hand', {}],
    [
      'another controller made',
      { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', uid: 'u', controller: true }] },
    ],
  ])('never replaces what %s', (_who, metadata) => expect(refusal({ live: standing(metadata) })?.reason).toBe('ForeignObject'))

  it('is refused when the source changed after it was looked at', () =>
    expect(refusal({ digest: '0000000000000000' })).toEqual({
      reason: 'RevisionMoved',
      message: `expected ConfigMap test/settings with digest 0000000000000000, found ${digestOf(source)}; it changed after it was looked at`,
    }))

  it('is refused when there is no room for its name', () =>
    expect(refusal({ source: configMap({}, { name: 'a'.repeat(246) }) })?.reason).toBe('TargetInvalid'))
})
