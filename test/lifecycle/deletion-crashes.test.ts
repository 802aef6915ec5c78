import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import { type Mishap, mishaps } from '../support/plug.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { asItWas, isGone, settledTeam, standing, stranded } from './what-stood-there.ts'

interface Ordeal {
  readonly call: number
  readonly mishap: Mishap
}

/** Deletes a Canary in the middle of its life; in an ordeal one call of the deletion goes wrong. */
const play = async (reach: (stage: Stage) => Promise<void>, ordeal?: Ordeal) => {
  let first = Number.POSITIVE_INFINITY
  const lost = new Set<string>()
  const stage: Stage = await createStage({
    objects: settledTeam(),
    onCall: ({ number }) => {
      if (number <= first) return undefined
      for (const name of stranded(stage.api)) lost.add(name)
      return number - first === ordeal?.call ? ordeal.mishap : undefined
    },
  })
  await reach(stage)
  first = stage.plugged.length
  stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
  await stage.until(() => isGone(stage))
  const outcome = { calls: stage.plugged.length - first, end: standing(stage), lost: [...lost] }
  await stage.stop()
  return outcome
}

const moments: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'traffic is shared': async stage => {
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
  },
  'the canary serves after a failed promotion': async stage => {
    await stage.untilRest('Initialized')
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.untilRest('Failed')
  },
}

/** Each of these plays a deletion dozens of times. */
const timeout = 120_000

describe.each(Object.entries(moments))('a deletion while %s', { timeout }, (_, reach) => {
  it.each(mishaps)('puts everything back when any one of its calls %s', async mishap => {
    const { calls } = await play(reach)
    const wrong: unknown[] = []
    for (let call = 1; call <= calls; call += 1) {
      const { end, lost } = await play(reach, { call, mishap })
      if (!isDeepStrictEqual([end, lost], [asItWas, []])) wrong.push({ call, end, lost })
    }
    expect(wrong).toEqual([])
    expect(calls).toBeGreaterThan(5)
  })
})
