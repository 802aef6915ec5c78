import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import type { ListOptions, WatchOptions } from '../../src/kube/kube-api.ts'
import { createReflector } from '../../src/kube/reflector.ts'
import { kubeError } from '../support/fake-faults.ts'
import type { FakeKubeApi } from '../support/fake-kube-api.ts'
import { errorLine } from '../support/fake-watch.ts'
import { testIo } from '../support/io.ts'
import { aDeployment, deployments } from '../support/kinds.ts'
import { runningReflector } from './running-reflector.ts'

const key = { namespace: 'test', name: 'podinfo' }
const minuteMs = 60_000
const many = (count: number): KubeObject[] =>
  Array.from({ length: count }, (_, n) => aDeployment({ name: `d${String(n).padStart(5, '0')}` }))
const verbs = (api: FakeKubeApi) => api.requests.map(({ verb }) => verb)
const lists = (api: FakeKubeApi) => api.requests.filter(({ verb }) => verb === 'list').map(({ options }) => options as ListOptions)
const watchRequests = (api: FakeKubeApi) =>
  api.requests.filter(({ verb }) => verb === 'watch').map(({ options }) => options as WatchOptions)
const scaled = (replicas: number) => aDeployment({}, { spec: { replicas } })

describe('the first list', () => {
  it('is in the store, and handlers have heard it, when the reflector has synced', async () => {
    const { reflector, said } = await runningReflector()
    expect(reflector.hasSynced()).toBe(true)
    expect(reflector.store.get(key)?.metadata.name).toBe('podinfo')
    expect(said()).toEqual(['added test/podinfo'])
  })

  it('asks for pages of 250 at quorum', async () => {
    const { api, reflector } = await runningReflector({}, fake => many(600).forEach(fake.put))
    expect(lists(api).map(({ limit, resourceVersion }) => [limit, resourceVersion])).toEqual([
      [250, ''],
      [250, ''],
      [250, ''],
    ])
    expect(reflector.store.list().length).toBe(601)
  })

  it('never asks for version 0, which may be the past', async () => {
    const { api, clock } = await runningReflector()
    api.compact()
    api.watches()[0]?.break(kubeError('Gone'))
    await clock.advance(minuteMs)
    expect(lists(api).map(({ resourceVersion }) => resourceVersion)).toEqual(['', ''])
  })

  it('starts again when a continue token has become too old', async () => {
    const { api, reflector, clock } = await runningReflector({}, fake => {
      many(300).forEach(fake.put)
      fake.fault({ verb: 'list', skip: 1, with: 'Gone' })
    })
    expect(reflector.hasSynced()).toBe(false)
    await clock.advance(2000)
    expect(lists(api).map(options => options.continue !== undefined)).toEqual([false, true, false, true])
    expect(reflector.store.list().length).toBe(301)
  })

  it('is tried until it succeeds', async () => {
    const { reflector, clock } = await runningReflector({}, fake => fake.fault({ verb: 'list', times: 8, with: 'ServerError' }))
    await clock.advance(3 * minuteMs)
    expect(reflector.hasSynced()).toBe(true)
  })

  it('passes on what narrows it', async () => {
    const { api } = await runningReflector({ namespace: 'test', labelSelector: 'app=x', metadataOnly: true })
    expect(lists(api)[0]).toMatchObject({ namespace: 'test', labelSelector: 'app=x', metadataOnly: true })
    expect(watchRequests(api)[0]).toMatchObject({ namespace: 'test', labelSelector: 'app=x', metadataOnly: true })
  })
})

