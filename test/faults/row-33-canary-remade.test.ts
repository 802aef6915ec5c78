import { describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind } from '../../src/api/kinds.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { atWeight } from './on-stage.ts'
import { remake } from './watches.ts'

const canary = { kind: canaryKind, name: 'podinfo' }

/** Deletes the Canary and makes it again right before the n-th request of a rollout. */
const remadeAt = async (call: number) => {
  let first = Number.POSITIVE_INFINITY
  let uid: string | undefined
  const stage: Stage = await createStage({
    onCall: ({ number }) => {
      if (number - first === call) uid = remake(stage, canary).metadata.uid
      return undefined
    },
  })
  await stage.untilRest('Initialized')
  first = stage.plugged.length
  await stage.release('v2')
  await stage.until(() => stage.status.state === undefined && ['Initialized', 'Succeeded'].includes(stage.phase ?? ''))
  if (call > 0) await stage.untilRest('Initialized')
  const owners = stage.object(deploymentKind, 'podinfo-primary').metadata.ownerReferences?.map(one => one.uid)
  const outcome = { isNew: uid === undefined || (owners?.length === 1 && owners[0] === uid), runs: stage.image('podinfo-primary') }
  await stage.stop()
  return { ...outcome, calls: stage.plugged.length - first }
}

describe('a Canary that is deleted and made again', () => {
  it('before any request of a rollout is another one, which begins anew with what the target runs', async () => {
    const { calls } = await remadeAt(0)
    const wrong: unknown[] = []
    for (let call = 1; call <= calls; call += 1) {
      const { isNew, runs } = await remadeAt(call)
      if (!isNew || runs !== 'podinfo:v2') wrong.push({ call, isNew, runs })
    }
    expect(wrong).toEqual([])
  })

  it('while its hooks are asked takes none of their answers', async () => {
    const stage = await atWeight(20)
    remake(stage, canary)
    await stage.pass(11)
    expect(stage.status.failedChecks).toBe(0)
  })
})
