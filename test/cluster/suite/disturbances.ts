import { request } from 'undici'
import { type KubeObject, keyOf } from '../../../src/api/object.ts'
import { sleep } from '../../../src/clock.ts'
import { isTrue } from '../../../src/sandbox/objects/conditions.ts'
import type { Condition } from '../../../src/sandbox/objects/view.ts'
import type { ControlPlaneProcess } from '../cluster-under-test.ts'
import { pods } from './kinds.ts'
import { killProcess, leadingPod, removePod, takeoverMs } from './serin-pods.ts'
import type { Stage } from './stage.ts'
import { eventually } from './waiting.ts'

/** How long the API server does not answer, and the metric store is away. */
const frozenMs = 30_000
const awayMs = 60_000

type Verb = 'stop' | 'start' | 'freeze' | 'thaw'

const control = async ({ cluster }: Stage, process: ControlPlaneProcess, verb: Verb): Promise<void> => {
  const { statusCode, body } = await request(`${cluster.control}/${process}/${verb}`, { method: 'POST' })
  const answer = await body.text()
  if (statusCode !== 200) throw new Error(`expected to ${verb} ${process}, got ${statusCode}: ${answer}`)
}

/** SIGKILL to the replica that leads; milliseconds until another leads. */
export const killLeader = async (stage: Stage): Promise<number> => {
  const leader = await leadingPod(stage)
  killProcess(leader)
  return takeoverMs(stage, leader)
}

/** The pod that leads is deleted, which begins with SIGTERM; milliseconds until another leads. */
export const dismissLeader = async (stage: Stage): Promise<number> => {
  const leader = await leadingPod(stage)
  const [ms] = await Promise.all([takeoverMs(stage, leader), removePod(stage, leader)])
  return ms
}

export const restartApiServer = async (stage: Stage): Promise<void> => {
  await control(stage, 'kube-apiserver', 'stop')
  await control(stage, 'kube-apiserver', 'start')
}

/** It is there, takes connections and says nothing: worse than not being there. */
export const freezeApiServer = async (stage: Stage): Promise<void> => {
  await control(stage, 'kube-apiserver', 'freeze')
  await sleep(stage.io.clock, frozenMs, stage.io.signal)
  await control(stage, 'kube-apiserver', 'thaw')
}

/** Prometheus is away for a minute, and comes back remembering nothing. */
export const takePrometheusAway = async ({ tools, io }: Stage, namespace: string): Promise<void> => {
  const scale = (replicas: number) => tools.kubectl(['scale', '-n', namespace, 'deployment/prometheus', `--replicas=${replicas}`])
  await scale(0)
  await sleep(io.clock, awayMs, io.signal)
  await scale(1)
}

const envoyPods = async ({ api, io }: Stage): Promise<readonly KubeObject[]> =>
  (await api.list(pods, { namespace: 'projectcontour', labelSelector: 'app=envoy' }, io)).items

const isReady = (pod: KubeObject): boolean =>
  isTrue((pod['status'] as { readonly conditions?: readonly Condition[] } | undefined)?.conditions, 'Ready')

/** Whether anybody answers behind the gateway: to a host that nobody serves, Envoy says so itself. */
const gatewayAnswers = async ({ gatewayUrl }: Stage): Promise<true> => {
  const { body } = await request(gatewayUrl, { headers: { host: 'nobody.example.com' } })
  await body.dump()
  return true
}

/** Envoy dies and another one comes; when there was none, on the clock that users have. */
export const restartEnvoy = async (stage: Stage): Promise<{ readonly fromMs: number; readonly toMs: number }> => {
  const { api, io } = stage
  const fromMs = io.clock.nowMs()
  const old = await envoyPods(stage)
  for (const pod of old) await api.delete(pods, keyOf(pod), { gracePeriodSeconds: 0 }, io)
  const isNew = (pod: KubeObject) => isReady(pod) && old.every(({ metadata }) => metadata.uid !== pod.metadata.uid)
  await eventually({ what: 'another Envoy', look: async () => (await envoyPods(stage)).find(isNew) }, io)
  await eventually({ what: 'an answer from it', look: () => gatewayAnswers(stage) }, io)
  return { fromMs, toMs: io.clock.nowMs() }
}
