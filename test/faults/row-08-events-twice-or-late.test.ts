import { expect, it } from 'vitest'
import type { WatchEvent } from '../../src/kube/kube-api.ts'
import type { Stage } from '../support/stage.ts'
import { initialized, promoted, standing } from './on-stage.ts'
import { bendWatches, watchedKinds } from './watches.ts'

/** What was recorded, step by step. */
const released = async (stage: Stage): Promise<readonly unknown[]> => {
  stage.api.forgetRequests()
  await stage.release('v2')
  await stage.untilRest('Succeeded')
  const records = stage.api.requests.filter(({ verb }) => verb === 'updateStatus')
  const steps = records.map(({ body }) => {
    const { status } = body as { readonly status: { readonly state?: string; readonly canaryWeight?: number } }
    return `${status.state} ${status.canaryWeight}`
  })
  return steps.filter((step, at) => step !== steps[at - 1])
}

/** Each event of this kind comes after the one that follows it. */
const swapped = (wanted: string) => {
  let held: WatchEvent | undefined
  return (event: WatchEvent, { kind }: { readonly kind: string }): readonly WatchEvent[] => {
    if (kind !== wanted) return [event]
    const [before, now] = [held, event]
    held = before ? undefined : now
    return before ? [now, before] : []
  }
}

it('events that come twice are one to us', async () => {
  const undisturbed = await released(await initialized())
  const stage = await initialized()
  await bendWatches(stage, event => [event, event])
  expect(await released(stage)).toEqual(undisturbed)
  expect(standing(stage)).toEqual(promoted)
})

it.each(watchedKinds)('events of $kind that overtake each other lead nowhere else', async ({ kind }) => {
  const stage = await initialized()
  await stage.edit({ progressDeadlineSeconds: 600 })
  await bendWatches(stage, swapped(kind))
  await released(stage)
  expect(standing(stage)).toEqual(promoted)
})
