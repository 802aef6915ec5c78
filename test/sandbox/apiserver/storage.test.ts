import { describe, expect, it } from 'vitest'
import { aCluster, aConfigMap, at, configMaps, refusal, secrets } from './a-cluster.ts'

const withConfigMaps = (count: number, options = {}) => {
  const { api } = aCluster(options)
  for (let index = 0; index < count; index += 1) api.create(configMaps, aConfigMap(`c${index}`))
  return api
}

const namesOf = (items: readonly { readonly metadata: { readonly name: string } }[]) => items.map(({ metadata }) => metadata.name)

describe('a list', () => {
  it('gives its objects in the order of namespace and name', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('b'))
    api.create(configMaps, aConfigMap('z', {}, { namespace: 'kube-public' }))
    api.create(configMaps, aConfigMap('a'))
    expect(namesOf(api.list(configMaps).items)).toEqual(['a', 'b', 'z'])
  })

  it('carries the version of the last write of any kind', () => {
    const api = withConfigMaps(1)
    const secret = api.create(secrets, { ...aConfigMap('s'), kind: 'Secret', data: {} })
    expect(api.list(configMaps).resourceVersion).toBe(secret.metadata.resourceVersion)
  })

  it('comes in pages of the size asked for', () => {
    const api = withConfigMaps(5)
    const first = api.list(configMaps, { limit: 2 })
    const second = api.list(configMaps, { limit: 2, continue: first.continue })
    const third = api.list(configMaps, { limit: 2, continue: second.continue })
    expect([first, second, third].map(page => namesOf(page.items))).toEqual([['c0', 'c1'], ['c2', 'c3'], ['c4']])
  })

  it('says how many objects are left', () => {
    const api = withConfigMaps(5)
    expect(api.list(configMaps, { limit: 2 }).remainingItemCount).toBe(3)
  })

  it('ends with an empty continue token', () => {
    const api = withConfigMaps(2)
    expect(api.list(configMaps, { limit: 2 }).continue).toBe('')
  })

  it('shows one version of the world over all its pages', () => {
    const api = withConfigMaps(3)
    const first = api.list(configMaps, { limit: 1 })
    api.delete(configMaps, at('c1'))
    api.create(configMaps, aConfigMap('c9'))
    api.patch(configMaps, at('c2'), { type: 'merge', body: { data: { late: 'yes' } } })
    const rest = api.list(configMaps, { continue: first.continue })
    expect(rest.items.map(({ metadata, data }) => [metadata.name, data])).toEqual([
      ['c1', undefined],
      ['c2', undefined],
    ])
  })

  it('answers 410 to a continue token from before a compaction', () => {
    const api = withConfigMaps(3)
    const first = api.list(configMaps, { limit: 1 })
    api.create(configMaps, aConfigMap('later'))
    api.compact()
    expect(refusal(() => api.list(configMaps, { continue: first.continue }))).toMatchObject({ code: 410, reason: 'Expired' })
  })

  it('refuses a continue token it never gave', () => {
    const api = withConfigMaps(1)
    expect(refusal(() => api.list(configMaps, { continue: 'x' }))).toMatchObject({
      code: 400,
      message: expect.stringContaining('invalid continue token: continue key is not valid'),
    })
  })

  it('shows an exact version of the past when asked', () => {
    const api = withConfigMaps(1)
    const { resourceVersion } = api.list(configMaps)
    api.create(configMaps, aConfigMap('later'))
    expect(namesOf(api.list(configMaps, { resourceVersion, resourceVersionMatch: 'Exact' }).items)).toEqual(['c0'])
  })

  it('takes a version without "Exact" as the oldest one that will do', () => {
    const api = withConfigMaps(1)
    const { resourceVersion } = api.list(configMaps)
    api.create(configMaps, aConfigMap('later'))
    expect(namesOf(api.list(configMaps, { resourceVersion }).items)).toEqual(['c0', 'later'])
  })

  it('does not know the future', () => {
    const api = withConfigMaps(1)
    expect(refusal(() => api.list(configMaps, { resourceVersion: '9999' }))).toMatchObject({ code: 504, reason: 'Timeout' })
  })
})

describe('selectors', () => {
  const { api } = aCluster()
  const labelled: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    one: { app: 'web', tier: 'front' },
    two: { app: 'web', tier: 'back' },
    three: { app: 'db' },
    four: {},
  }
  for (const [name, labels] of Object.entries(labelled)) api.create(configMaps, aConfigMap(name, {}, { labels }))

  it.each([
    ['app=web', ['one', 'two']],
    ['app==web,tier!=back', ['one']],
    ['app in (web, db)', ['one', 'three', 'two']],
    ['app notin (web)', ['four', 'three']],
    ['tier', ['one', 'two']],
    ['!tier', ['four', 'three']],
    ['app=web,tier in (front,middle)', ['one']],
    ['', ['four', 'one', 'three', 'two']],
  ])('by label %s finds %j', (labelSelector, names) => {
    expect(namesOf(api.list(configMaps, { labelSelector }).items)).toEqual(names)
  })

  it.each([
    ['metadata.name=one', ['one']],
    ['metadata.name!=one,metadata.namespace=default', ['four', 'three', 'two']],
  ])('by field %s finds %j', (fieldSelector, names) => {
    expect(namesOf(api.list(configMaps, { fieldSelector }).items)).toEqual(names)
  })

  it('refuse a field that the kind cannot be selected by', () => {
    expect(refusal(() => api.list(configMaps, { fieldSelector: 'data.x=1' }))).toMatchObject({
      code: 400,
      message: '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    })
  })
})
