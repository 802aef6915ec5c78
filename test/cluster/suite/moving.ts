import type { KindRef } from '../../../src/api/object.ts'
import { canaries, destinationRules, httpRoutes, virtualServices } from './kinds.ts'
import { loseOwnersOfPins } from './lost-owners.ts'
import { scenario } from './scenario.ts'
import { good, openShop, type Shop } from './shop.ts'
import { gatewayRef } from './shop-manifests.ts'
import type { Stage } from './stage.ts'
import { eventually } from './waiting.ts'

const name = 'moving'

/** The kinds of the routes that stand in the namespace of the shop. */
const standing = async ({ api, io }: Stage): Promise<readonly string[]> => {
  const lists = await Promise.all([virtualServices, destinationRules, httpRoutes].map(kind => api.list(kind, { namespace: name }, io)))
  return lists.flatMap(({ items }) => items.map(({ kind }) => kind))
}

const askFor = async ({ api, io }: Stage, spec: Readonly<Record<string, unknown>>): Promise<void> =>
  void (await api.patch(canaries, { namespace: name, name: 'shop' }, { type: 'merge', body: { spec } }, io))

const whenGone = async (stage: Stage, { kind }: KindRef): Promise<readonly string[]> =>
  eventually(
    {
      what: `no ${kind} to be left`,
      look: async () => {
        if ((await standing(stage)).includes(kind)) return undefined
        return standing(stage) // the lists of one look are of different moments: what took its place may have come between two of them
      },
    },
    stage.io,
  )

const isMove = (message: string): boolean => message.startsWith(`routes of shop.${name} move from `)

/** Events come after what they tell of: those of so many moves, at least. */
const whenToldOf = (shop: Shop, moves: number, { io }: Stage): Promise<readonly string[]> =>
  eventually(
    {
      what: `Events of ${moves} moves`,
      look: async () => {
        const told = (await shop.news()).filter(isMove)
        return told.length >= moves ? told : undefined
      },
    },
    io,
  )

/** A team moves to another routing layer while a version is on trial, and back once it is released; then its pins lose their owner. */
export const moving = scenario(async stage => {
  const shop = await openShop(stage, { name, provider: 'istio', usersPerSecond: 0 })
  await shop.release(good('v2'))
  await shop.log.until(({ weight }) => weight >= 25, 'v2 to get users')
  await askFor(stage, { provider: 'gatewayapi:v1', service: { gatewayRefs: [gatewayRef] } })
  const end = await shop.end()
  const moved = await whenGone(stage, virtualServices)
  await askFor(stage, { provider: 'istio' })
  const back = await whenGone(stage, httpRoutes)
  const moves = await whenToldOf(shop, 2, stage)
  const kept = await loseOwnersOfPins(stage, name)
  await shop.close()
  return { end, moved, back, moves, kept, steps: shop.log.steps }
})
