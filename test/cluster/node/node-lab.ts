import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { KindRef, KubeObject } from '../../../src/api/object.ts'
import { systemClock } from '../../../src/clock.ts'
import { type Io, silentLogger } from '../../../src/io.ts'
import { createKubeApi } from '../../../src/kube/client.ts'
import type { KubeApi } from '../../../src/kube/kube-api.ts'
import { loadKubeConfig } from '../../../src/kube/kube-config.ts'
import { createTransport } from '../../../src/kube/transport.ts'
import { deployments, namespaces, pods, services } from '../../../src/sandbox/objects/kinds.ts'
import { type Pod, readPod } from '../../../src/sandbox/objects/pod.ts'
import { readDeployment } from '../../../src/sandbox/objects/workloads.ts'
import { clusterUnderTest } from '../cluster-under-test.ts'
import { eventually as waitFor } from '../suite/waiting.ts'

type Fields = Readonly<Record<string, unknown>>

/** Whether the node of the cluster is ours. On others the demo application is no image, and pods have no addresses that we reach. */
export const hasOurNode = clusterUnderTest().provider === 'modules'

/** A namespace of one's own on the cluster under test, and hands in it. */
export interface NodeLab {
  readonly namespace: string
  create(kind: KindRef, name: string, fields: Fields): Promise<KubeObject>
  get(kind: KindRef, name: string): Promise<KubeObject | undefined>
  list(kind: KindRef, labelSelector?: string): Promise<readonly KubeObject[]>
  merge(kind: KindRef, name: string, body: Fields): Promise<KubeObject>
  remove(kind: KindRef, name: string): Promise<void>
  /** The demo application as a Deployment with a Service of its name on port 80; resolves when it is available. */
  deploy(name: string, container?: Fields, replicas?: number): Promise<void>
  /** Resolves when every pod of the Deployment is of its present template, and available. */
  rolledOut(name: string): Promise<void>
  /** A pod that runs a command once; its phase when it has ended. */
  runOnce(name: string, spec: Fields): Promise<string>
  pod(name: string): Promise<Pod | undefined>
  podsOf(app: string): Promise<readonly Pod[]>
}

const clock = systemClock()
const io: Io = { clock, log: silentLogger, signal: new AbortController().signal }
/** Below the limit of a test, so that the message says what was waited for. */
const limitMs = 100_000

/** Looks again and again until there is something to see; what cannot be looked at yet is not there yet. */
export const eventually = <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> =>
  waitFor({ what, limitMs, look: async () => (await look()) || undefined }, io)

const connect = async (): Promise<KubeApi> => {
  const { kubeconfig } = clusterUnderTest()
  const transport = createTransport({ ...(await loadKubeConfig({ kubeconfig })), clock, userAgent: 'node-lab' })
  onTestFinished(() => transport.close())
  return createKubeApi({ transport, fieldManager: 'node-lab' })
}

export const demoContainer = (fields: Fields = {}): Fields => ({
  name: 'app',
  image: 'serin-demo:v1',
  ports: [{ name: 'http', containerPort: 9898 }],
  // What it says counts at once; that it is slow to say it, as on a machine with much else to do, does not.
  readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30 },
  ...fields,
})

const hasEnded = (pod: Pod | undefined): string | undefined =>
  pod?.status.phase === 'Succeeded' || pod?.status.phase === 'Failed' ? pod.status.phase : undefined

/** Gone with the test. */
export const openLab = async (): Promise<NodeLab> => {
  const api = await connect()
  const namespace = `node-${randomUUID().slice(0, 8)}`
  await api.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, io)
  onTestFinished(() => api.delete(namespaces, { namespace: '', name: namespace }, {}, io))

  const create: NodeLab['create'] = (kind, name, fields) =>
    api.create(kind, { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, namespace }, ...fields }, io)
  const get: NodeLab['get'] = (kind, name) => api.get(kind, { namespace, name }, io)
  const list: NodeLab['list'] = async (kind, labelSelector = '') => (await api.list(kind, { namespace, labelSelector }, io)).items
  const pod: NodeLab['pod'] = async name => {
    const found = await get(pods, name)
    return found && readPod(found)
  }
  const isRolledOut = async (name: string): Promise<boolean> => {
    const found = await get(deployments, name)
    if (!found) return false
    const { metadata, spec, status } = readDeployment(found)
    const counts = [status.updatedReplicas, status.availableReplicas, status.replicas]
    return status.observedGeneration >= (metadata.generation ?? 0) && counts.every(count => count === spec.replicas)
  }
  const rolledOut: NodeLab['rolledOut'] = async name => void (await eventually(`the rollout of ${name}`, () => isRolledOut(name)))

  return {
    namespace,
    create,
    get,
    list,
    pod,
    rolledOut,
    merge: (kind, name, body) => api.patch(kind, { namespace, name }, { type: 'merge', body }, io),
    remove: (kind, name) => api.delete(kind, { namespace, name }, {}, io),
    podsOf: async app => (await list(pods, `app=${app}`)).map(readPod),
    deploy: async (name, container = {}, replicas = 2) => {
      const labels = { app: name }
      await create(services, name, { spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] } })
      const template = { metadata: { labels }, spec: { containers: [demoContainer(container)] } }
      await create(deployments, name, { spec: { replicas, selector: { matchLabels: labels }, template } })
      await rolledOut(name)
    },
    runOnce: async (name, spec) => {
      // The token controller may not have made the namespace's account yet: then the pod is refused.
      await eventually(`the pod ${name}`, () => create(pods, name, { spec: { restartPolicy: 'Never', ...spec } }))
      return eventually(`the end of ${name}`, async () => hasEnded(await pod(name)))
    },
  }
}