describe('the watch', () => {
  it('begins where the list ended, and lasts 300 to 600 seconds', async () => {
    const shortest = await runningReflector({ random: () => 0 })
    const longest = await runningReflector({ random: () => 0.999_999 })
    expect(watchRequests(shortest.api)).toMatchObject([{ resourceVersion: shortest.api.version(), timeoutSeconds: 300 }])
    expect(watchRequests(longest.api)).toMatchObject([{ timeoutSeconds: 600 }])
  })

  it('brings additions, changes with what was before, and deletions', async () => {
    const { api, clock, events, said } = await runningReflector()
    api.put(aDeployment({ name: 'other' }))
    api.put(scaled(3))
    api.drop(deployments, key)
    await clock.advance(0)
    expect(said()).toEqual(['added test/podinfo', 'added test/other', 'updated test/podinfo', 'deleted test/podinfo'])
    expect(events[2]).toMatchObject({ object: { spec: { replicas: 3 } }, before: { spec: { replicas: 1 } } })
  })

  it('moves its version on with bookmarks, so that a quiet kind does not grow stale', async () => {
    const { api, clock, reflector } = await runningReflector()
    api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'test', name: 'elsewhere' } })
    api.bookmark()
    await clock.advance(0)
    expect(reflector.lastVersion()).toBe(api.version())
  })

  it('turns a new uid under an old name into a deletion and an addition', async () => {
    const { api, clock, said, events } = await runningReflector()
    api.watches()[0]?.mute()
    api.drop(deployments, key)
    api.put(aDeployment())
    const fresh = api.stored(deployments, key)
    if (fresh) api.watches()[0]?.say({ type: 'MODIFIED', object: fresh })
    await clock.advance(0)
    expect(said().slice(1)).toEqual(['deleted test/podinfo', 'added test/podinfo'])
    expect(events[1]?.object.metadata.uid).not.toBe(events[2]?.object.metadata.uid)
  })

  it('says nothing about an event it has heard before', async () => {
    const { api, clock, said } = await runningReflector()
    const object = api.put(scaled(2))
    api.watches()[0]?.say({ type: 'MODIFIED', object })
    await clock.advance(0)
    expect(said()).toEqual(['added test/podinfo', 'updated test/podinfo'])
  })

  it('says nothing about it either when other things happened since', async () => {
    const { api, clock, said, endings } = await runningReflector()
    const object = api.put(scaled(2))
    api.put(aDeployment({ name: 'other' }))
    api.watches()[0]?.say({ type: 'MODIFIED', object })
    await clock.advance(0)
    expect([said().length, endings]).toEqual([3, []])
  })

  it('does not forget a new object because of the deletion of its namesake', async () => {
    const { api, clock, reflector } = await runningReflector()
    const version = String(Number(api.version()) + 1)
    api.watches()[0]?.say({ type: 'DELETED', object: aDeployment({ uid: 'an-older-one', resourceVersion: version }) })
    await clock.advance(0)
    expect(reflector.store.get(key)).toBeDefined()
  })

  it('loses nothing that happens while it is broken', async () => {
    const { api, clock, said } = await runningReflector()
    api.watches()[0]?.break()
    await clock.advance(0)
    api.put(aDeployment({ name: 'missed' }))
    await clock.advance(2000)
    expect(said()).toEqual(['added test/podinfo', 'added test/missed'])
  })
})

