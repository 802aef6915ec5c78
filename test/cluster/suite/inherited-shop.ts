import { type KindRef, type KubeObject, keyOf } from '../../../src/api/object.ts'
import type { KubeApi } from '../../../src/kube/kube-api.ts'
import { autoscalers, configMaps, httpRoutes, secrets } from '../../../src/sandbox/objects/kinds.ts'
import { type Inherited, teamsObjects, theirObjects, theirStatus } from './inherited-objects.ts'
import { canaries, deployments, pods, services } from './kinds.ts'
import { createRolloutLog, type RolloutLog } from './rollout-log.ts'
import { newsOf, whenServed } from './shop.ts'
import type { Stage } from './stage.ts'
import type { Users } from './users.ts'

/** A shop whose releases another controller made until now. */
export interface InheritedShop {
  readonly name: string
  readonly users: Users
  readonly log: RolloutLog
  /** What a team would notice if it changed: specs of all that the other controller left, as texts by kind and name. */
  specs(): Promise<Readonly<Record<string, string>>>
  /** Pods of the primary with the times at which their containers started. */
  primaryPods(): Promise<readonly string[]>
  canary(): Promise<KubeObject | undefined>
  news(): Promise<readonly string[]>
  close(): Promise<void>
}

const usersPerSecond = 25
const canaryName = 'app'
const kinds: readonly KindRef[] = [deployments, services, httpRoutes, autoscalers, configMaps, secrets]

const kindOf = (object: KubeObject): KindRef => {
  const found = kinds.find(({ kind }) => kind === object.kind)
  if (!found) throw new Error(`expected one of ${kinds.map(({ kind }) => kind).join(', ')}, got ${object.kind}`)
  return found
}

/** Builds it: what the team has in Git, then what the other controller made of it, under that controller's name. */
const build = async ({ tools, api, io }: Stage, theirApi: KubeApi, inherited: Inherited): Promise<void> => {
  const { name, replicas } = inherited
  await tools.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, ...teamsObjects(inherited))
  const key = { namespace: name, name: canaryName }
  const canary = await api.get(canaries, key, io)
  if (!canary) throw new Error(`expected the Canary ${name}/${canaryName}, found none`)
  await theirApi.patch(deployments, key, { type: 'merge', body: { spec: { replicas } } }, io)
  for (const object of theirObjects(inherited, canary.metadata.uid ?? '')) await theirApi.create(kindOf(object), object, io)
  await theirApi.updateStatus(canaries, { ...canary, status: theirStatus(inherited) }, io)
}

const contentOf = ({ spec, data }: KubeObject): string => JSON.stringify({ spec, data })

interface PodStatus {
  readonly containerStatuses?: readonly {
    readonly restartCount: number
    readonly state?: { readonly running?: { readonly startedAt: string } }
  }[]
}

const podText = (pod: KubeObject): string => {
  const { containerStatuses = [] } = (pod['status'] ?? {}) as PodStatus
  const starts = containerStatuses.map(({ restartCount, state }) => `${restartCount} restarts, since ${state?.running?.startedAt}`)
  return `${pod.metadata.name} ${pod.metadata.uid}: ${starts.join('; ')}`
}

/** Everything as the other controller left it, with users. */
export const inheritShop = async (stage: Stage, theirApi: KubeApi, inherited: Inherited): Promise<InheritedShop> => {
  const { api, tools, io } = stage
  const { name } = inherited
  await build(stage, theirApi, inherited)
  const closing = new AbortController()
  const shopIo = { ...io, signal: AbortSignal.any([io.signal, closing.signal]) }
  const log = createRolloutLog(api, { namespace: name, name: canaryName }, shopIo)
  const watching = log.run(shopIo)
  for (const workload of [canaryName, `${canaryName}-primary`])
    await tools.kubectl(['rollout', 'status', '--timeout=240s', '-n', name, `deployment/${workload}`])
  const users = await whenServed(stage, { name, usersPerSecond })
  const list = async (kind: KindRef, labelSelector = '') => (await api.list(kind, { namespace: name, labelSelector }, io)).items
  return {
    name,
    users,
    log,
    specs: async () => {
      const objects = (await Promise.all(kinds.map(kind => list(kind)))).flat()
      return Object.fromEntries(objects.map(object => [`${object.kind} ${keyOf(object).name}`, contentOf(object)]))
    },
    primaryPods: async () => (await list(pods, 'app=app-primary')).map(podText).toSorted(),
    canary: () => api.get(canaries, { namespace: name, name: canaryName }, io),
    news: () => newsOf(stage, name),
    close: async () => {
      await users.leave()
      closing.abort(new Error('the shop is closed'))
      await watching
    },
  }
}
