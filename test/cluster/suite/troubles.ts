import type { KubeObject } from '../../../src/api/object.ts'
import { deployments } from './kinds.ts'
import { scenario } from './scenario.ts'
import { good, type OpenOptions, openShop, type Shop } from './shop.ts'
import { containerOf } from './shop-manifests.ts'
import type { Stage } from './stage.ts'
import { eventually } from './waiting.ts'

/** Long enough for pods to start on a slow machine, and to be asked about; short enough to be waited for. */
const spec = { progressDeadlineSeconds: 60 }

/** A rollout that ends because its pods never came up, and what `kubectl describe` shows then. */
const played = (options: OpenOptions, happen: (shop: Shop, stage: Stage) => Promise<void>) =>
  scenario(async stage => {
    const shop = await openShop(stage, options)
    await happen(shop, stage)
    const end = await shop.end()
    const kubectl = (...args: readonly string[]) => stage.tools.kubectl([...args, `--namespace=${shop.name}`])
    const waitedFor = await kubectl('wait', 'canary/shop', '--for=condition=Promoted=False', '--timeout=60s')
    // Events come after the status that they tell of.
    const isTold = async () => (await shop.news()).some(message => message.startsWith('Rolling back shop.')) || undefined
    await eventually({ what: 'an Event of the rollback', look: isTold }, stage.io)
    const described = await kubectl('describe', 'canary', 'shop')
    await shop.close()
    return { end, described, waitedFor }
  })

/** An image that no registry has. */
export const noImage = played(
  { name: 'no-image', provider: 'gatewayapi:v1', usersPerSecond: 0, spec },
  async ({ name, log }, { api, io }) => {
    const { analysed } = log.now()
    const containers = [{ ...containerOf(good('v2'), {}), image: 'nowhere:v2' }]
    await api.patch(
      deployments,
      { namespace: name, name: 'shop' },
      { type: 'merge', body: { spec: { template: { spec: { containers } } } } },
      io,
    )
    await log.until(canary => canary.analysed !== analysed, 'the version to be noticed')
  },
)

const quotaOf = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { namespace, name: 'team' },
  spec: { hard: { pods: '3' } },
})

/** Room for the primary and for half of the canary. */
export const noRoom = played({ name: 'no-room', provider: 'gatewayapi:v1', usersPerSecond: 0, spec }, async (shop, { tools }) => {
  await tools.apply(quotaOf(shop.name))
  await shop.release(good('v2'))
})
