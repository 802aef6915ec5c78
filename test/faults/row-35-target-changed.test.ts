import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { template } from '../support/team.ts'
import { promoted, standing } from './on-stage.ts'

/** Somebody pushes another version of the target right before the n-th request of the rollout of v2. */
const pushedAt = async (call: number, version: string) => {
  let first = Number.POSITIVE_INFINITY
  const push = (): void => {
    const found = stage.object(deploymentKind, 'podinfo')
    stage.api.put({ ...found, spec: { ...(found['spec'] as object), template: template(version) } })
  }
  const stage: Stage = await createStage({
    onCall: ({ number }) => {
      if (number - first === call) push()
      return undefined
    },
  })
  await stage.untilRest('Initialized')
  first = stage.plugged.length
  await stage.release('v2')
  await stage.untilRest('Succeeded')
  await stage.pass(2)
  if (stage.status.state !== undefined || stage.phase !== 'Succeeded') await stage.untilRest('Succeeded')
  stage.monitor.allow('S3', 'S7') // of the one write that was on its way: no look is younger than its pass
  const outcome = { calls: stage.plugged.length - first, end: standing(stage) }
  await stage.stop()
  return outcome
}

const everyPush = async (version: string): Promise<readonly unknown[]> => {
  const { calls } = await pushedAt(0, version)
  const wrong: unknown[] = []
  for (let call = 1; call <= calls; call += 1) {
    const { end } = await pushedAt(call, version)
    if (!isDeepStrictEqual(end, { ...promoted, primary: `podinfo:${version}` })) wrong.push({ call, end })
  }
  return calls > 10 ? wrong : [`expected more than ten requests, got ${calls}`]
}

describe('a target that changes before any request of a rollout', () => {
  it('is analysed as it is then, and that is what is promoted', async () => expect(await everyPush('v3')).toEqual([]))

  it('back to what is promoted is what runs in the end', async () => expect(await everyPush('v1')).toEqual([]))
})
