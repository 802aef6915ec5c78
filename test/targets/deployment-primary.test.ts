import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { included } from '../../src/targets/metadata-copy.ts'
import { aCanary } from '../support/builders.ts'
import { aTarget, flags, primaryOf, specIn, templateIn } from './world.ts'

const canaryOf = (name: string) => aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } } })

describe('the name and selector of a primary', () => {
  const target = aTarget({ name: 'podinfo-service' })

  it('is that of the target with a suffix', () =>
    expect(primaryOf(target, { canary: canaryOf('podinfo-service') }).metadata.name).toBe('podinfo-service-primary'))

  it('selects the label of the target with a suffix, whatever its name is', () =>
    expect(specIn(primaryOf(target, { canary: canaryOf('podinfo-service') }))['selector']).toEqual({
      matchLabels: { app: 'podinfo-primary' },
    }))

  it('selects by that label only', () =>
    expect(specIn(primaryOf(aTarget({ spec: { selector: { matchLabels: { tier: 'web', app: 'podinfo' } } } })))['selector']).toEqual({
      matchLabels: { app: 'podinfo-primary' },
    }))

  it('keeps the selector it was made with', () => {
    const live = primaryOf(aTarget({ spec: { selector: { matchLabels: { name: 'podinfo' } } }, labels: { name: 'podinfo' } }))
    expect(specIn(primaryOf(aTarget({ labels: { name: 'podinfo' } }), { live }))['selector']).toEqual({
      matchLabels: { name: 'podinfo-primary' },
    })
  })

  it('gives the pods every label that is selected', () => {
    const live = primaryOf(aTarget({ spec: { selector: { matchLabels: { name: 'podinfo' } } }, labels: { name: 'podinfo' } }))
    expect(templateIn(primaryOf(aTarget({ labels: { name: 'podinfo' } }), { live })).metadata?.labels).toEqual({
      app: 'podinfo-primary',
      name: 'podinfo-primary',
    })
  })
})

describe('metadata that is copied', () => {
  it.each([
    [
      ['foo', 'lor'],
      ['foo', 'lorem'],
    ],
    [['*'], ['foo', 'bar', 'lorem']],
    [[''], []],
    [[], []],
  ])('with prefixes %j has the keys %j', (prefixes, expected) =>
    expect(Object.keys(included({ foo: '1', bar: '2', lorem: '3', 'kustomize.toolkit.fluxcd.io/name': '4' }, prefixes))).toEqual(expected),
  )

  it.each(['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision'])('never has %s', key =>
    expect(included({ [key]: 'x' }, ['*', key])).toEqual({}),
  )

  const labelled = aTarget({
    metadata: {
      labels: { app: 'podinfo', 'app.kubernetes.io/part-of': 'shop', tier: 'web' },
      annotations: { 'app.kubernetes.io/a': '1', b: '2' },
    },
    labels: { team: 'a', 'kustomize.toolkit.fluxcd.io/name': 'x' },
    annotations: { scrape: 'true', 'kustomize.toolkit.fluxcd.io/checksum': 'x', 'flagger-id': 'theirs' },
  })
  const prefixed = { ...flags, includeLabelPrefix: ['app.kubernetes.io'] }

  it('is none without prefixes, on creation as later', () => {
    const primary = primaryOf(labelled)
    expect([Object.keys(primary.metadata.labels ?? {}), Object.keys(primary.metadata.annotations ?? {})]).toEqual([
      ['app'],
      ['serin.dev/revision'],
    ])
  })

  it('has the labels with a wanted prefix', () =>
    expect(primaryOf(labelled, { options: prefixed }).metadata.labels).toEqual({
      'app.kubernetes.io/part-of': 'shop',
      app: 'podinfo-primary',
    }))

  it('has the annotations with a wanted prefix', () =>
    expect(primaryOf(labelled, { options: prefixed }).metadata.annotations).toMatchObject({ 'app.kubernetes.io/a': '1' }))

  it('never has the label of the target itself', () =>
    expect(primaryOf(labelled, { options: { ...flags, includeLabelPrefix: ['*'] } }).metadata.labels).toMatchObject({
      app: 'podinfo-primary',
      tier: 'web',
    }))

  it('has all pod labels but those of Flux', () =>
    expect(templateIn(primaryOf(labelled)).metadata?.labels).toEqual({ app: 'podinfo-primary', team: 'a' }))

  it('has all pod annotations but those of Flux', () =>
    expect(Object.keys(templateIn(primaryOf(labelled)).metadata?.annotations ?? {})).toEqual(['scrape', 'flagger-id']))
})

