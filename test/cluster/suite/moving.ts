import type { KindRef } from '../../../src/api/object.ts'
import { canaries, destinationRules, httpRoutes, virtualServices } from './kinds.ts'
import { loseOwnersOfPins } from './lost-owners.ts'
import { scenario } from './scenario.ts'
import { good, openShop } from './shop.ts'
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
        const kinds = await standing(stage)
        return kinds.includes(kind) ? undefined : kinds
      },
    },
    stage.io,
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
  const news = await shop.news()
  const kept = await loseOwnersOfPins(stage, name)
  await shop.close()
  return { end, moved, back, news, kept, steps: shop.log.steps }
})
