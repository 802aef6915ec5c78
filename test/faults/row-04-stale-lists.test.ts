import { describe, expect, it } from 'vitest'
import { atWeight, promoted, standing } from './on-stage.ts'
import { delayNextList, watchedKinds } from './watches.ts'

describe.each(watchedKinds)('a process that starts with a list of $kind from the past', kind => {
  it('writes nothing that belongs there, and ends as if nothing had happened', async () => {
    const stage = await atWeight(20)
    await delayNextList(stage, kind)
    await stage.until(() => stage.weights[1] === 40)
    await stage.restart()
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('does so too while its watch stays in the past for half a minute', async () => {
    const stage = await atWeight(20)
    await stage.edit({ progressDeadlineSeconds: 600 })
    await delayNextList(stage, kind)
    await stage.until(() => stage.weights[1] === 40)
    stage.api.fault({ verb: 'watch', kind: kind.kind, with: 'ServerError', times: 6 })
    await stage.restart()
    await stage.pass(30)
    expect(stage.weights[1]).not.toBe(20)
    await stage.untilRest('Succeeded', 600)
    expect(standing(stage)).toEqual(promoted)
  })

  it('asks for lists at quorum, never for any version at hand', async () => {
    const stage = await atWeight(20)
    await stage.restart()
    const lists = stage.api.requests.filter(({ verb, kind: listed }) => verb === 'list' && listed === kind.kind)
    expect(lists.map(({ options }) => options?.resourceVersion)).toEqual(lists.map(() => ''))
  })
})
