import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { sameQuantity } from '../../src/core/quantity.ts'
import { satisfies } from '../../src/core/satisfies.ts'

const objectWith = (spec: Readonly<Record<string, unknown>>, metadata: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'demo', ...metadata },
  spec,
})

const podSpec = (spec: Readonly<Record<string, unknown>>) => objectWith({ template: { spec } })
const container = (fields: Readonly<Record<string, unknown>>) => podSpec({ containers: [{ name: 'web', ...fields }] })

/** What we want, what is live, whether a write is needless. */
type Row = readonly [behaviour: string, wanted: KubeObject, live: KubeObject, satisfied: boolean]

const rows: readonly Row[] = [
  ['a field that the server added is no difference', objectWith({ a: 1 }), objectWith({ a: 1, b: 2 }), true],
  ['a field that is missing is a difference', objectWith({ a: 1, b: 2 }), objectWith({ a: 1 }), false],
  ['an undefined field wants nothing', objectWith({ a: undefined }), objectWith({ a: 1 }), true],
  ['a precondition wants nothing', objectWith({}, { resourceVersion: '1' }), objectWith({}, { resourceVersion: '2' }), true],
  ['another uid is another object', objectWith({}, { uid: 'a' }), objectWith({}, { uid: 'b' }), false],
  [
    'an annotation of somebody else is no difference',
    objectWith({}, { annotations: { a: '1' } }),
    objectWith({}, { annotations: { a: '1', b: '2' } }),
    true,
  ],
  [
    'a container of somebody else is no difference',
    podSpec({ containers: [{ name: 'web' }] }),
    podSpec({ containers: [{ name: 'proxy' }, { name: 'web' }] }),
    true,
  ],
  [
    'a container in another place is no difference while ours keep their order',
    podSpec({ containers: [{ name: 'a' }, { name: 'b' }] }),
    podSpec({ containers: [{ name: 'a' }, { name: 'x' }, { name: 'b' }] }),
    true,
  ],
  [
    'the order of variables is a difference, because they may use each other',
    container({ env: [{ name: 'A' }, { name: 'B' }] }),
    container({ env: [{ name: 'B' }, { name: 'A' }] }),
    false,
  ],
  ['a missing variable is a difference', container({ env: [{ name: 'A' }, { name: 'B' }] }), container({ env: [{ name: 'A' }] }), false],
  [
    'the protocol of a port is TCP where we leave it out',
    container({ ports: [{ containerPort: 80 }] }),
    container({ ports: [{ containerPort: 80, protocol: 'TCP' }] }),
    true,
  ],
  [
    'the same port over UDP is another port',
    container({ ports: [{ containerPort: 80 }] }),
    container({ ports: [{ containerPort: 80, protocol: 'UDP' }] }),
    false,
  ],
  [
    'a Service port goes by its number',
    objectWith({ ports: [{ port: 80, name: 'http' }] }),
    objectWith({ ports: [{ port: 80, name: 'http', protocol: 'TCP', nodePort: 30_000 }] }),
    true,
  ],
  ['an argument more is a difference', container({ args: ['a'] }), container({ args: ['a', 'b'] }), false],
  ['arguments in another order are a difference', container({ args: ['a', 'b'] }), container({ args: ['b', 'a'] }), false],
  [
    'defaults inside a list that is one value are no difference',
    objectWith({ rules: [{ backendRefs: [{ name: 'a' }] }] }),
    objectWith({ rules: [{ backendRefs: [{ name: 'a', kind: 'Service', weight: 1 }] }] }),
    true,
  ],
  [
    'an item more in a list that is one value is a difference',
    objectWith({ rules: [{ backendRefs: [{ name: 'a' }] }] }),
    objectWith({ rules: [{ backendRefs: [{ name: 'a' }, { name: 'b' }] }] }),
    false,
  ],
  [
    'a list with keys inside one that is one value is one value too',
    objectWith({ routes: [{ conditions: [{ type: 'a' }] }] }),
    objectWith({ routes: [{ conditions: [{ type: 'a' }, { type: 'b' }] }] }),
    false,
  ],
  [
    'a selector with a key more selects other pods',
    objectWith({ selector: { app: 'a' } }),
    objectWith({ selector: { app: 'a', tier: 'b' } }),
    false,
  ],
  [
    'a label selector with a key more selects other pods',
    objectWith({ selector: { matchLabels: { app: 'a' } } }),
    objectWith({ selector: { matchLabels: { app: 'a', tier: 'b' } } }),
    false,
  ],
  [
    'half a core is 500m',
    container({ resources: { limits: { cpu: '0.5' } } }),
    container({ resources: { limits: { cpu: '500m' } } }),
    true,
  ],
  [
    'a number may stand for a quantity',
    container({ resources: { requests: { cpu: 1 } } }),
    container({ resources: { requests: { cpu: '1' } } }),
    true,
  ],
  [
    'a quantity counts in the target of a metric',
    objectWith({ metrics: [{ pods: { target: { averageValue: '1k' } } }] }),
    objectWith({ metrics: [{ pods: { target: { averageValue: '1000' } } }] }),
    true,
  ],
  [
    'a variable that looks like a quantity is a text',
    container({ env: [{ name: 'A', value: '0.5' }] }),
    container({ env: [{ name: 'A', value: '500m' }] }),
    false,
  ],
  [
    'a label that looks like a quantity is a text',
    objectWith({}, { labels: { a: '1' } }),
    objectWith({}, { labels: { a: '1000m' } }),
    false,
  ],
  [
    'a port number is not a port name',
    objectWith({ ports: [{ port: 80, targetPort: 8080 }] }),
    objectWith({ ports: [{ port: 80, targetPort: '8080' }] }),
    false,
  ],
  ['empty resources may be stored as none', container({ resources: {} }), container({}), true],
  ['empty labels may be stored as none', objectWith({}, { labels: {} }), objectWith({}), true],
  ['an empty list may be stored as none', container({ env: [] }), container({}), true],
  ['an empty selector selects everything, none selects nothing', objectWith({ namespaceSelector: {} }), objectWith({}), false],
  [
    'an empty directory is not any volume',
    podSpec({ volumes: [{ name: 'v', emptyDir: {} }] }),
    podSpec({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
    false,
  ],
  [
    'a finalizer of somebody else is no difference',
    objectWith({}, { finalizers: ['a'] }),
    objectWith({}, { finalizers: ['b', 'a'] }),
    true,
  ],
  [
    'an owner of somebody else is no difference',
    objectWith({}, { ownerReferences: [{ uid: '1', name: 'a' }] }),
    objectWith(
      {},
      {
        ownerReferences: [
          { uid: '2', name: 'b' },
          { uid: '1', name: 'a' },
        ],
      },
    ),
    true,
  ],
]

const route = (rule: Readonly<Record<string, unknown>>): KubeObject => ({
  ...objectWith({ rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name: 'a', weight: 1 }], ...rule }] }),
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
})
const virtualService = (rule: Readonly<Record<string, unknown>>): KubeObject => ({
  ...objectWith({ http: [{ route: [{ destination: { host: 'a' } }], ...rule }] }),
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'VirtualService',
})

