import type { KubeObject } from '../api/object.ts'
import type { Store } from '../kube/kube-api.ts'
import { realPort } from './objects/pod-state.ts'
import type { Target } from './prometheus/scrape/target.ts'

interface PodStatus {
  readonly podIP?: string
  readonly phase?: string
}

const prefix = 'prometheus.io/'

/** What the usual annotations ask to scrape, with the labels that the usual relabelling gives. */
const targetOf = (pod: KubeObject): readonly Target[] => {
  const { annotations = {}, labels = {}, name, namespace = '' } = pod.metadata
  const { podIP, phase } = (pod['status'] ?? {}) as PodStatus
  if (annotations[`${prefix}scrape`] !== 'true' || !podIP || phase !== 'Running' || pod.metadata.deletionTimestamp) return []
  return [
    {
      address: `${podIP}:${realPort(pod, Number(annotations[`${prefix}port`] ?? '80'))}`,
      path: annotations[`${prefix}path`] ?? '/metrics',
      labels: {
        job: 'kubernetes-pods',
        kubernetes_namespace: namespace,
        kubernetes_pod_name: name,
        ...(labels['app'] ? { app: labels['app'] } : {}),
      },
    },
  ]
}

/** Pods to scrape as the API says now, and what is always there besides. */
export const scrapeTargets = (pods: Store, fixed: readonly Target[]) => (): readonly Target[] => [
  ...pods.list().flatMap(targetOf),
  ...fixed,
]
