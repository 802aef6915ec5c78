import { describe, expect, it } from 'vitest'
import type { ClusterApi } from '../../../src/sandbox/apiserver/cluster-api.ts'
import type { Event, WatchQuery } from '../../../src/sandbox/apiserver/watching.ts'
import { aCluster, aConfigMap, at, configMaps, refusal } from './a-cluster.ts'

const watching = (api: ClusterApi, query: WatchQuery = {}) => {
  const events: Event[] = []
  const watch = api.watch(configMaps, query, event => events.push(event))
  return { watch, said: () => events.map(({ type, object }) => `${type} ${object.metadata.name}`), events }
}

const label = (api: ClusterApi, name: string, app: string) =>
  api.patch(configMaps, at(name), { type: 'merge', body: { metadata: { labels: { app } } } })

describe('a watch', () => {
  it('tells what happens after the version it starts from', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('before'))
    const { said } = watching(api, { resourceVersion: api.list(configMaps).resourceVersion })
    api.create(configMaps, aConfigMap('a'))
    label(api, 'a', 'web')
    api.delete(configMaps, at('a'))
    expect(said()).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
  })

  it('catches up on what it missed', () => {
    const { api } = aCluster()
    const { resourceVersion } = api.list(configMaps)
    api.create(configMaps, aConfigMap('a'))
    api.create(configMaps, aConfigMap('b'))
    expect(watching(api, { resourceVersion }).said()).toEqual(['ADDED a', 'ADDED b'])
  })

  it('without a version starts with everything that is', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'))
    expect(watching(api).said()).toEqual(['ADDED a'])
  })

  it('that asks for initial events is told where they end', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'))
    const { events } = watching(api, { sendInitialEvents: true })
    expect(events.at(-1)).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
  })

  it('answers 410 when its version is forgotten', () => {
    const { api } = aCluster()
    const { resourceVersion } = api.list(configMaps)
    api.create(configMaps, aConfigMap('a'))
    api.compact()
    expect(refusal(() => watching(api, { resourceVersion }))).toMatchObject({ code: 410, reason: 'Expired' })
  })

  it('forgets the oldest changes when the history is full', () => {
    const { api } = aCluster({ historyLimit: 4 })
    const { resourceVersion } = api.list(configMaps)
    for (let index = 0; index < 12; index += 1) api.create(configMaps, aConfigMap(`c${index}`))
    expect(refusal(() => watching(api, { resourceVersion })).code).toBe(410)
  })

  it('tells a deletion with the version of the deletion', () => {
    const { api } = aCluster()
    const { events } = watching(api)
    const created = api.create(configMaps, aConfigMap('a'))
    api.delete(configMaps, at('a'))
    expect(Number(events.at(-1)?.object.metadata.resourceVersion)).toBe(Number(created.metadata.resourceVersion) + 1)
  })

  it('sees an object that leaves its selection as deleted', () => {
    const { api } = aCluster()
    const { said } = watching(api, { labelSelector: 'app=web' })
    api.create(configMaps, aConfigMap('a', {}, { labels: { app: 'web' } }))
    label(api, 'a', 'db')
    expect(said()).toEqual(['ADDED a', 'DELETED a'])
  })

  it('sees an object that enters its selection as added', () => {
    const { api } = aCluster()
    const { said } = watching(api, { labelSelector: 'app=web' })
    api.create(configMaps, aConfigMap('a'))
    label(api, 'a', 'web')
    expect(said()).toEqual(['ADDED a'])
  })

  it('of one namespace hears nothing of the others', () => {
    const { api } = aCluster()
    const { said } = watching(api, { namespace: 'kube-public' })
    api.create(configMaps, aConfigMap('a'))
    expect(said()).toEqual([])
  })

  it('hears nothing after it was stopped', () => {
    const { api } = aCluster()
    const { watch, said } = watching(api)
    watch.stop()
    api.create(configMaps, aConfigMap('a'))
    expect(said()).toEqual([])
  })

  it('is not woken by a write that changes nothing', () => {
    const { api } = aCluster()
    const object = api.create(configMaps, aConfigMap('a', { x: '1' }), { manager: 'm' })
    const { said } = watching(api, { resourceVersion: api.list(configMaps).resourceVersion })
    api.update(configMaps, object, { manager: 'm' })
    api.patch(configMaps, at('a'), { type: 'merge', body: { data: { x: '1' } }, manager: 'm' })
    expect(said()).toEqual([])
  })
})