const leftovers: readonly Row[] = [
  ['a mirror that is wanted no more is a difference', route({}), route({ filters: [{ type: 'RequestMirror', requestMirror: {} }] }), false],
  ['a time-out that is wanted no more is a difference', route({}), route({ timeouts: { request: '5s' } }), false],
  ['a cookie that is wanted no more is a difference', route({}), route({ backendRefs: [{ name: 'a', weight: 1, filters: ['x'] }] }), false],
  ['a retry that Istio should do no more is a difference', virtualService({}), virtualService({ retries: { attempts: 3 } }), false],
  ['a time-out that Istio should keep no more is a difference', virtualService({}), virtualService({ timeout: '5s' }), false],
  ['an empty structure is none', route({}), route({ filters: [], timeouts: {} }), true],
  [
    'what the server fills into a rule is no difference',
    route({ matches: undefined, backendRefs: [{ name: 'a' }] }),
    route({ backendRefs: [{ name: 'a', group: '', kind: 'Service', weight: 1 }] }),
    true,
  ],
  [
    'what the server fills into filters is no difference',
    route({ filters: [{ cors: {}, requestMirror: { fraction: { numerator: 1 } } }], sessionPersistence: { cookieConfig: {} } }),
    route({
      filters: [{ cors: { maxAge: 5 }, requestMirror: { fraction: { numerator: 1, denominator: 100 } } }],
      sessionPersistence: { type: 'Cookie', cookieConfig: { lifetimeType: 'Session' } },
    }),
    true,
  ],
  [
    'a match that is not the one that the server fills in is a difference',
    route({ matches: undefined }),
    route({ matches: [{ path: { type: 'PathPrefix', value: '/old' } }] }),
    false,
  ],
  [
    'a number that the server fills into a list of pods is no difference',
    podSpec({ tolerations: [{ key: 'a' }] }),
    podSpec({ tolerations: [{ key: 'a', tolerationSeconds: 300 }] }),
    true,
  ],
  [
    'a structure in a list of pods is left over',
    podSpec({ volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'a' } }] } }] }),
    podSpec({ volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'a', items: [{ key: 'k' }] } }] } }] }),
    false,
  ],
]