describe('settings beside the template', () => {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }

  it('are taken over', () =>
    expect(
      specIn(primaryOf(aTarget({ spec: { minReadySeconds: 5, progressDeadlineSeconds: 30, revisionHistoryLimit: 2, strategy } }))),
    ).toMatchObject({
      minReadySeconds: 5,
      progressDeadlineSeconds: 30,
      revisionHistoryLimit: 2,
      strategy,
    }))

  it('do not include a pause', () => expect(specIn(primaryOf(aTarget({ spec: { paused: true } })))).not.toHaveProperty('paused'))
})

const placed = (pod: Readonly<Record<string, unknown>>, name = 'podinfo') => {
  const { containers: _, ...rules } = templateIn(primaryOf(aTarget({ name, pod }))).spec
  return rules
}
const values = (key: string, ...own: readonly string[]) => ({ matchExpressions: [{ key, operator: 'In', values: own }] })
const labels = (matchLabels: Readonly<Record<string, string>>) => ({ matchLabels })
const required = (labelSelector: unknown) => ({ requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector }] })
const preferred = (labelSelector: unknown) => ({
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector } }],
})
const spread = (labelSelector: unknown) => [{ topologyKey: 'zone', maxSkew: 1, labelSelector }]

describe('rules that keep pods apart', () => {
  const rewritten: readonly (readonly [string, unknown, unknown])[] = [
    ['an expression with the name of the target', values('app', 'podinfo'), values('app', 'podinfo-primary')],
    ['one of several values', values('app', 'other', 'podinfo'), values('app', 'other', 'podinfo-primary')],
    ['a label with the name of the target', labels({ app: 'podinfo', tier: 'x' }), labels({ app: 'podinfo-primary', tier: 'x' })],
    ['another candidate label with the name of the target', labels({ name: 'podinfo' }), labels({ name: 'podinfo-primary' })],
    ['another value', values('app', 'arbitrary-app'), values('app', 'arbitrary-app')],
    ['another label', labels({ tier: 'podinfo' }), labels({ tier: 'podinfo' })],
    [
      'an expression without values',
      { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
      { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
    ],
    ['no selector', undefined, undefined],
  ]

  it.each(rewritten)('speak of the primary: required, %s', (_what, given, expected) =>
    expect(placed({ affinity: { podAntiAffinity: required(given) } })).toEqual({ affinity: { podAntiAffinity: required(expected) } }),
  )

  it.each(rewritten)('speak of the primary: preferred, %s', (_what, given, expected) =>
    expect(placed({ affinity: { podAntiAffinity: preferred(given) } })).toEqual({ affinity: { podAntiAffinity: preferred(expected) } }),
  )

  it.each(rewritten)('speak of the primary: spread, %s', (_what, given, expected) =>
    expect(placed({ topologySpreadConstraints: spread(given) })).toEqual({ topologySpreadConstraints: spread(expected) }),
  )

  it('speak of the primary where the label differs from the name', () =>
    expect(placed({ topologySpreadConstraints: spread(labels({ app: 'podinfo' })) }, 'podinfo-service')).toEqual({
      topologySpreadConstraints: spread(labels({ app: 'podinfo-primary' })),
    }))
})

describe('rules that bring pods together', () => {
  it('speak of the primary, which would stay pending beside a parked target', () =>
    expect(placed({ affinity: { podAffinity: required(labels({ app: 'podinfo' })) } })).toEqual({
      affinity: { podAffinity: required(labels({ app: 'podinfo-primary' })) },
    }))

  it('keep a label that pods of the primary have too', () =>
    expect(placed({ affinity: { podAffinity: required(labels({ name: 'podinfo' })) } })).toEqual({
      affinity: { podAffinity: required(labels({ name: 'podinfo' })) },
    }))

  it('of nodes stay as they are', () => {
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [values('app', 'podinfo')] } }
    expect(placed({ affinity: { nodeAffinity } })).toEqual({ affinity: { nodeAffinity } })
  })
})

