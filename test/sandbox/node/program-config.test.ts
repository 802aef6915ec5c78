import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ConfigLookup, configDataOf, sourcesOf } from '../../../src/sandbox/node/config-sources.ts'
import { environmentOf, expand } from '../../../src/sandbox/node/environment.ts'
import { imageCatalogue, type Program, repositoryOf } from '../../../src/sandbox/node/program.ts'
import { quantity, resourceValue } from '../../../src/sandbox/node/resource-value.ts'
import { filesOf, withRealPaths, writeVolumes } from '../../../src/sandbox/node/volumes.ts'
import { Container, Volume } from '../../../src/sandbox/objects/pod.ts'
import { aPod } from '../builders.ts'

const settings = configDataOf('configmap', {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { color: 'blue', size: 'L' },
  binaryData: { logo: Buffer.from([1, 2, 3]).toString('base64') },
})
const login = configDataOf('secret', {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login' },
  data: { password: Buffer.from('geheim').toString('base64') },
})
const known = new Map([
  ['configmap/settings', settings],
  ['secret/login', login],
])
const lookup: ConfigLookup = ({ kind, name }) => known.get(`${kind}/${name}`)
const pod = aPod('a', { metadata: { labels: { app: 'podinfo', 'track/x': 'y' }, annotations: { note: 'hi' } } })
const self = { pod, podIp: '127.20.0.1', hostIp: '127.0.0.1' }
const container = (fields: Record<string, unknown>) => Container.parse({ name: 'app', ...fields })
const tokens = ({ audience = 'api' }: { readonly audience?: string | undefined }) => `token for ${audience}`
const env = (...variables: unknown[]) => environmentOf(container({ env: variables }), { lookup, self })
const fieldRef = (fieldPath: string) => ({ name: 'V', valueFrom: { fieldRef: { fieldPath } } })

describe('the environment of a container', () => {
  it('takes plain values', () => expect(env({ name: 'A', value: '1' })).toEqual({ A: '1' }))

  it.each([
    ['metadata.name', 'a'],
    ['metadata.namespace', 'test'],
    ['status.podIP', '127.20.0.1'],
    ['spec.nodeName', 'node-1'],
    ["metadata.labels['app']", 'podinfo'],
    ["metadata.labels['track/x']", 'y'],
    ["metadata.annotations['note']", 'hi'],
    ["metadata.labels['none']", ''],
    ['metadata.labels', 'app="podinfo"\ntrack/x="y"'],
  ])('knows %s', (path, value) => expect(env(fieldRef(path))).toEqual({ V: value }))

  it('refuses a field that does not exist', () =>
    expect(() => env(fieldRef('spec.nothing'))).toThrow('unsupported fieldPath: spec.nothing'))

  it('reads a key of a ConfigMap', () =>
    expect(env({ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } })).toEqual({ A: 'blue' }))

  it('reads a key of a Secret', () =>
    expect(env({ name: 'A', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } })).toEqual({ A: 'geheim' }))

  it.each([
    [{ name: 'none', key: 'x' }, 'configmap "none" not found'],
    [{ name: 'settings', key: 'x' }, "couldn't find key x in configmap settings"],
  ])('names what is missing: %j', (ref, message) => expect(() => env({ name: 'A', valueFrom: { configMapKeyRef: ref } })).toThrow(message))

  it('does without what is optional', () =>
    expect(env({ name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'x', optional: true } } })).toEqual({}))

  it('takes everything from a ConfigMap under a prefix', () =>
    expect(environmentOf(container({ envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }] }), { lookup, self })).toMatchObject({
      P_color: 'blue',
      P_size: 'L',
    }))

  it('lets single variables win over whole sources', () =>
    expect(
      environmentOf(container({ envFrom: [{ configMapRef: { name: 'settings' } }], env: [{ name: 'color', value: 'red' }] }), {
        lookup,
        self,
      }),
    ).toMatchObject({ color: 'red' }))

  it('expands variables that stand before', () =>
    expect(env({ name: 'A', value: 'x' }, { name: 'B', value: '$(A)y$$(A)$(C)' })['B']).toBe('xy$(A)$(C)'))

  it('reads a limit', () =>
    expect(
      environmentOf(
        container({
          resources: { limits: { memory: '64Mi' } },
          env: [{ name: 'M', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } }],
        }),
        { lookup, self },
      ),
    ).toEqual({ M: '64' }))
})

it.each([
  ['$(A)', 'x'],
  ['$$(A)', '$(A)'],
  ['$(B)', '$(B)'],
  ['$A', '$A'],
])('%s becomes %s', (text, value) => expect(expand(text, { A: 'x' })).toBe(value))

it.each([
  ['250m', 0.25],
  ['2', 2],
  ['64Mi', 67108864],
  ['1G', 1e9],
  ['1e3', 1000],
])('%s is %d', (text, value) => expect(quantity(text)).toBe(value))

it('rounds a CPU limit up', () =>
  expect(resourceValue(Container.parse({ name: 'a', resources: { limits: { cpu: '1500m' } } }), 'limits.cpu')).toBe('2'))

