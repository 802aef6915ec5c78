/** Deployments as a production cluster has them: about 5 kB each, a third of that in `managedFields` and in kubectl's copy. */
export interface ScriptedObjects {
  readonly count: number
  /** Version of the newest change. */
  version(): number
  text(index: number): string
  /** Changes one object; the answer is its new text. */
  touch(index: number): string
}

const env = Array.from({ length: 12 }, (_, index) => ({ name: `SETTING_${index}`, value: `value-of-setting-${index}` }))
const probe = { httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' }, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 }
const container = {
  name: 'app',
  image: 'registry.example/team/app:1.2.3',
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  env,
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
  livenessProbe: probe,
  readinessProbe: probe,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
}

const owned = (fields: readonly string[]) => Object.fromEntries(fields.map(field => [`f:${field}`, {}]))
const managedFields = [
  {
    manager: 'kubectl-client-side-apply',
    operation: 'Update',
    apiVersion: 'apps/v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': {
        'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/last-applied-configuration': {} },
        'f:labels': owned(['app', 'team']),
      },
      'f:spec': {
        ...owned(['progressDeadlineSeconds', 'replicas', 'revisionHistoryLimit', 'selector']),
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"app"}': {
                ...owned(['image', 'imagePullPolicy', 'name', 'resources', 'livenessProbe', 'readinessProbe', 'ports']),
                'f:env': Object.fromEntries(env.map(({ name }) => [`k:${JSON.stringify({ name })}`, owned(['name', 'value'])])),
              },
            },
            ...owned(['dnsPolicy', 'restartPolicy', 'schedulerName', 'securityContext', 'terminationGracePeriodSeconds']),
          },
        },
      },
    },
  },
  {
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: 'apps/v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:status': owned(['availableReplicas', 'conditions', 'observedGeneration', 'readyReplicas', 'replicas', 'updatedReplicas']),
    },
    subresource: 'status',
  },
]

const specOf = (name: string) => ({
  replicas: 3,
  selector: { matchLabels: { app: name } },
  template: {
    metadata: { labels: { app: name, team: 'shop' }, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' } },
    spec: {
      containers: [container],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
    },
  },
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
})

const objectText = (index: number, version: number): string => {
  const name = `app-${index}`
  const spec = specOf(name)
  const labels = { app: name, team: 'shop' }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: `team-${index % 50}`,
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(version),
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ metadata: { name, labels }, spec }) },
      managedFields,
    },
    spec,
    status: { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 },
  })
}

const metadataText = (index: number, version: number): string => {
  const { metadata } = JSON.parse(objectText(index, version)) as { readonly metadata: unknown }
  return JSON.stringify({ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata })
}

/** A text in two halves, between which its version goes: a change costs no serializing. */
type Halves = readonly [string, string]

const halvesOf = (text: string, version: number): Halves => {
  const mark = `"resourceVersion":"`
  const at = text.indexOf(mark) + mark.length
  return [text.slice(0, at), text.slice(at + String(version).length)]
}

/** Objects in memory as the texts that go over the wire, so that serving them costs next to nothing. */
export const createScriptedObjects = (count: number, { metadataOnly = false } = {}): ScriptedObjects => {
  const textOf = metadataOnly ? metadataText : objectText
  const halves = Array.from({ length: count }, (_, index) => halvesOf(textOf(index, index + 1), index + 1))
  const versions = Array.from({ length: count }, (_, index) => index + 1)
  let version = count
  const text = (index: number): string => {
    const [head, tail] = halves[index] ?? ['', '']
    return `${head}${versions[index]}${tail}`
  }
  return {
    count,
    version: () => version,
    text,
    touch: index => {
      version += 1
      versions[index] = version
      return text(index)
    },
  }
}
