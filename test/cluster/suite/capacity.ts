import { latenciesOf } from '../../../bench/statistics.ts'
import { trackLabel } from '../../../src/api/marks.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import { sleep } from '../../../src/clock.ts'
import type { Version } from '../../../src/sandbox/story/release.ts'
import { deployments } from './kinds.ts'
import { good, type OpenOptions, openShop, type Shop } from './shop.ts'
import type { Stage } from './stage.ts'
import { eventually } from './waiting.ts'

/*
 * What users notice of a release where pods are scarce: the scaler of the primary takes its pods away while the canary serves, new pods need
 * 20 s until they are ready, and rolling may take a quarter of them away. Speaks only the API that any controller of these resources serves.
 */

const name = 'capacity'
const pods = 4

const scaler: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { namespace: name, name: 'shop' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
    minReplicas: 1,
    maxReplicas: pods,
    // A tenth of what each of four pods uses under the load of this scenario: pods that serve are all kept, pods that do not are not.
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '4m' } } }],
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
  },
}

const options: OpenOptions = {
  name,
  provider: 'gatewayapi:v1',
  usersPerSecond: 30,
  replicas: pods,
  beside: [scaler],
  env: { STARTUP_DELAY_MS: '20000', CPU_MS: '4' },
  container: { resources: { requests: { cpu: '100m' } } },
  spec: { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'shop' } },
  analysis: { interval: '6s', threshold: 5, stepWeights: [50, 100] },
}

const slow: Version = { name: 'v3', errorRate: 0, latencyMs: 2500 }
/** How long users are watched before the release and after each rollout. */
const watchMs = 6000

interface Seen {
  readonly asked: number
  readonly available: number
}

const lookAt = async ({ api, io }: Stage, workload: string): Promise<Seen> => {
  const found = await api.get(deployments, { namespace: name, name: workload }, io)
  const { replicas = 0 } = (found?.['spec'] ?? {}) as { readonly replicas?: number }
  const { availableReplicas = 0 } = (found?.['status'] ?? {}) as { readonly availableReplicas?: number }
  return { asked: replicas, available: availableReplicas }
}

/** Looks at the primary every second until told to stop; answers with the fewest pods that it asked for, and that it had. */
const watchPrimary = (stage: Stage) => {
  const seen: Seen[] = []
  const stopping = new AbortController()
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      seen.push(await lookAt(stage, 'shop-primary'))
      await sleep(stage.io.clock, 1000, AbortSignal.any([stage.io.signal, stopping.signal]))
    }
  }
  const running = run()
  return async () => {
    stopping.abort(new Error('seen enough'))
    await running
    return { fewestAsked: Math.min(...seen.map(one => one.asked)), fewestAvailable: Math.min(...seen.map(one => one.available)) }
  }
}

/** What users saw from one time to another. */
const usersFrom = (shop: Shop, fromMs: number, toMs: number) => {
  const { p50Ms, p99Ms, samples } = latenciesOf(shop.users.latencies(fromMs, toMs))
  const failed = shop.users.failed(fromMs).filter(({ atMs }) => atMs < toMs)
  return { requests: samples, failed: failed.length, failures: [...new Set(failed.map(({ failure = '' }) => failure))], p50Ms, p99Ms }
}

/** One release from its push to its end, and how users fared meanwhile and right after. */
const releaseOf = async (stage: Stage, shop: Shop, version: Version) => {
  const { clock, signal } = stage.io
  const stopWatching = watchPrimary(stage)
  const startMs = clock.nowMs()
  await shop.release(version)
  const { phase, failure } = await shop.end()
  const endMs = clock.nowMs()
  const primary = await stopWatching()
  await sleep(clock, watchMs, signal)
  return {
    phase,
    failure,
    seconds: Math.round((endMs - startMs) / 1000),
    primaryPods: primary,
    during: usersFrom(shop, startMs, endMs),
    after: usersFrom(shop, endMs, clock.nowMs()),
  }
}

/** Its scaler would take pods and bring them for as long as the cluster is there, and nobody asks them anything any more. */
const clear = ({ tools }: Stage): Promise<string> =>
  tools.kubectl(['delete', 'canaries,horizontalpodautoscalers,deployments', '--all', '-n', name])

/** The Services whose EndpointSlices carry the label by which Serin watches them: Kubernetes copies it from the Services. */
const watchedServices = async ({ tools }: Stage): Promise<readonly string[]> => {
  const path = 'jsonpath={.items[*].metadata.labels.kubernetes\\.io/service-name}'
  const names = await tools.kubectl(['get', 'endpointslices', '-n', name, '-l', trackLabel, '-o', path])
  return [...new Set(names.trim().split(/\s+/))].sort()
}

/** Plays it: a promotion, then a rollback. Numbers are those of users at a steady rate, through Envoy. */
export const playCapacity = async (stage: Stage) => {
  const { clock } = stage.io
  const shop = await openShop(stage, options)
  try {
    const isFull = async () => (await lookAt(stage, 'shop-primary')).available === pods || undefined
    await eventually({ what: `${pods} pods of the primary`, look: isFull, everyMs: 1000 }, stage.io)
    const sinceMs = clock.nowMs()
    await sleep(clock, watchMs, stage.io.signal)
    const before = usersFrom(shop, sinceMs, clock.nowMs())
    const promotion = await releaseOf(stage, shop, good('v2'))
    await eventually({ what: `${pods} pods of the primary`, look: isFull, everyMs: 1000 }, stage.io)
    const rollback = await releaseOf(stage, shop, slow)
    return { pods, before, promotion, rollback, steps: shop.log.steps, watched: await watchedServices(stage) }
  } finally {
    await shop.close()
    await clear(stage)
  }
}
