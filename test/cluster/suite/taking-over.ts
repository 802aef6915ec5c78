import type { CanaryView } from '../../../src/sandbox/story/canary-view.ts'
import { applyOurDefinitions, installFieldDefinitions } from './field-definitions.ts'
import type { Inherited } from './inherited-objects.ts'
import { type InheritedShop, inheritShop } from './inherited-shop.ts'
import { holdOtherLease } from './other-lease.ts'
import { isResting } from './rollout-log.ts'
import { installSerin } from './serin-release.ts'
import { connectAs, type Stage } from './stage.ts'
import { eventually } from './waiting.ts'

/*
 * A cluster that the field's controller managed, and managed well: its objects in each phase, with users. Serin is installed beside it, as
 * docs/taking-over.md tells people to, and that controller is told to stop.
 */

const weighted = { provider: 'gatewayapi:v1' } as const
const blueGreen = { provider: 'kubernetes' } as const

/** Those whose releases are over. */
export const atRest = [
  { name: 'inherited-initialized', ...blueGreen, step: '1-initialized', replicas: 0 },
  { name: 'inherited-succeeded', ...weighted, step: '4-succeeded', replicas: 0 },
  { name: 'inherited-failed', ...weighted, step: '5-failed', replicas: 0 },
] as const satisfies readonly Inherited[]

/** Those with a version on trial. The field keeps no weight in the status while it waits before a promotion. */
export const inTheMiddle = [
  { name: 'inherited-progressing', ...weighted, step: '2-at-20', replicas: 2 },
  { name: 'inherited-blue-green', ...blueGreen, step: '2-at-20', replicas: 2, status: { canaryWeight: 0, iterations: 2 } },
  {
    name: 'inherited-waiting',
    ...weighted,
    step: '2-at-20',
    replicas: 2,
    status: { phase: 'WaitingPromotion', canaryWeight: 0, iterations: -1 },
  },
] as const satisfies readonly Inherited[]

/** One whose primary has just been given the version. */
export const promoting = { name: 'inherited-promoting', ...weighted, step: '3-promoting', replicas: 2 } as const satisfies Inherited

const all: readonly Inherited[] = [...atRest, ...inTheMiddle, promoting]
export type InheritedName = (typeof atRest)[number]['name'] | (typeof inTheMiddle)[number]['name'] | typeof promoting.name

interface Condition {
  readonly type: string
  readonly reason?: string
}

/** Why Serin does nothing about it, as everybody can read. */
const stalledBecause = async (shop: InheritedShop): Promise<string | undefined> => {
  const { conditions = [] } = ((await shop.canary())?.['status'] ?? {}) as { readonly conditions?: readonly Condition[] }
  return conditions.find(({ type }) => type === 'Stalled')?.reason
}

const lookAt = async (shop: InheritedShop) => ({ pods: await shop.primaryPods(), specs: await shop.specs(), steps: [...shop.log.steps] })

const isAnalysing = ({ analysed, state }: CanaryView): boolean => analysed !== '' && state === 'Progressing.analysing'
const isAtRest = (canary: CanaryView): boolean => canary.analysed !== '' && isResting(canary)

/** What became of one shop from the moment at which nobody else was at work. */
const follow = async (stage: Stage, shop: InheritedShop) => {
  const isOnTrial = inTheMiddle.some(({ name }) => name === shop.name)
  if (isOnTrial) await shop.log.until(isAnalysing, 'the analysis to begin anew')
  const podsOnTrial = isOnTrial ? await shop.primaryPods() : []
  const end = await shop.log.until(isAtRest, 'Serin to have taken over, and to have come to its end')
  const endedMs = stage.io.clock.nowMs()
  await shop.users.enough(endedMs)
  return { end, podsOnTrial, after: await lookAt(shop), news: await shop.news(), versions: [...shop.users.versions(endedMs)] }
}

/** Plays it to the end of all that was under way. */
export const playTakingOver = async (stage: Stage) => {
  await installFieldDefinitions(stage)
  const { api: theirApi, close } = await connectAs('flagger', stage.cluster, stage.io)
  const shops = await Promise.all(all.map(inherited => inheritShop(stage, theirApi, inherited)))
  try {
    const before = await Promise.all(shops.map(lookAt))
    const lease = await holdOtherLease(theirApi, stage.io)
    await applyOurDefinitions(stage)
    await installSerin(stage, { replicas: 1 })
    const isWaiting = async () =>
      (await Promise.all(shops.map(stalledBecause))).every(reason => reason === 'OtherControllerActive') || undefined
    await eventually({ what: 'Serin to say that another is at work', look: isWaiting, everyMs: 500 }, stage.io)
    const beside = await Promise.all(shops.map(lookAt))
    await lease.giveBack()
    const followed = await Promise.all(shops.map(shop => follow(stage, shop)))
    const outcomes = shops.map(({ name, users }, at) => [
      name,
      { before: before[at], beside: beside[at], ...followed[at], failed: users.failed(), requests: users.count() },
    ])
    return Object.fromEntries(outcomes) as Readonly<Record<InheritedName, Outcome>>
  } finally {
    await Promise.all(shops.map(shop => shop.close()))
    await close()
  }
}

type Look = Awaited<ReturnType<typeof lookAt>>

type Outcome = Awaited<ReturnType<typeof follow>> & {
  readonly before: Look
  readonly beside: Look
  readonly failed: ReturnType<InheritedShop['users']['failed']>
  readonly requests: number
}
