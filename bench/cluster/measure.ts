import type { ControlPlane } from '../../test/cluster/control-plane/control-plane.ts'
import type { BenchmarkIo, Figures } from '../benchmark.ts'
import { type Children, withChildren } from '../children.ts'
import { type Controller, startController } from '../passes/controller.ts'
import { measureBusy, measureColdStart, measureIdle, measureInitialization } from '../passes/measurements.ts'
import { pause, type Stage, startMetricStore } from '../passes/stage.ts'
import { rounded } from '../statistics.ts'
import { startForeign } from './foreign-controller.ts'
import type { ClusterPlan } from './plan.ts'
import { controllerUser, withCluster } from './prepare.ts'
import type { SurroundingsQuestions } from './surroundings.ts'

/** The target is made of one pod of a kind that thousands of teams have: what pods cost is the cluster's affair. */
const replicas = 1

interface Place {
  readonly plan: ClusterPlan
  readonly plane: ControlPlane
  readonly children: Children
  readonly io: BenchmarkIo
}

const setStage = async ({ plan, plane, children, io }: Place): Promise<Stage> => {
  const { canaries, namespaces, interval } = plan.settings
  const cluster = children.start<SurroundingsQuestions>({ name: 'surroundings', file: new URL('./surroundings.ts', import.meta.url) })
  const { store, metricServer } = await startMetricStore(children)
  const { kubeconfig, limitedKubeconfig, auditLog } = plane.files
  const teams = { canaries, namespaces: Math.min(namespaces, canaries), intervalSeconds: interval, replicas }
  io.say(`cluster: ${canaries} canaries`)
  await cluster.ask('begin', { kubeconfig, auditLog, user: controllerUser, teams })
  return { children, cluster, store, settings: plan.settings, io, kubeconfig: limitedKubeconfig, metricServer }
}

/** Writes of a beginning still settle when the phases are there already. */
const settleMs = 5000

interface Found {
  readonly initialization: Figures
  readonly coldStart: Figures | undefined
  readonly idle: Figures
  readonly busy: Figures
}

const measureRest = async (stage: Stage, controller: Controller, busyStates: readonly string[]) => {
  await pause(settleMs, stage.io)
  stage.io.say('cluster: idle')
  const idle = await measureIdle(stage, controller)
  stage.io.say('cluster: busy')
  return { idle, busy: await measureBusy(stage, controller, busyStates) }
}

const analysing = ['Progressing.analysing']

const measureOurs = async (stage: Stage): Promise<Found> => {
  const first = await startController(stage)
  await first.untilReady()
  const initialization = await measureInitialization(stage, first)
  await pause(settleMs, stage.io)
  stage.io.say('cluster: restart')
  await first.child.stop()
  const { figures: coldStart, controller } = await measureColdStart(stage)
  return { initialization, coldStart, ...(await measureRest(stage, controller, analysing)) }
}

const measureForeign = async (stage: Stage, command: string): Promise<Found> => {
  const controller = startForeign(command, { ...process.env, KUBECONFIG: stage.kubeconfig, METRICS_SERVER: stage.metricServer })
  try {
    const initialization = await measureInitialization(stage, controller)
    return { initialization, coldStart: undefined, ...(await measureRest(stage, controller, ['Progressing', ...analysing])) }
  } finally {
    await controller.child.stop()
  }
}

const largest = (name: string, parts: readonly Figures[]): number | null =>
  rounded(Math.max(...parts.map(part => Number(part[name] ?? Number.NaN))), 1)

const seconds = (ms: unknown): number | null => (typeof ms === 'number' ? rounded(ms / 1000, 3) : null)

const summary = ({ initialization, coldStart, idle, busy }: Found): Figures => {
  const { p50Ms, p99Ms, maxMs } = busy['lateness'] as Figures
  return {
    idle,
    busy,
    initialization,
    coldStart: coldStart ?? null,
    lateness: { p50S: seconds(p50Ms), p99S: seconds(p99Ms), maxS: seconds(maxMs) },
    cpuSPer1000: busy['cpuSPer1000'] ?? null,
    rssMB: largest('rssMB', [idle, busy]),
    stallMaxMs: largest('stallMaxMs', [idle, busy]),
    coldStartS: coldStart?.['everyCanarySeenSeconds'] ?? null,
    handshakesPer1000: busy['handshakesPer1000'] ?? null,
  }
}

/** Brings a cluster up inside the namespaces we are in and measures a controller on it. */
export const measureOnCluster = (plan: ClusterPlan, io: BenchmarkIo): Promise<Figures> =>
  withCluster(plan, io, plane =>
    withChildren(io.signal, async children => {
      const stage = await setStage({ plan, plane, children, io })
      io.say('cluster: initialization')
      return summary(await (plan.command === '' ? measureOurs(stage) : measureForeign(stage, plan.command)))
    }),
  )
