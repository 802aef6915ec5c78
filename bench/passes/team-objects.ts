import type { KubeObject } from '../../src/api/object.ts'

/** How the Canaries of a benchmark look. */
export interface Teams {
  readonly canaries: number
  /** They are spread over so many namespaces. */
  readonly namespaces: number
  readonly intervalSeconds: number
  /** Pods of each target; 3 when absent. */
  readonly replicas?: number
}

export const namespaceOf = (index: number, { namespaces }: Teams): string => `team-${index % namespaces}`
export const nameOf = (index: number): string => `app-${index}`

/** Smallest steps, so that a rollout that began goes on for as long as anybody measures: 100 intervals. */
const stepWeight = 1

const env = Array.from({ length: 12 }, (_, index) => ({ name: `SETTING_${index}`, value: `value-of-setting-${index}` }))
const probe = { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10 }

const deployment = (name: string, namespace: string, { replicas = 3 }: Teams): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels: { app: name, team: namespace } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name, team: namespace }, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' } },
      spec: {
        containers: [
          {
            name: 'app',
            image: 'registry.example/team/app:1',
            ports: [{ name: 'http', containerPort: 8080 }],
            env,
            envFrom: [{ configMapRef: { name } }],
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
            livenessProbe: probe,
            readinessProbe: probe,
          },
        ],
      },
    },
  },
})

const canary = (name: string, namespace: string, { intervalSeconds }: Teams): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name, namespace },
  spec: {
    provider: 'gatewayapi:v1',
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    progressDeadlineSeconds: 600,
    service: { port: 80, targetPort: 8080, hosts: [`${name}.example.com`], gatewayRefs: [{ name: 'gateway', namespace: 'gateways' }] },
    analysis: {
      interval: `${intervalSeconds}s`,
      threshold: 5,
      stepWeight,
      maxWeight: 100,
      metrics: [
        { name: 'request-success-rate', interval: '1m', thresholdRange: { min: 99 } },
        { name: 'request-duration', interval: '1m', thresholdRange: { max: 500 } },
      ],
    },
  },
})

/** What one team keeps in Git: a Deployment of usual size, its ConfigMap, and the Canary that releases it. */
export const teamObjects = (index: number, teams: Teams): readonly KubeObject[] => {
  const [name, namespace] = [nameOf(index), namespaceOf(index, teams)]
  const config: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { GREETING: `hello from ${name}` },
  }
  return [config, deployment(name, namespace, teams), canary(name, namespace, teams)]
}

/** What a person changes to release a new version. */
export const newImage = (version: number): Readonly<Record<string, unknown>> => ({
  spec: { template: { spec: { containers: [{ name: 'app', image: `registry.example/team/app:${version}` }] } } },
})
