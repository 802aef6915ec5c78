import { describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import { readStatus } from '../../src/api/status.ts'
import { type Stage, team } from '../support/stage.ts'
import { initialized, promoted, renamed, standing } from './on-stage.ts'

const names = Array.from({ length: 2 }, (_, at) => `app-${at}`)
const tenMinutes = 600
/** So many calls without an answer, and the others are held back. */
const lossesBeforeShut = 3

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

const isOfCaches = ({ verb }: { readonly verb: string }): boolean => verb === 'list' || verb === 'watch'

/** How many requests there were in each second: of caches, which pace themselves, and of everybody else. */
const perSecond = async (stage: Stage, seconds: number): Promise<readonly { readonly all: number; readonly own: number }[]> => {
  const counts: { all: number; own: number }[] = []
  for (let second = 0; second < seconds; second += 1) {
    const before = stage.api.requests.length
    await stage.pass(1)
    const made = stage.api.requests.slice(before)
    counts.push({ all: made.length, own: made.filter(request => !isOfCaches(request)).length })
  }
  return counts
}

const busiest = (counts: readonly number[], seconds: number): number =>
  Math.max(...counts.map((_, at) => counts.slice(at, at + seconds).reduce((sum, count) => sum + count)))

const phaseOf = (stage: Stage, name: string) => readStatus(stage.object(canaryKind, name)['status']).phase

describe('an API server that is away for ten minutes', () => {
  it('is asked for by all rollouts together less and less often, in the end twice in a minute', async () => {
    const stage = await inMidRun()
    cutOff(stage)
    const away = await perSecond(stage, tenMinutes)
    const own = away.map(count => count.own)
    expect(busiest(own, 1)).toBeLessThanOrEqual(lossesBeforeShut)
    expect(busiest(own, 60)).toBeLessThanOrEqual(lossesBeforeShut + 10)
    expect(busiest(own.slice(120), 60)).toBeLessThanOrEqual(4)
    expect(
      busiest(
        away.slice(120).map(({ all }) => all),
        60,
      ),
    ).toBeLessThan(60)
  })

  it('is not stormed when it is back, and every rollout is promoted then', async () => {
    const stage = await inMidRun()
    const giveBack = cutOff(stage)
    await stage.pass(tenMinutes)
    expect(stage.weights).toEqual([80, 20])
    giveBack()
    const back = await perSecond(stage, 60)
    expect(Math.max(...back.map(({ all }) => all))).toBeLessThan(50)
    await stage.untilRest('Succeeded', 900)
    await stage.until(() => names.every(name => phaseOf(stage, name) === 'Succeeded'), 900)
    expect(standing(stage)).toEqual(promoted)
  })
})
