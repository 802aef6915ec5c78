import { describe, expect, it, onTestFinished } from 'vitest'
import { sleep } from '../../src/clock.ts'
import type { HookAnswer } from '../../src/core/evidence.ts'
import type { HookCaller } from '../../src/webhooks/hook.ts'
import { answer } from '../support/builders.ts'
import { createOutsideWorld } from '../support/outside-world.ts'
import { type Stage, team } from '../support/stage.ts'
import { initialized, promoted, standing } from './on-stage.ts'

const gate = (type: string) => team({ analysis: { webhooks: [{ name: 'gate', type, url: 'http://gate.test/', timeout: '60s' }] } })

type Gate = Extract<HookAnswer['type'], 'confirm-rollout' | 'confirm-traffic-increase' | 'confirm-promotion'>
const gates: readonly Gate[] = ['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion']

/** A gate whose person answers when the test says so, to the question that was asked then, called off or not. */
const withPerson = async (type: Gate) => {
  const asked: ((ok: boolean) => void)[] = []
  const hooks: HookCaller = { call: () => new Promise(resolve => asked.push(ok => resolve(answer(type, ok, 'gate')))) }
  const stage = await initialized({ objects: gate(type), tools: { ...createOutsideWorld().tools, hooks } })
  return { stage, asked }
}

describe.each(gates)('a yes of a %s gate', type => {
  it('that was asked about an old revision opens nothing for the one that came since', async () => {
    const { stage, asked } = await withPerson(type)
    await stage.release('v2')
    await stage.until(() => asked.length > 0)
    await stage.release('v3')
    await stage.until(() => asked.length > 1)
    asked[0]?.(true)
    await stage.pass(30)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
    const { grants = [] } = stage.status
    expect(grants).toEqual([])
    await openAll(stage, asked)
    expect(standing(stage)).toEqual({ ...promoted, primary: 'podinfo:v3' })
  })
})

/** From now on every question is answered with yes, until the rollout has come to its end. */
const openAll = (stage: Stage, asked: readonly ((ok: boolean) => void)[]): Promise<void> =>
  stage.until(() => {
    for (const say of asked.slice(1)) say(true)
    return stage.phase === 'Succeeded' && stage.status.state === undefined
  }, 900)

describe('a yes that comes after its time', () => {
  it.each(gates)('was none: %s stays closed', async type => {
    const world = createOutsideWorld()
    const over = Promise.withResolvers<void>()
    const hooks: HookCaller = {
      call: async ({ hook }, io) => {
        await Promise.race([sleep(io.clock, 90_000), over.promise]) // the time-out is a minute, and the signal is not obeyed
        return answer(type, io.signal.aborted, hook.name)
      },
    }
    const stage = await initialized({ objects: gate(type), tools: { ...world.tools, hooks } })
    onTestFinished(() => over.resolve())
    await stage.release('v2')
    await stage.pass(20)
    await stage.release('v3')
    await stage.pass(80)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
    expect(stage.status.grants ?? []).toEqual([])
  })

  it('over HTTP is a refusal that says how long was waited', async () => {
    const world = createOutsideWorld()
    world.state.hook = 'hang'
    const stage = await initialized({ objects: gate('confirm-rollout'), tools: world.tools })
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Waiting')
    expect(stage.status.hold?.message).toContain('no answer within 60s')
    world.state.hook = { status: 200 }
    await stage.untilRest('Succeeded', 600)
    expect(standing(stage)).toEqual(promoted)
  })
})
