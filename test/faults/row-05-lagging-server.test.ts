import { describe, expect, it } from 'vitest'
import { atWeight, promoted, standing } from './on-stage.ts'
import { delayNextList, watched } from './watches.ts'

describe.each(watched)('a watch that moves to a server which lags, and shows $kind.kind $name of half a minute ago,', ({ kind, name }) => {
  it('is not believed: all is listed anew, and the end is as if nothing had happened', async () => {
    const stage = await atWeight(20)
    const object = stage.object(kind, name)
    await stage.until(() => stage.weights[1] === 40)
    stage.api.forgetRequests()
    for (const watch of stage.api.watches(kind.kind)) watch.say({ type: 'MODIFIED', object })
    await stage.pass(2)
    const hasChanged = stage.object(kind, name).metadata.resourceVersion !== object.metadata.resourceVersion
    expect(stage.api.count('list', kind.kind)).toBe(hasChanged ? 1 : 0)
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('is not believed either when the list comes from the same server', async () => {
    const stage = await atWeight(20)
    await delayNextList(stage, kind)
    const object = stage.object(kind, name)
    await stage.until(() => stage.weights[1] === 40)
    for (const watch of stage.api.watches(kind.kind)) watch.say({ type: 'MODIFIED', object })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('caches that lag behind our own writes', () => {
  it('do not make a pass decide on what was before', async () => {
    const stage = await atWeight(20)
    for (const watch of [...stage.api.watches('Canary'), ...stage.api.watches('HTTPRoute')]) watch.mute()
    await stage.pass(11)
    expect(stage.status.canaryWeight).toBe(40)
    expect(stage.api.count('updateStatus')).toBeLessThan(40)
  })

  it('do not make us write the same again', async () => {
    const stage = await atWeight(20)
    for (const watch of stage.api.watches()) watch.mute()
    stage.api.forgetRequests()
    await stage.pass(11)
    expect(stage.api.count('apply', 'HTTPRoute')).toBeLessThanOrEqual(1)
  })

  it('catch up when the watch is found to be dead', async () => {
    const stage = await atWeight(20)
    await stage.edit({ progressDeadlineSeconds: 600 })
    for (const watch of stage.api.watches()) watch.mute()
    await stage.untilRest('Succeeded', 900)
    expect(standing(stage)).toEqual(promoted)
  })
})
