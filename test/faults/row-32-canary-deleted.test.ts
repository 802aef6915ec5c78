import { describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import { asItWas, isGone, standing as left, settledTeam, stranded } from '../lifecycle/what-stood-there.ts'
import { sick } from '../support/builders.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { atWeight } from './on-stage.ts'

const key = { namespace: 'test', name: 'podinfo' }

interface Run {
  readonly objects: NonNullable<Parameters<typeof createStage>[0]>['objects']
  readonly act: (stage: Stage) => Promise<void>
}

/** Deletes the Canary after so many requests of a run; answers with what is left, who was stranded, and how many requests there were. */
const deletedAfter = async (call: number, { objects, act }: Run) => {
  const lost = new Set<string>()
  let first = Number.POSITIVE_INFINITY
  let wasDeleted = false
  const stage: Stage = await createStage({
    ...(objects && { objects }),
    onCall: ({ number }) => {
      if (number - first === call) {
        stage.api.drop(canaryKind, key)
        wasDeleted = true
      }
      if (wasDeleted) for (const name of stranded(stage.api)) lost.add(name)
      return undefined
    },
  })
  await stage.untilRest('Initialized')
  first = stage.plugged.length
  await act(stage).catch(() => {}) // a Canary that is gone never gets there
  const calls = stage.plugged.length - first
  if (wasDeleted) await stage.until(() => isGone(stage))
  await stage.stop()
  return { calls, left: left(stage), lost: [...lost] }
}

const promotion = async (stage: Stage): Promise<void> => {
  await stage.release('v2')
  await stage.until(() => isGone(stage) || stage.phase === 'Succeeded' || stage.phase === 'Terminating')
}
const rollback = async (stage: Stage): Promise<void> => {
  stage.state.measurements = sick.measurements
  await stage.release('v2')
  await stage.until(() => isGone(stage) || stage.phase === 'Failed' || stage.phase === 'Terminating')
}

const everyDeletion = async (run: Run, expected: unknown): Promise<readonly unknown[]> => {
  const { calls } = await deletedAfter(0, run)
  const wrong: unknown[] = []
  for (let call = 1; call <= calls; call += 1) {
    const { left: found, lost } = await deletedAfter(call, run)
    if (JSON.stringify([found, lost]) !== JSON.stringify([expected, []])) wrong.push({ call, found, lost })
  }
  return calls > 5 ? wrong : [`expected more than five requests, got ${calls}`]
}

describe.each([
  ['a promotion', promotion],
  ['a rollback', rollback],
] as const)('a Canary that is deleted at any request of %s', (_, act) => {
  it('puts back what stood there before, and nobody is left without an answer on the way', async () =>
    expect(await everyDeletion({ objects: settledTeam(), act }, asItWas)).toEqual([]))
})

it('a Canary that is deleted without a promise to put anything back takes what it made along, and nothing is written after it', async () => {
  const stage = await atWeight(20)
  stage.api.forgetRequests()
  stage.api.drop(canaryKind, key)
  await stage.pass(5)
  expect(left(stage)).toMatchObject({ canary: undefined, primary: undefined, rules: undefined })
  expect(stage.api.requests.filter(({ verb, kind }) => !['list', 'watch'].includes(verb) && kind !== 'Event')).toEqual([])
})