describe('after the watch ends', () => {
  it('a reset is followed by a watch from the last version, without a list', async () => {
    const { api, clock } = await runningReflector()
    api.put(scaled(2))
    await clock.advance(0)
    const version = api.version()
    api.watches()[0]?.break()
    await clock.advance(2000)
    expect(verbs(api)).toEqual(['list', 'watch', 'watch'])
    expect(watchRequests(api)[1]?.resourceVersion).toBe(version)
  })

  it('an end in order is followed by a watch within a second', async () => {
    const { api, clock } = await runningReflector()
    await clock.advance(minuteMs)
    api.watches()[0]?.end()
    await clock.advance(1000)
    expect(verbs(api)).toEqual(['list', 'watch', 'watch'])
  })

  it('a 500 on the watch request is tried again', async () => {
    const { api, clock } = await runningReflector({}, fake => fake.fault({ verb: 'watch', with: 'ServerError' }))
    await clock.advance(2000)
    expect(verbs(api)).toEqual(['list', 'watch', 'watch'])
    expect(api.watches().length).toBe(1)
  })

  it.each([
    ['a 410 on the request', (api: FakeKubeApi) => api.watches()[0]?.break(kubeError('Gone'))],
    ['an ERROR line with code 410', (api: FakeKubeApi) => api.watches()[0]?.say(errorLine(410))],
  ])('%s is followed by a list, even when that fails once', async (_name, happen) => {
    const { api, clock, said } = await runningReflector()
    api.watches()[0]?.mute()
    api.put(aDeployment({ name: 'unheard' }))
    api.fault({ verb: 'list', with: 'ServerError' })
    happen(api)
    await clock.advance(5000)
    expect(verbs(api)).toEqual(['list', 'watch', 'list', 'list', 'watch'])
    expect(said()).toEqual(['added test/podinfo', 'added test/unheard'])
  })

  it('a list after a 410 says nothing about what did not change', async () => {
    const { api, clock, said } = await runningReflector({}, fake => many(350).forEach(fake.put))
    const before = said().length
    api.watches()[0]?.say(errorLine(410))
    await clock.advance(2000)
    expect(lists(api).length).toBe(4)
    expect(said().length).toBe(before)
  })

  it('a list tells deletions and namesakes by uid', async () => {
    const { api, clock, said } = await runningReflector({}, fake => void fake.put(aDeployment({ name: 'goes' })))
    api.watches()[0]?.mute()
    api.drop(deployments, { namespace: 'test', name: 'goes' })
    api.drop(deployments, key)
    api.put(aDeployment())
    api.watches()[0]?.say(errorLine(410))
    await clock.advance(2000)
    expect(said().slice(2)).toEqual(['deleted test/podinfo', 'added test/podinfo', 'deleted test/goes'])
  })

  it('an ERROR line other than 410 is followed by a watch from the last version', async () => {
    const { api, clock } = await runningReflector()
    api.watches()[0]?.say(errorLine(504, 'Timeout'))
    await clock.advance(2000)
    expect(verbs(api)).toEqual(['list', 'watch', 'watch'])
  })

  it('a version that the server refuses again and again is replaced by a list', async () => {
    const { api, clock } = await runningReflector({}, fake => fake.fault({ verb: 'watch', times: 3, with: 'Invalid' }))
    await clock.advance(minuteMs)
    expect(verbs(api)).toEqual(['list', 'watch', 'watch', 'watch', 'list', 'watch'])
  })

  it('a server that went silent is left after 90 s, once', async () => {
    const { api, clock, endings } = await runningReflector()
    api.watches()[0]?.mute()
    await clock.advance(89_999)
    expect(endings).toEqual([])
    await clock.advance(2000)
    expect([endings, verbs(api)]).toEqual([['Unreachable'], ['list', 'watch', 'watch']])
  })

  it('bookmarks keep a quiet watch alive', async () => {
    const { api, clock, endings } = await runningReflector()
    for (let minute = 0; minute < 5; minute++) {
      await clock.advance(minuteMs)
      api.bookmark()
    }
    await clock.advance(0)
    expect(endings).toEqual([])
  })

  it('bytes that never become a line do not feed the watchdog', async () => {
    const { api, clock, endings } = await runningReflector()
    for (let second = 0; second < 100; second += 10) {
      await clock.advance(10_000)
      api.watches()[0]?.options.onContact?.()
    }
    expect(endings).toEqual(['Unreachable'])
  })
})

describe('a server that shows the past', () => {
  const fromThePast = (rest: Readonly<Record<string, unknown>> = {}) => ({
    type: 'MODIFIED' as const,
    object: aDeployment({ uid: 'uid-1', resourceVersion: '7' }, rest),
  })

  it('cannot overwrite a newer object: the event is dropped and all is listed', async () => {
    const { api, clock, reflector, endings } = await runningReflector()
    api.watches()[0]?.say(fromThePast({ spec: { replicas: 99 } }))
    await clock.advance(2000)
    expect(reflector.store.get(key)?.['spec']).toEqual({ replicas: 1 })
    expect([endings, verbs(api)]).toEqual([['SteppedBack'], ['list', 'watch', 'list', 'watch']])
  })

  it('cannot move the version back with a bookmark', async () => {
    const { api, clock, reflector, endings } = await runningReflector()
    const version = reflector.lastVersion()
    api.watches()[0]?.say({ ...fromThePast(), type: 'BOOKMARK' })
    await clock.advance(0)
    expect([endings, reflector.lastVersion()]).toEqual([['SteppedBack'], version])
  })

  it('is asked again when its list is older than what was seen', async () => {
    const { api, clock, reflector, said } = await runningReflector()
    const { list } = api
    let stale = 1
    api.list = async (...args) => {
      const page = await list(...args)
      return stale-- > 0 ? { ...page, items: [], resourceVersion: '50' } : page
    }
    await Promise.all([reflector.relist(), clock.advance(5000)])
    expect([reflector.store.list().length, said()]).toEqual([1, ['added test/podinfo']])
  })

  it('is believed when list after list says so: the cluster was restored from a backup', async () => {
    const { api, clock, reflector } = await runningReflector()
    const { list } = api
    api.list = async (...args) => ({
      ...(await list(...args)),
      items: [aDeployment({ name: 'restored', resourceVersion: '40' })],
      resourceVersion: '50',
    })
    await Promise.all([reflector.relist(), clock.advance(minuteMs)])
    expect(reflector.store.list().map(({ metadata }) => metadata.name)).toEqual(['restored'])
  })
})

