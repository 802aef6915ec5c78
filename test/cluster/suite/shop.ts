import type { KindRef, KubeObject } from '../../../src/api/object.ts'
import type { CanaryView } from '../../../src/sandbox/story/canary-view.ts'
import type { Version } from '../../../src/sandbox/story/release.ts'
import { daemonSets, deployments, events, services } from './kinds.ts'
import { createRolloutLog, isResting, type RolloutLog } from './rollout-log.ts'
import { containerOf, hostOf, type ShopOptions, selectorOf, shopManifests } from './shop-manifests.ts'
import type { Stage } from './stage.ts'
import { sendUsers, type Users } from './users.ts'
import { eventually } from './waiting.ts'

/** An application in a namespace of its own, its Canary, and its users. */
export interface Shop {
  readonly name: string
  readonly log: RolloutLog
  readonly users: Users
  /** Releases a version as a team would, by changing the pod template; resolves when Serin has noticed. */
  release(version: Version): Promise<void>
  /** Resolves when nothing goes on any more. */
  end(): Promise<CanaryView>
  /** What the Events of the Canary say, oldest first; one that came several times is there so often. */
  news(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface OpenOptions extends ShopOptions {
  /** Requests a second; 0 where no gateway leads to the shop. */
  readonly usersPerSecond: number
  /** Hears each step, from the first one on. */
  readonly onStep?: (canary: CanaryView) => void
}

export const good = (name: string): Version => ({ name, errorRate: 0, latencyMs: 0 })

const key = (name: string) => ({ namespace: name, name: 'shop' })

interface EventObject extends KubeObject {
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string
}

/** What the Events of the Canary in this namespace say, oldest first; one that came several times is there so often. */
export const newsOf = async ({ api, io }: Stage, name: string): Promise<readonly string[]> => {
  const { items } = await api.list(events, { namespace: name, fieldSelector: 'involvedObject.kind=Canary' }, io)
  return (items as readonly EventObject[])
    .toSorted((a, b) => (a.firstTimestamp ?? '').localeCompare(b.firstTimestamp ?? ''))
    .flatMap(({ message = '', count = 1 }) => Array.from({ length: count }, () => message))
}

/** What the chat was told about a shop; it may be told after the status says so, so `count` messages are waited for. */
export const chatOf = async ({ slack, io }: Stage, name: string, count: number): Promise<readonly string[]> => {
  const texts = () => slack.messages.filter(({ author }) => author === `shop.${name}`).map(({ text }) => text)
  await eventually({ what: `${count} messages about ${name}`, look: async () => texts().length >= count || undefined }, io)
  return texts()
}

/** Users come as soon as they are served: from then on not one of their requests may fail. */
export const whenServed = async ({ io, gatewayUrl }: Stage, options: Pick<OpenOptions, 'name' | 'usersPerSecond'>): Promise<Users> => {
  const users = { url: gatewayUrl, host: hostOf(options), perSecond: options.usersPerSecond }
  await eventually(
    {
      what: `an answer from ${users.host}`,
      look: async () => {
        const first = sendUsers({ ...users, perSecond: 20 }, io)
        await eventually({ what: 'a request', look: async () => first.count() > 5 || undefined }, io)
        await first.leave()
        return first.failed().length === 0 || undefined
      },
    },
    io,
  )
  return sendUsers(users, io)
}

const nobody = ({ io, gatewayUrl }: Stage, options: OpenOptions): Users =>
  sendUsers({ url: gatewayUrl, host: hostOf(options), perSecond: 0 }, io)

/** What a team changes in its target to release a version. */
const newsOfTarget = (options: OpenOptions, version: Version): readonly [KindRef, Readonly<Record<string, unknown>>] => {
  if (options.kind === 'Service') return [services, { selector: selectorOf(version) }]
  const template = { spec: { containers: [containerOf(version, options)] } }
  return [options.kind === 'DaemonSet' ? daemonSets : deployments, { template }]
}

/** Opens a shop with a version that is good, and waits until Serin has built its primary and users are served. */
export const openShop = async (stage: Stage, options: OpenOptions): Promise<Shop> => {
  const { api, tools, io } = stage
  const { name } = options
  const closing = new AbortController()
  const shopIo = { ...io, signal: AbortSignal.any([io.signal, closing.signal]) }
  const log = createRolloutLog(api, key(name), shopIo)
  if (options.onStep) log.onStep(options.onStep)
  const watching = log.run(shopIo)
  await tools.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, ...shopManifests(options, good('v1')))
  await log.until(canary => canary.state === 'Initialized', 'the primary to be built')
  const users = options.usersPerSecond === 0 ? nobody(stage, options) : await whenServed(stage, options)
  return {
    name,
    log,
    users,
    release: async version => {
      const { analysed } = log.now()
      const [kind, spec] = newsOfTarget(options, version)
      await api.patch(kind, key(name), { type: 'merge', body: { spec } }, io)
      await log.until(canary => canary.analysed !== analysed || !isResting(canary), `${version.name} to be noticed`)
    },
    end: () => log.until(isResting, 'the rollout to end'),
    news: () => newsOf(stage, name),
    close: async () => {
      await users.leave()
      closing.abort(new Error('the shop is closed'))
      await watching
    },
  }
}
