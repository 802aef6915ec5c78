import type { KindRef, KubeObject } from '../../../src/api/object.ts'
import { canaries, controllerRevisions, deployments, httpRoutes, services } from './kinds.ts'
import { playAct, releaseGood } from './rollouts.ts'
import { scenario } from './scenario.ts'
import { good, type OpenOptions } from './shop.ts'
import { shopManifests } from './shop-manifests.ts'
import type { Stage } from './stage.ts'
import { eventually } from './waiting.ts'

const name = 'orphaned'

/** What means something in HTML is written in a way of its own by the API server, in revisions as well. */
const options: OpenOptions = { name, provider: 'gatewayapi:v1', usersPerSecond: 20, env: { WANTED: 'a < b && c > d' } }

const made: readonly KindRef[] = [deployments, services, httpRoutes, controllerRevisions]

/** What stands in the namespace of the shop and belongs to a Canary. */
const owned = async ({ api, io }: Stage): Promise<readonly string[]> => {
  const lists = await Promise.all(made.map(kind => api.list(kind, { namespace: name }, io)))
  return lists.flatMap(({ items }) => items.filter(belongsToCanary).map(({ kind, metadata }) => `${kind} ${metadata.name}`))
}

const belongsToCanary = ({ metadata }: KubeObject): boolean => metadata.ownerReferences?.some(({ kind }) => kind === 'Canary') ?? false

const deleteWithoutWhatItMade = ({ tools }: Stage): Promise<string> =>
  tools.kubectl(['delete', 'canary', 'shop', '--namespace', name, '--cascade=orphan', '--timeout=60s'])

/** Resolves when the Canary has taken over what the one before it left. */
const makeAgain = async ({ api, tools, io }: Stage): Promise<void> => {
  await tools.apply(...shopManifests(options, good('v1')).filter(({ kind }) => kind === 'Canary'))
  const look = async () => {
    const canary = await api.get(canaries, { namespace: name, name: 'shop' }, io)
    return (canary?.['status'] as { readonly phase?: string } | undefined)?.phase === 'Initialized' || undefined
  }
  await eventually({ what: 'the Canary to be initialized again', look }, io)
}

/** A team deletes its Canary without what that made, makes it again, and goes on to its next version. */
export const orphaned = scenario(async stage => {
  const seen: Record<'before' | 'between' | 'after', readonly string[]> = { before: [], between: [], after: [] }
  const outcome = await playAct(stage, options, async shop => {
    seen.before = await owned(stage)
    await deleteWithoutWhatItMade(stage)
    seen.between = await owned(stage)
    await makeAgain(stage)
    seen.after = await owned(stage)
    await releaseGood(shop, stage)
  })
  return { ...outcome, seen }
})