describe('coming back', () => {
  it('waits longer with every failure, up to 30 s', async () => {
    const { api, clock } = await runningReflector({}, fake => fake.fault({ verb: 'list', times: 100, with: 'Unreachable' }))
    const waits: number[] = []
    for (let turn = 0; turn < 8; turn++) {
      waits.push(Math.round((clock.nextInMs ?? 0) / 1000))
      await clock.advance(clock.nextInMs ?? 0)
    }
    expect(waits).toEqual([1, 1, 2, 4, 8, 16, 30, 30])
    expect(api.count('list')).toBe(9)
  })

  it('never sends more than one request a second, whatever the dice say', async () => {
    const { api, clock } = await runningReflector({ random: () => 0 })
    for (let second = 0; second < 10; second++) {
      api.watches()[0]?.break()
      await clock.advance(1000)
    }
    expect(api.count('watch')).toBeLessThanOrEqual(11)
  })

  it('starts small again after a minute of health', async () => {
    const { api, clock } = await runningReflector({}, fake => fake.fault({ verb: 'watch', times: 6, with: 'Unreachable' }))
    await clock.advance(2 * minuteMs)
    api.watches()[0]?.break()
    await clock.advance(0)
    expect(clock.nextInMs).toBeLessThan(500)
  })

  it('stays quick when the network cuts every 10 s', async () => {
    const { api, clock } = await runningReflector()
    const waits: number[] = []
    for (let cut = 0; cut < 20; cut++) {
      await clock.advance(10_000)
      api.watches()[0]?.break()
      await clock.advance(0)
      waits.push(clock.nextInMs ?? 0)
      await clock.advance(1000)
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(1000)
  })

  it('stays away as long as the server asks', async () => {
    const { api, clock } = await runningReflector({}, fake =>
      fake.fault({ verb: 'watch', with: kubeError('TooManyRequests', 'busy', 20_000) }),
    )
    await clock.advance(19_999)
    expect(api.count('watch')).toBe(1)
    await clock.advance(1)
    expect(api.count('watch')).toBe(2)
  })

  it('writes one line for the same trouble, however often it happens', async () => {
    const { clock, io } = await runningReflector({}, fake => fake.fault({ verb: 'list', times: 100, with: 'Unreachable' }))
    await clock.advance(10 * minuteMs)
    expect(io.log.messages('warn')).toEqual(['list or watch failed, trying again'])
  })
})

describe('a kind that the cluster does not serve', () => {
  it('counts as empty, is asked for slowly, and logged once', async () => {
    const { api, clock, reflector, io } = await runningReflector({}, fake => fake.uninstall(deployments))
    expect(reflector.hasSynced()).toBe(true)
    await clock.advance(10 * minuteMs)
    expect(api.count('list')).toBeLessThanOrEqual(12)
    expect(io.log.messages('info')).toEqual(['kind is not served by this cluster, asking again from time to time'])
    expect(io.log.messages('warn')).toEqual([])
  })

  it('is seen when its CRD is installed later', async () => {
    const { api, clock, reflector } = await runningReflector({}, fake => fake.uninstall(deployments))
    api.uninstall(deployments, false)
    await clock.advance(minuteMs)
    expect(reflector.store.list().length).toBe(1)
  })

  it('counts as contact with the server', async () => {
    const { clock, reflector } = await runningReflector({}, fake => fake.uninstall(deployments))
    await clock.advance(10 * minuteMs)
    expect(clock.monotonicMs() - reflector.lastContactMs()).toBeLessThanOrEqual(minuteMs)
  })

  it('keeps what is held when only a starting server answers 404', async () => {
    const { api, clock, reflector } = await runningReflector()
    api.fault({ verb: 'list', times: 2, with: 'NotFound' })
    await Promise.all([reflector.relist(), clock.advance(10_000)])
    expect(reflector.store.list().length).toBe(1)
  })

  it('is forgotten when its CRD is removed for good', async () => {
    const { api, clock, reflector, said } = await runningReflector()
    api.uninstall(deployments)
    api.watches()[0]?.end()
    await clock.advance(minuteMs)
    expect(reflector.store.list()).toEqual([])
    expect(said()).toEqual(['added test/podinfo', 'deleted test/podinfo'])
  })
})

describe('handlers', () => {
  it('hear what is in the store when they come late', async () => {
    const { reflector } = await runningReflector()
    const heard: string[] = []
    reflector.onEvent(({ type, object }) => void heard.push(`${type} ${object.metadata.name}`))
    expect(heard).toEqual(['added podinfo'])
  })

  it('that throw are logged, and nobody else misses anything', async () => {
    const { api, clock, reflector, io, said } = await runningReflector()
    reflector.onEvent(({ type }) => {
      if (type === 'updated') throw new Error('boom')
    })
    api.put(scaled(2))
    api.put(aDeployment({ name: 'next' }))
    await clock.advance(0)
    expect(said()).toEqual(['added test/podinfo', 'updated test/podinfo', 'added test/next'])
    expect(io.log.lines.find(line => line.level === 'error')?.fields).toMatchObject({ error: 'boom', object: 'test/podinfo' })
  })

  it('that throw hear the event again', async () => {
    const { api, clock, reflector } = await runningReflector()
    let calls = 0
    reflector.onEvent(({ type }) => {
      if (type === 'updated' && ++calls < 3) throw new Error('not yet')
    })
    api.put(scaled(2))
    await clock.advance(5000)
    expect(calls).toBe(3)
  })

  it('that always throw are given up on', async () => {
    const { api, clock, reflector } = await runningReflector()
    let calls = 0
    reflector.onEvent(({ type }) => {
      if (type !== 'updated') return
      calls++
      throw new Error('never')
    })
    api.put(scaled(2))
    await clock.advance(minuteMs)
    expect(calls).toBe(5)
  })

  it('do not hear an old event again after a newer one of the same object', async () => {
    const { api, clock, reflector } = await runningReflector()
    const heard: unknown[] = []
    reflector.onEvent(({ object }) => {
      const { replicas } = object['spec'] as { replicas: number }
      if (replicas === 2) throw new Error('not this one')
      heard.push(replicas)
    })
    api.put(scaled(2))
    api.put(scaled(3))
    await clock.advance(minuteMs)
    expect(heard).toEqual([1, 3])
  })
})

describe('the store', () => {
  it('holds frozen objects', async () => {
    const { reflector } = await runningReflector()
    const object = reflector.store.get(key) as { spec: { replicas: number } } | undefined
    expect(() => {
      if (object) object.spec.replicas = 5
    }).toThrow(TypeError)
  })

  it('keeps only what the projection lets through', async () => {
    const { api, clock, reflector, said } = await runningReflector({
      projection: object => (object.metadata.labels?.['keep'] ? { ...object, spec: 'projected' } : undefined),
    })
    api.put(aDeployment({ labels: { keep: 'yes' } }))
    await clock.advance(0)
    expect(reflector.store.get(key)?.['spec']).toBe('projected')
    api.put(aDeployment({ labels: {} }))
    await clock.advance(0)
    expect(said()).toEqual(['added test/podinfo', 'deleted test/podinfo'])
  })

  it('loses one garbled object, not all', async () => {
    const { api, clock, reflector, io } = await runningReflector({
      indexes: { image: object => [(object['spec'] as { image: { name: string } }).image.name] },
    })
    api.put(aDeployment({ name: 'fine' }, { spec: { image: { name: 'x' } } }))
    await clock.advance(0)
    expect(reflector.store.byIndex('image', 'x').map(({ metadata }) => metadata.name)).toEqual(['fine'])
    expect(io.log.messages('error')).toEqual(['object could not be stored'])
  })
})

describe('relist', () => {
  it('lists at quorum whatever the watch believes, and resolves when the list is in the store', async () => {
    const { api, clock, reflector } = await runningReflector()
    api.watches()[0]?.mute()
    api.put(scaled(9))
    await Promise.all([reflector.relist(), clock.advance(0)])
    expect(reflector.store.get(key)?.['spec']).toEqual({ replicas: 9 })
    expect(api.watches().length).toBe(1)
  })

  it('does not take a list that was under way when it was called', async () => {
    const { api, clock, reflector } = await runningReflector()
    api.fault({ verb: 'list', with: 'hang' })
    void reflector.relist()
    await clock.advance(0)
    await Promise.all([reflector.relist(), clock.advance(2000)])
    expect(api.count('list')).toBe(3)
  })

  it('does not take one either whose last page is just arriving', async () => {
    const { api, clock, reflector } = await runningReflector()
    const { list } = api
    let second = Promise.resolve()
    api.list = async (...args) => {
      const page = await list(...args)
      if (api.count('list') === 2) second = reflector.relist()
      return page
    }
    await Promise.all([reflector.relist(), clock.advance(2000)])
    await second
    expect(api.count('list')).toBe(3)
  })

  it('wakes a reflector that is waiting to try again', async () => {
    const { api, clock, reflector } = await runningReflector({}, fake => fake.fault({ verb: 'list', times: 7, with: 'Unreachable' }))
    await clock.advance(minuteMs)
    const before = api.count('list')
    await Promise.all([reflector.relist(), clock.advance(0)])
    expect(api.count('list')).toBe(before + 1)
  })

  it('resolves when the reflector stops', async () => {
    const { api, reflector, stop } = await runningReflector()
    api.fault({ verb: 'list', with: 'hang' })
    const waiting = reflector.relist()
    await stop()
    await waiting
    await reflector.relist()
  })
})

describe('stopping', () => {
  it('in the watch leaves no timer and no watch', async () => {
    const { api, clock, stop } = await runningReflector()
    await stop()
    expect([clock.pending, api.watches().length]).toEqual([0, 0])
  })

  it('while waiting to reconnect sends no request any more', async () => {
    const { api, clock, stop } = await runningReflector()
    api.watches()[0]?.break()
    await clock.advance(0)
    await stop()
    const before = api.requests.length
    await clock.advance(10 * minuteMs)
    expect([clock.pending, api.requests.length]).toEqual([0, before])
  })

  it('while a list hangs ends at once', async () => {
    const { api, clock, stop, reflector } = await runningReflector()
    api.fault({ verb: 'list', with: 'hang' })
    void reflector.relist()
    await clock.advance(0)
    await stop()
    expect(clock.pending).toBe(0)
  })

  it('while a handler waits to hear its event again leaves no timer', async () => {
    const { clock, reflector, stop } = await runningReflector()
    reflector.onEvent(() => {
      throw new Error('boom')
    })
    await stop()
    expect(clock.pending).toBe(0)
  })

  it('before it began resolves without a request', async () => {
    const { api } = await runningReflector()
    api.forgetRequests()
    await createReflector({ api, kind: deployments }).run(testIo({ signal: AbortSignal.abort() }))
    expect(api.requests).toEqual([])
  })
})

describe('what readiness and liveness ask', () => {
  it('hasSynced is false until the first list is complete', async () => {
    const { reflector } = await runningReflector({}, fake => fake.fault({ verb: 'list', with: 'hang' }))
    expect(reflector.hasSynced()).toBe(false)
  })

  it('lastContactMs moves with every sign of life', async () => {
    const { api, clock, reflector } = await runningReflector()
    await clock.advance(minuteMs)
    api.watches()[0]?.options.onContact?.()
    expect(reflector.lastContactMs()).toBe(clock.monotonicMs())
  })

  it('lastContactMs stands still while nobody answers', async () => {
    const { clock, reflector } = await runningReflector({}, fake => fake.fault({ verb: 'list', times: 100, with: 'Unreachable' }))
    await clock.advance(4 * minuteMs)
    expect(clock.monotonicMs() - reflector.lastContactMs()).toBeGreaterThan(3 * minuteMs)
  })
})