describe('references to configuration', () => {
  const digests = { 'configmap/settings': 'a', 'secret/token': 'b' }
  const pod = {
    initContainers: [
      {
        name: 'init',
        envFrom: [{ configMapRef: { name: 'settings' } }],
        env: [{ name: 'T', valueFrom: { secretKeyRef: { name: 'token', key: 't' } } }],
      },
    ],
    volumes: [
      { name: 'a', configMap: { name: 'settings', defaultMode: 420, items: [{ key: 'k', path: 'p' }] } },
      { name: 'b', secret: { secretName: 'token', optional: true } },
      {
        name: 'c',
        projected: {
          defaultMode: 420,
          sources: [{ configMap: { name: 'settings' } }, { secret: { name: 'token' } }, { serviceAccountToken: { path: 't' } }],
        },
      },
      { name: 'd', configMap: { name: 'untracked' } },
      { name: 'e', emptyDir: {} },
    ],
    imagePullSecrets: [{ name: 'token' }],
    serviceAccountName: 'settings',
  }
  const container = {
    env: [
      { name: 'A', value: 'settings' },
      { name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k', optional: true } } },
      { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ],
    envFrom: [{ prefix: 'X_', secretRef: { name: 'token' } }],
  }
  const text = JSON.stringify(templateIn(aTarget({ pod, container })).spec)
    .replaceAll('"name":"settings"', '"name":"settings-primary"')
    .replaceAll('"name":"token"', '"name":"token-primary"')
    .replace('"secretName":"token"', '"secretName":"token-primary"')
    .replace('"imagePullSecrets":[{"name":"token-primary"}]', '"imagePullSecrets":[{"name":"token"}]')

  it('all go to the copies of what is tracked, and nothing else changes', () =>
    expect(templateIn(primaryOf(aTarget({ pod, container }), { digests })).spec).toEqual(JSON.parse(text)))

  it('stay where nothing is tracked', () =>
    expect(templateIn(primaryOf(aTarget({ pod, container }))).spec).toEqual(templateIn(aTarget({ pod, container })).spec))
})

describe('lists that server-side apply takes only without repetition', () => {
  it('keep the variable that wins', () =>
    expect(
      templateIn(
        primaryOf(
          aTarget({
            container: {
              env: [
                { name: 'A', value: '1' },
                { name: 'B', value: '2' },
                { name: 'A', value: '3' },
              ],
            },
          }),
        ),
      ).spec.containers[0]?.env,
    ).toEqual([
      { name: 'B', value: '2' },
      { name: 'A', value: '3' },
    ]))

  it('keep each pull secret once', () =>
    expect(templateIn(primaryOf(aTarget({ pod: { imagePullSecrets: [{ name: 'a' }, { name: 'a' }] } }))).spec.imagePullSecrets).toEqual([
      { name: 'a' },
    ]))
})

describe('the number of pods of a primary', () => {
  const scaled = (live: KubeObject, owners: readonly Readonly<Record<string, unknown>>[]): KubeObject => ({
    ...live,
    metadata: { ...live.metadata, managedFields: owners.map(owner => ({ fieldsV1: { 'f:spec': { 'f:replicas': {} } }, ...owner })) },
    spec: { ...specIn(live), replicas: 7 },
  })
  const live = primaryOf(aTarget())
  const left = (object: KubeObject | undefined) => specIn(primaryOf(aTarget(), { live: object, replicas: undefined }))['replicas']

  it('is what is asked for', () => expect(specIn(primaryOf(aTarget(), { replicas: 5 }))['replicas']).toBe(5))

  it('is that of the target when it is new and a scaler decides later', () => expect(left(undefined)).toBe(2))

  it('is at least one when it is new', () =>
    expect(specIn(primaryOf(aTarget({ spec: { replicas: 0 } }), { replicas: undefined }))['replicas']).toBe(1))

  it('is what it has while we own the field, which would fall back to 1 if we gave it up', () =>
    expect(left(scaled(live, [{ manager: 'serin', operation: 'Apply' }]))).toBe(7))

  it('is left out once a scaler owns it', () =>
    expect(left(scaled(live, [{ manager: 'kube-controller-manager', operation: 'Update', subresource: 'scale' }]))).toBeUndefined())

  it('is left out where another controller made the primary', () =>
    expect(left(scaled(live, [{ manager: 'flagger', operation: 'Update' }]))).toBeUndefined())
})

const idOf = (object: KubeObject): string | undefined => templateIn(object).metadata?.annotations?.['flagger-id']
const withId = (object: KubeObject, id: string, metadata: Readonly<Record<string, unknown>> = {}): KubeObject => {
  const template = templateIn(object)
  const annotations = { ...template.metadata?.annotations, 'flagger-id': id }
  return {
    ...object,
    metadata: { ...object.metadata, ...metadata },
    spec: { ...specIn(object), template: { ...template, metadata: { ...template.metadata, annotations } } },
  }
}

describe('the id that rolls the pods', () => {
  it('changes with the template', () =>
    expect(idOf(primaryOf(aTarget({ container: { image: 'x' } })))).not.toBe(idOf(primaryOf(aTarget()))))

  it('changes with the configuration alone', () =>
    expect(idOf(primaryOf(aTarget(), { digests: { 'configmap/a': '1' } }))).not.toBe(
      idOf(primaryOf(aTarget(), { digests: { 'configmap/a': '2' } })),
    ))

  it.each([
    ['the number of pods', {}, { replicas: 9 }],
    ['settings', { spec: { minReadySeconds: 9 } }, {}],
    ['labels of the target', { metadata: { labels: { a: 'b' } } }, {}],
    ['the version of the target', { metadata: { generation: 9, resourceVersion: '9' } }, {}],
  ])('does not change with %s', (_what, changes, asked) =>
    expect(idOf(primaryOf(aTarget(changes), asked))).toBe(idOf(primaryOf(aTarget()))),
  )

  const live = primaryOf(aTarget())

  it('stays what it was on a primary that was taken over', () => {
    const { annotations: _, ...metadata } = live.metadata
    expect(idOf(primaryOf(aTarget(), { live: { ...withId(live, 'theirs'), metadata } }))).toBe('theirs')
  })

  it('stays what it was afterwards', () => expect(idOf(primaryOf(aTarget(), { live: withId(live, 'theirs') }))).toBe('theirs'))

  it('is ours when a primary that was taken over runs something else', () => {
    const { annotations: _, ...metadata } = live.metadata
    expect(idOf(primaryOf(aTarget({ container: { image: 'x' } }), { live: { ...withId(live, 'theirs'), metadata } }))).not.toBe('theirs')
  })

  it('is ours when the next revision comes', () =>
    expect(idOf(primaryOf(aTarget({ container: { image: 'x' } }), { live: withId(live, 'theirs') }))).not.toBe('theirs'))
})

describe('the promoted template', () => {
  it('comes from the pin, whatever the target holds by now', () => {
    const pin = {
      template: specIn(aTarget({ container: { image: 'podinfo:1' } }))['template'] ?? null,
      templateHash: 's1-x',
      configs: {},
      settings: { minReadySeconds: 3 },
    }
    const primary = primaryOf(aTarget({ container: { image: 'podinfo:2' }, spec: { minReadySeconds: 9 } }), { pin })
    expect([templateIn(primary).spec.containers[0], specIn(primary)['minReadySeconds']]).toMatchObject([{ image: 'podinfo:1' }, 3])
  })
})