it('finds every object that a pod refers to, each once', () =>
  expect(
    sourcesOf(
      [
        container({
          envFrom: [{ secretRef: { name: 'login' } }],
          env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'x' } } }],
        }),
      ],
      [Volume.parse({ name: 'v', projected: { sources: [{ configMap: { name: 'settings' } }, { secret: { name: 'more' } }] } })],
    ),
  ).toEqual([
    { kind: 'configmap', name: 'settings' },
    { kind: 'secret', name: 'login' },
    { kind: 'secret', name: 'more' },
  ]))

describe('a volume', () => {
  const files = (fields: Record<string, unknown>) =>
    Object.fromEntries(
      [...filesOf(Volume.parse({ name: 'v', ...fields }), { lookup, tokens, self })].map(([path, content]) => [
        path,
        content.toString('latin1'),
      ]),
    )

  it('holds the keys of a ConfigMap', () =>
    expect(files({ configMap: { name: 'settings' } })).toEqual({ color: 'blue', size: 'L', logo: '\u0001\u0002\u0003' }))

  it('holds chosen keys under chosen paths', () =>
    expect(files({ secret: { secretName: 'login', items: [{ key: 'password', path: 'a/b' }] } })).toEqual({ 'a/b': 'geheim' }))

  it('joins projected sources', () =>
    expect(
      files({
        projected: {
          sources: [
            { secret: { name: 'login' } },
            { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
          ],
        },
      }),
    ).toEqual({ password: 'geheim', name: 'a' }))

  it('holds a token of the ServiceAccount', () =>
    expect(files({ projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'vault' } }] } })).toEqual({
      token: 'token for vault',
    }))

  it('insists on what is not optional', () => expect(() => files({ configMap: { name: 'none' } })).toThrow('configmap "none" not found'))

  it('starts empty when it is an emptyDir', () => expect(files({ emptyDir: {} })).toEqual({}))

  it('is on disk until the pod is gone', async () => {
    const volumes = await writeVolumes([Volume.parse({ name: 'v', configMap: { name: 'settings' } })], { lookup, tokens, self })
    const place = volumes.mountsOf(container({ volumeMounts: [{ name: 'v', mountPath: '/etc/app' }] })).get('/etc/app') ?? ''
    expect(readFileSync(join(place, 'color'), 'utf8')).toBe('blue')
    await volumes.remove()
    expect(existsSync(place)).toBe(false)
  })

  it('follows its ConfigMap: changed, new and dropped keys', async () => {
    const dataOf = (data: Record<string, string>): ConfigLookup => {
      const map = configDataOf('configmap', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data })
      return () => map
    }
    const volume = Volume.parse({ name: 'v', configMap: { name: 'settings' } })
    const volumes = await writeVolumes([volume], { lookup: dataOf({ kept: '1', changed: '1', dropped: '1' }), tokens, self })
    const place = volumes.mountsOf(container({ volumeMounts: [{ name: 'v', mountPath: '/etc/app' }] })).get('/etc/app') ?? ''
    await volumes.update({ lookup: dataOf({ kept: '1', changed: '2', new: '3' }), tokens, self })
    const now = readdirSync(place).map(name => [name, readFileSync(join(place, name), 'utf8')])
    await volumes.remove()
    expect(now.toSorted()).toEqual([
      ['changed', '2'],
      ['kept', '1'],
      ['new', '3'],
    ])
  })

  it('keeps what programs wrote into an emptyDir', async () => {
    const volumes = await writeVolumes([Volume.parse({ name: 'v', emptyDir: {} })], { lookup, tokens, self })
    const place = volumes.mountsOf(container({ volumeMounts: [{ name: 'v', mountPath: '/data' }] })).get('/data') ?? ''
    writeFileSync(join(place, 'note'), 'mine')
    await volumes.update({ lookup, tokens, self })
    expect(readFileSync(join(place, 'note'), 'utf8')).toBe('mine')
    await volumes.remove()
  })

  it('cannot be left by a path', async () => {
    const sly = Volume.parse({ name: 'v', configMap: { name: 'settings', items: [{ key: 'color', path: '../../x' }] } })
    await expect(writeVolumes([sly], { lookup, tokens, self })).rejects.toThrow('leaves its volume')
  })
})

it.each([
  ['--config=/etc/app/x.yaml', '--config=/tmp/v/x.yaml'],
  ['/etc/app', '/tmp/v'],
  ['/etc/app/deep/y', '/tmp/w/y'],
  ['/etc/application', '/etc/application'],
  ['--level=info', '--level=info'],
  ['http://x/etc/app', 'http://x/etc/app'],
])('the path in %s really is %s', (text, real) =>
  expect(
    withRealPaths(
      text,
      new Map([
        ['/etc/app', '/tmp/v'],
        ['/etc/app/deep', '/tmp/w'],
      ]),
    ),
  ).toBe(real),
)

it.each([
  ['podinfo', 'podinfo'],
  ['podinfo:6.0.0', 'podinfo'],
  ['ghcr.io/stefanprodan/podinfo:6.0.0', 'stefanprodan/podinfo'],
  ['localhost:5000/podinfo@sha256:abc', 'podinfo'],
  ['stefanprodan/podinfo', 'stefanprodan/podinfo'],
])('the repository of %s is %s', (image, repository) => expect(repositoryOf(image)).toBe(repository))

it('finds no program for a name like those of every object', () => {
  const program: Program = { start: () => ({ exited: new Promise(() => {}), terminate() {}, kill() {} }) }
  expect(imageCatalogue({ podinfo: program })('constructor')).toBeUndefined()
})
