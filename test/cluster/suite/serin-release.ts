import { join } from 'node:path'
import type { Stage } from './stage.ts'

const chart = join(import.meta.dirname, '../../../charts/serin')
export const serinNamespace = 'serin-system'

/** Faster than people would have it, so that nobody has to wait. */
const pace = ['-min-analysis-interval=1s', '-drain=2s', '-settle=2s']

export interface InstallOptions {
  /** More than one elect a leader. */
  readonly replicas: number
}

const valuesOf = ({ slack }: Stage, { replicas }: InstallOptions) => ({
  meshProvider: 'gatewayapi:v1',
  metricsServer: 'http://prometheus.monitoring:9090',
  slack: { url: slack.url, channel: 'releases' },
  leaderElection: { enabled: replicas > 1, replicaCount: replicas },
  extraArgs: pace,
  rbac: { providers: ['gatewayapi:v1', 'istio', 'kubernetes'] },
})

const flat = (values: object, prefix = ''): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? flat(value, `${prefix}${name}.`)
      : ['--set-json', `${prefix}${name}=${JSON.stringify(value)}`],
  )

/** Installs Serin with the chart and nothing but the chart's rights, or changes what is installed. Resolves when all replicas are ready. */
export const installSerin = async (stage: Stage, options: InstallOptions): Promise<void> => {
  const args = ['upgrade', '--install', 'serin', chart, '-n', serinNamespace, '--create-namespace', '--wait', '--timeout=240s']
  await stage.tools.helm([...args, ...flat(valuesOf(stage, options))])
}

/**
 * Takes away what was installed: the files that come next on the same cluster have Canaries of their own, which nobody else may write to.
 * First the pods, and their rights only when they are gone: a pod that outlives its rights asks for what it has no right to.
 */
export const uninstallSerin = async ({ tools }: Stage): Promise<void> => {
  const pods = ['-n', serinNamespace, '-l', 'app.kubernetes.io/name=serin', '--ignore-not-found', '--wait', '--timeout=120s']
  await tools.kubectl(['delete', 'deployments', '--cascade=foreground', ...pods])
  await tools.helm(['uninstall', 'serin', '-n', serinNamespace, '--ignore-not-found', '--wait', '--timeout=120s'])
}
