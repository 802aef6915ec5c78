import { describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind } from '../../src/api/kinds.ts'
import { atWeight, promoted, standing } from './on-stage.ts'
import { remake, watched } from './watches.ts'

/** The server tells one change where there were two. */
const told = ['MODIFIED', 'ADDED'] as const

describe.each(watched.filter(({ kind }) => kind !== canaryKind))('$kind.kind $name, deleted and made again,', one => {
  it.each(told)('told as one %s, is a new object, and the end is as if nothing had happened', async type => {
    const stage = await atWeight(20)
    for (const watch of stage.api.watches(one.kind.kind)) watch.mute()
    const object = remake(stage, one)
    for (const watch of stage.api.watches(one.kind.kind)) watch.say({ type, object })
    for (const watch of stage.api.watches(one.kind.kind)) watch.end()
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
    expect(stage.object(one.kind, one.name).metadata.uid).toBe(object.metadata.uid)
  })
})

describe('a Canary, deleted and made again,', () => {
  it.each(told)('told as one %s, begins anew', async type => {
    const stage = await atWeight(20)
    for (const watch of stage.api.watches('Canary')) watch.mute()
    const object = remake(stage, { kind: canaryKind, name: 'podinfo' })
    for (const watch of stage.api.watches('Canary')) watch.say({ type, object })
    for (const watch of stage.api.watches('Canary')) watch.end()
    await stage.untilRest('Initialized')
    expect(stage.object(deploymentKind, 'podinfo-primary').metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([object.metadata.uid])
  })
})
