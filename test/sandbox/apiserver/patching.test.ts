import { describe, expect, it } from 'vitest'
import { builtinSchema } from '../../../src/sandbox/apiserver/builtin-schema.ts'
import { mergeStrategic } from '../../../src/sandbox/apiserver/strategic-merge.ts'
import { aCluster, aConfigMap, aDeployment, at, configMaps, deployments, refusal } from './a-cluster.ts'

describe('a JSON patch', () => {
  it('applies its operations in order', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', { x: '1' }))
    const body = [
      { op: 'test', path: '/data/x', value: '1' },
      { op: 'replace', path: '/data/x', value: '2' },
      { op: 'add', path: '/data/y', value: '3' },
    ]
    expect(api.patch(configMaps, at('a'), { type: 'json', body })['data']).toEqual({ x: '2', y: '3' })
  })

  it('whose test fails changes nothing', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', { x: '1' }))
    const body = [
      { op: 'replace', path: '/data/x', value: '2' },
      { op: 'test', path: '/data/x', value: '9' },
    ]
    expect(refusal(() => api.patch(configMaps, at('a'), { type: 'json', body }))).toMatchObject({ code: 422, reason: 'Invalid' })
    expect(api.get(configMaps, at('a'))['data']).toEqual({ x: '1' })
  })
})

describe('a merge patch', () => {
  it('removes what is null', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', { x: '1', y: '2' }))
    expect(api.patch(configMaps, at('a'), { type: 'merge', body: { data: { x: null } } })['data']).toEqual({ y: '2' })
  })

  it('with an old version is refused', () => {
    const { api } = aCluster()
    const { metadata } = api.create(configMaps, aConfigMap('a'))
    api.patch(configMaps, at('a'), { type: 'merge', body: { data: { x: '1' } } })
    const body = { metadata: { resourceVersion: metadata.resourceVersion }, data: { x: '2' } }
    expect(refusal(() => api.patch(configMaps, at('a'), { type: 'merge', body })).code).toBe(409)
  })

  it('of what does not exist is refused', () => {
    const { api } = aCluster()
    expect(refusal(() => api.patch(configMaps, at('a'), { type: 'merge', body: {} })).code).toBe(404)
  })
})

describe('a strategic merge patch', () => {
  const podSpec = builtinSchema('V1PodSpec')
  const live = {
    containers: [
      { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
      { name: 'b', image: 'b:1' },
    ],
    volumes: [{ name: 'v', emptyDir: {} }],
    tolerations: [{ key: 'k' }],
  }

  it.each([
    [
      'merges list items by their key',
      { containers: [{ name: 'a', image: 'a:2' }] },
      { containers: [{ ...live.containers[0], image: 'a:2' }, live.containers[1]] },
    ],
    [
      'merges lists inside list items',
      { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] },
      {
        containers: [
          {
            ...live.containers[0],
            env: [
              { name: 'Y', value: '2' },
              { name: 'X', value: '1' },
            ],
          },
          live.containers[1],
        ],
      },
    ],
    ['deletes a list item by directive', { containers: [{ $patch: 'delete', name: 'a' }] }, { containers: [live.containers[1]] }],
    ['replaces a list by directive', { containers: [{ $patch: 'replace' }, { name: 'z' }] }, { containers: [{ name: 'z' }] }],
    ['replaces a list without merge key', { tolerations: [{ key: 'z' }] }, { tolerations: [{ key: 'z' }] }],
    ['removes what is null', { volumes: null }, { volumes: undefined }],
    [
      'keeps only the keys that retainKeys names',
      { volumes: [{ $retainKeys: ['name', 'secret'], name: 'v', secret: { secretName: 's' } }] },
      { volumes: [{ name: 'v', secret: { secretName: 's' } }] },
    ],
    [
      'orders a list as setElementOrder says',
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }], containers: [{ name: 'c' }] },
      { containers: [live.containers[1], { name: 'c' }, live.containers[0]] },
    ],
  ])('%s', (_name, patch, changed) => {
    expect(mergeStrategic(live, patch, podSpec)).toEqual(
      Object.fromEntries(Object.entries({ ...live, ...changed }).filter(([, value]) => value !== undefined)),
    )
  })

  it('deletes from a list of plain values', () => {
    const metadata = builtinSchema('V1ObjectMeta')
    const patch = { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] }
    expect(mergeStrategic({ finalizers: ['a', 'b'] }, patch, metadata)).toEqual({ finalizers: ['c', 'b'] })
  })

  it('changes one container of a Deployment', () => {
    const { api } = aCluster()
    api.create(deployments, aDeployment())
    const body = { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2.0' }] } } } }
    const after = api.patch(deployments, at('web'), { type: 'strategic', body })
    expect(after).toMatchObject({
      spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2.0', imagePullPolicy: 'IfNotPresent' }] } } },
    })
  })
})
