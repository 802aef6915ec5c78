import { describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import { readStatus } from '../../src/api/status.ts'
import { sleep } from '../../src/clock.ts'
import type { Measurer } from '../../src/metrics/metric-store.ts'
import { createOutsideWorld } from '../support/outside-world.ts'
import { type Stage, team } from '../support/stage.ts'
import { initialized, renamed } from './on-stage.ts'

const slow = Array.from({ length: 5 }, (_, at) => `slow-${at}`)

/** A world in which questions for Canaries other than podinfo take their time. */
const slowWorld = (tookMs: number) => {
  const { tools } = createOutsideWorld()
  const { measurer } = tools
  const measure: Measurer['measure'] = async (...[canary, metrics, io]) => {
    if (canary.metadata.name !== 'podinfo') await sleep(io.clock, tookMs, io.signal)
    return measurer.measure(canary, metrics, io)
  }
  return { ...tools, measurer: { ...measurer, measure } }
}

/** The seconds at which podinfo took its steps, with so slow a store for all others. */
const schedule = async (tookMs: number): Promise<{ readonly stage: Stage; readonly atSeconds: readonly number[] }> => {
  const objects = [...team(), ...slow.flatMap(name => renamed(team(), name))]
  const stage = await initialized({ objects, tools: slowWorld(tookMs) })
  for (const name of slow) await stage.release('v2', {}, name)
  const sinceMs = stage.clock.monotonicMs()
  await stage.release('v2')
  const atSeconds: number[] = []
  for (const weight of [20, 40]) {
    await stage.until(() => stage.weights[1] === weight)
    atSeconds.push(Math.round((stage.clock.monotonicMs() - sinceMs) / 1000))
  }
  await stage.untilRest('Succeeded')
  return { stage, atSeconds }
}

describe.each([4000, 9500])('a store that takes %i ms for the questions of five Canaries', tookMs => {
  it('makes no other Canary late', async () => {
    const { atSeconds } = await schedule(0)
    expect((await schedule(tookMs)).atSeconds).toEqual(atSeconds)
  })

  it('makes their own steps late and no more: they are promoted', async () => {
    const { stage } = await schedule(tookMs)
    const phaseOf = (name: string) => readStatus(stage.object(canaryKind, name)['status']).phase
    await stage.until(() => slow.every(name => phaseOf(name) === 'Succeeded'))
    expect(new Set(slow.map(name => stage.image(`${name}-primary`)))).toEqual(new Set(['podinfo:v2']))
  })
})
