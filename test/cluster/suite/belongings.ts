import type { KubeObject } from '../../../src/api/object.ts'
import type { ShopOptions } from './shop-manifests.ts'

const configOf = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name: 'shop' },
  data: { MESSAGE: 'hello from the shop' },
})

const secretOf = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name: 'shop' },
  stringData: { PASSWORD: 'canary' },
})

const scalerOf = (namespace: string): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { namespace, name: 'shop' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
    minReplicas: 2,
    maxReplicas: 3,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 400 } } }],
  },
})

/** What a team usually has beside its workload: configuration, a secret and a scaler, all of which belong to a release. */
export const belongings = (namespace: string): Pick<ShopOptions, 'beside' | 'container' | 'spec'> => ({
  beside: [configOf(namespace), secretOf(namespace), scalerOf(namespace)],
  container: {
    envFrom: [{ configMapRef: { name: 'shop' } }, { secretRef: { name: 'shop' } }],
    resources: { requests: { cpu: '100m' } },
  },
  spec: { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'shop' } },
})
