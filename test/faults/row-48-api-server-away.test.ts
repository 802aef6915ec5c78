import { describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import { readStatus } from '../../src/api/status.ts'
import { type Stage, team } from '../support/stage.ts'
import { initialized, promoted, renamed, standing } from './on-stage.ts'

const names = Array.from({ length: 2 }, (_, at) => `app-${at}`)
const tenMinutes = 600

/** Three rollouts in their middle. */
const inMidRun = async (): Promise<Stage> => {
  const objects = [...team(), ...names.flatMap(name => renamed(team(), name))]
  const stage = await initialized({ objects })
  await stage.until(() => names.every(name => stage.replicas(name) === 0))
  for (const name of ['podinfo', ...names]) await stage.release('v2', {}, name)
  await stage.until(() => stage.weights[1] === 20)
  return stage
}

/** From now on nobody gets through; answers with what gives the server back. */
const cutOff = ({ api }: Stage): (() => void) => {
  const fault = { with: 'Unreachable' as const, times: Number.POSITIVE_INFINITY }
  const back = api.fault(fault)
  for (const watch of api.watches()) watch.break()
  return back
}

/** How many requests there were in each second. */
const perSecond = async (stage: Stage, seconds: number): Promise<readonly number[]> => {
  const counts: number[] = []
  for (let second = 0; second < seconds; second += 1) {
    const before = stage.api.requests.length
    await stage.pass(1)
    counts.push(stage.api.requests.length - before)
  }
  return counts
}

const phaseOf = (stage: Stage, name: string) => readStatus(stage.object(canaryKind, name)['status']).phase

describe('an API server that is away for ten minutes', () => {
  it('is not stormed while it is away, nor when it is back, and every rollout is promoted then', async () => {
    const stage = await inMidRun()
    const giveBack = cutOff(stage)
    const away = await perSecond(stage, tenMinutes)
    expect(stage.weights).toEqual([80, 20])
    giveBack()
    const back = await perSecond(stage, 60)
    expect(away.reduce((sum, count) => sum + count) / tenMinutes).toBeLessThan(5 * (names.length + 1))
    expect(Math.max(...back)).toBeLessThan(50)
    await stage.untilRest('Succeeded', 900)
    await stage.until(() => names.every(name => phaseOf(stage, name) === 'Succeeded'), 900)
    expect(standing(stage)).toEqual(promoted)
  })
})
