import { describe, expect, it } from 'vitest'
import { KubeError } from '../../src/kube/errors.ts'
import { errorLine } from '../support/fake-watch.ts'
import type { Stage } from '../support/stage.ts'
import { atWeight, initialized, promoted, standing } from './on-stage.ts'
import { watchedKinds } from './watches.ts'

type Watch = ReturnType<Stage['api']['watches']>[number]

/** What a watch may bring that is no change. The client has refused lines that it cannot read by the time the cache hears of them. */
const lines: Readonly<Record<string, (watch: Watch) => void>> = {
  'an ERROR line with 500': watch => watch.say(errorLine(500, 'InternalError')),
  'an ERROR line with 429': watch => watch.say(errorLine(429, 'TooManyRequests')),
  'a line of a type nobody knows': watch => watch.break(new KubeError('ServerError', 'expected a known event type, got "NEWS"')),
}

describe.each(Object.entries(lines))('%s at every turn', (_, trouble) => {
  it.each(watchedKinds)('on the watch of $kind delays a rollout and changes nothing else', async ({ kind }) => {
    const stage = await initialized()
    await stage.edit({ progressDeadlineSeconds: 900 })
    await stage.release('v2')
    await stage.until(() => {
      for (const watch of stage.api.watches(kind)) trouble(watch)
      return stage.phase === 'Succeeded' && stage.status.state === undefined
    }, 1800)
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a watch that fails again and again', () => {
  it.each(watchedKinds)('of $kind is opened at most once a second', async ({ kind }) => {
    const stage = await atWeight(20)
    stage.api.forgetRequests()
    stage.api.fault({ verb: 'watch', kind, with: 'ServerError', times: 1000 })
    for (const watch of stage.api.watches(kind)) watch.break()
    await stage.pass(60)
    expect(stage.api.count('watch', kind) + stage.api.count('list', kind)).toBeLessThan(20)
  })
})

describe('a watch that brings nothing but bookmarks', () => {
  it('keeps its place, and is not opened anew', async () => {
    const stage = await initialized()
    stage.api.forgetRequests()
    for (let minute = 0; minute < 4; minute += 1) {
      await stage.pass(60)
      stage.api.bookmark()
    }
    expect(stage.api.count('watch') + stage.api.count('list')).toBe(0)
  })
})
