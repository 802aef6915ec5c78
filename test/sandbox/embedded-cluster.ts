import { Agent, request } from 'node:http'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { sleep, systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/io.ts'
import { connect } from '../../src/kube/connect.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { startApiServer } from '../../src/sandbox/apiserver/server.ts'
import { startControllers } from '../../src/sandbox/controllers/start.ts'
import { defaultControllerName, type RunningGateway, startGateway } from '../../src/sandbox/gateway/start.ts'
import { type Addresses, addressRange } from '../../src/sandbox/node/addresses.ts'
import { imageCatalogue, type Program } from '../../src/sandbox/node/program.ts'
import { type RunningNode, startNode } from '../../src/sandbox/node/start.ts'
import { deployments, gatewayClasses, gateways, httpRoutes, namespaces, services } from '../../src/sandbox/objects/kinds.ts'
import { type Deployment, readDeployment } from '../../src/sandbox/objects/workloads.ts'

const clock = systemClock()
const signal = new AbortController().signal
const log = silentLogger
const io = { signal, clock, log }

export interface EmbeddedCluster {
  readonly api: KubeApi
  readonly node: RunningNode
  readonly gateway: RunningGateway
  create(kind: KindRef, name: string, fields: Readonly<Record<string, unknown>>): Promise<KubeObject>
  merge(kind: KindRef, name: string, body: Readonly<Record<string, unknown>>): Promise<KubeObject>
  get(kind: KindRef, name: string): Promise<KubeObject | undefined>
  list(kind: KindRef, labelSelector?: string): Promise<readonly KubeObject[]>
  remove(kind: KindRef, name: string): Promise<void>
  /** An application with a Service of its name, reached on port 80. */
  deploy(name: string, pod: Readonly<Record<string, unknown>>, replicas?: number): Promise<void>
  /** A route of the Gateway to Services by weight. */
  route(weights: Readonly<Record<string, number>>): Promise<void>
  /** Resolves when the Deployment has nothing but available pods of its present template. */
  rolledOut(name: string): Promise<Deployment>
  stop(): Promise<void>
}

const namespace = 'test'

/** An object that must be there. */
export const present = (object: KubeObject | undefined): KubeObject => {
  if (!object) throw new Error('expected an object, found none')
  return object
}

/** So long even a machine that has much else to do takes for none of it. */
const limitMs = 50_000

/** Waits until `look` answers with something. */
export const until = async <T>(look: () => Promise<T | undefined>, what: string): Promise<T> => {
  const untilMs = clock.monotonicMs() + limitMs
  while (clock.monotonicMs() < untilMs) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(clock, 15)
  }
  throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`)
}

const isRolledOut = ({ metadata, spec, status }: Deployment): boolean =>
  status.observedGeneration >= (metadata.generation ?? 0) &&
  [status.updatedReplicas, status.availableReplicas, status.replicas].every(count => count === spec.replicas)

/** API server, controllers, node and gateway together, over HTTP, with one empty namespace and one Gateway. */
export const startEmbeddedCluster = async (
  programs: Readonly<Record<string, Program>>,
  addresses: Addresses = addressRange('127.20.0.0/16'),
): Promise<EmbeddedCluster> => {
  const server = await startApiServer({ clock })
  const { api, close } = connect({ server: server.url, token: server.adminToken, clock, fieldManager: 'sandbox' })
  const controllers = startControllers({ api, clock, log })
  const node = startNode({ api, clock, log, images: imageCatalogue(programs), addresses, nodeName: 'sandbox' })
  const gateway = await startGateway({ api, clock, log, gateway: { namespace, name: 'gateway' } })

  const create: EmbeddedCluster['create'] = ({ apiVersion, kind, ...ref }, name, fields) =>
    api.create(
      { apiVersion, kind, ...ref },
      { apiVersion, kind, metadata: { name, ...(ref.namespaced ? { namespace } : {}) }, ...fields },
      io,
    )
  const get: EmbeddedCluster['get'] = (kind, name) => api.get(kind, { namespace, name }, io)

  await create(namespaces, namespace, {})
  await create(gatewayClasses, 'sandbox', { spec: { controllerName: defaultControllerName } })
  await create(gateways, 'gateway', { spec: { gatewayClassName: 'sandbox', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] } })

  return {
    api,
    node,
    gateway,
    create,
    get,
    merge: (kind, name, body) => api.patch(kind, { namespace, name }, { type: 'merge', body }, io),
    list: async (kind, labelSelector = '') => (await api.list(kind, { namespace, labelSelector }, io)).items,
    remove: (kind, name) => api.delete(kind, { namespace, name }, {}, io),
    deploy: async (name, pod, replicas = 2) => {
      const labels = { app: name }
      await create(services, name, { spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] } })
      const template = { metadata: { labels }, spec: pod }
      await create(deployments, name, { spec: { replicas, selector: { matchLabels: labels }, template } })
    },
    route: async weights => {
      const backendRefs = Object.entries(weights).map(([name, weight]) => ({ name, port: 80, weight }))
      await create(httpRoutes, 'route', { spec: { parentRefs: [{ name: 'gateway' }], rules: [{ backendRefs }] } })
    },
    rolledOut: name =>
      until(async () => {
        const object = await get(deployments, name)
        const deployment = object && readDeployment(object)
        return deployment && isRolledOut(deployment) ? deployment : undefined
      }, `the rollout of ${name}`),
    stop: async () => {
      await gateway.stop()
      await controllers.stop()
      await node.stop()
      await close()
      await server.stop()
    },
  }
}

export interface Load {
  /** What the client saw so far: answers by status code, and errors by message. */
  readonly seen: Readonly<Record<string, number>>
  /** Ends the load and waits for the last answers. */
  stop(): Promise<void>
}

/** Asks again and again, so many times a second, over connections that are kept, by the methods in turn; a POST has a body. */
export const startLoad = (port: number, perSecond: number, methods: readonly string[] = ['GET', 'POST']): Load => {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const seen: Record<string, number> = {}
  const count = (what: string) => {
    seen[what] = (seen[what] ?? 0) + 1
  }
  const ask = (method: string) =>
    new Promise<void>(resolve => {
      const asked = request({ agent, host: '127.0.0.1', port, method, path: '/' }, answer => {
        answer.resume()
        answer.once('error', error => count(error.message))
        answer.once('end', () => count(String(answer.statusCode)))
        answer.once('close', () => resolve())
      })
      asked.once('error', error => {
        count(error.message)
        resolve()
      })
      asked.end(method === 'POST' ? 'payload' : undefined)
    })
  const open = new Set<Promise<void>>()
  const stopping = new AbortController()
  const run = async () => {
    const startMs = clock.monotonicMs()
    for (let sent = 0; !stopping.signal.aborted; ) {
      const due = ((clock.monotonicMs() - startMs) / 1000) * perSecond
      for (; sent < due; sent++) {
        const one = ask(methods[sent % methods.length] ?? 'GET')
        open.add(one)
        void one.then(() => open.delete(one))
      }
      await sleep(clock, 5, stopping.signal)
    }
  }
  const running = run()
  return {
    seen,
    stop: async () => {
      stopping.abort()
      await running
      await Promise.all(open)
      agent.destroy()
    },
  }
}