describe('what is left in a list that is one value', () => {
  it.each(leftovers)('%s', (...[, wanted, live, satisfied]) => expect(satisfies(live, wanted)).toBe(satisfied))
})

describe('a manifest and a live object', () => {
  it.each(rows)('%s', (...[, wanted, live, satisfied]) => expect(satisfies(live, wanted)).toBe(satisfied))

  it('is not satisfied by nothing', () => expect(satisfies(undefined, objectWith({}))).toBe(false))
})

const applied = (
  live: KubeObject,
  fieldsV1: Readonly<Record<string, unknown>>,
  entry: Readonly<Record<string, unknown>> = {},
): KubeObject => ({
  ...live,
  metadata: { ...live.metadata, managedFields: [{ manager: 'serin', operation: 'Apply', apiVersion: 'apps/v1', fieldsV1, ...entry }] },
})

describe('what we own', () => {
  const ours = { 'f:spec': { 'f:a': {}, 'f:list': { 'k:{"name":"x"}': { '.': {}, 'f:name': {} } } } }
  const wanted = { list: [{ name: 'x' }] }

  it('satisfies when it is what we want', () => {
    const live = applied(podSpec({ containers: [{ name: 'web', ports: [{ containerPort: 80, protocol: 'TCP' }] }] }), {
      'f:spec': {
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': {
                '.': {},
                'f:name': {},
                'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
              },
            },
          },
        },
      },
    })
    expect(satisfies(live, container({ ports: [{ containerPort: 80 }] }))).toBe(true)
  })

  it('has to be given up when we want it no longer', () =>
    expect(satisfies(applied(objectWith({ a: 1, ...wanted }), ours), objectWith(wanted))).toBe(false))

  it('has to be taken back when somebody else took it', () =>
    expect(satisfies(applied(objectWith({ a: 1, b: 2, ...wanted }), ours), objectWith({ a: 1, b: 2, ...wanted }))).toBe(false))

  it('may be a list that is one value', () =>
    expect(satisfies(applied(objectWith({ rules: [{ a: 1 }] }), { 'f:spec': { 'f:rules': {} } }), objectWith({ rules: [{ a: 1 }] }))).toBe(
      true,
    ))

  it('may be an item of a set', () => {
    const live = applied(objectWith({ a: 1 }, { finalizers: ['x'] }), {
      'f:metadata': { 'f:finalizers': { '.': {}, 'v:"x"': {} } },
      'f:spec': { 'f:a': {} },
    })
    expect(satisfies(live, objectWith({ a: 1 }, { finalizers: ['x'] }))).toBe(true)
  })

  it.each([
    ['written by another manager', { manager: 'helm' }],
    ['written by an update', { operation: 'Update' }],
    ['written in another version of the API', { apiVersion: 'apps/v1beta2' }],
    ['written to a subresource', { subresource: 'scale' }],
  ])('says nothing when it was %s', (_how, entry) =>
    expect(satisfies(applied(objectWith(wanted), ours, entry), objectWith(wanted))).toBe(true),
  )
})

describe('quantities', () => {
  it.each([
    ['0.5', '500m'],
    ['1Gi', '1073741824'],
    ['1e3', '1k'],
    ['1E3', '1000'],
    ['1E', '1000P'],
    ['.5', '0.50'],
    ['1.', '1'],
    ['-1', '-1000m'],
    ['1u', '1000n'],
    ['0.5Ki', '512'],
  ])('%s is the same amount as %s', (a, b) => expect(sameQuantity(a, b)).toBe(true))

  it.each([
    ['1', '1m'],
    ['1Gi', '1G'],
    ['9007199254740993', '9007199254740992'],
    ['', '0'],
    ['.', '0'],
    ['1x', '1'],
  ])('%s is not the same amount as %s', (a, b) => expect(sameQuantity(a, b)).toBe(false))

  it('what is no quantity equals itself', () => expect(sameQuantity('<none>', '<none>')).toBe(true))
})
