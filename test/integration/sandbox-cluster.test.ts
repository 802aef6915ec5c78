import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { listenOn } from '../../src/sandbox/gateway/listening.ts'
import { inProcess } from '../../src/sandbox/node/in-process.ts'
import { conditionOf } from '../../src/sandbox/objects/conditions.ts'
import { readHttpRoute } from '../../src/sandbox/objects/gateway-api.ts'
import { deployments, endpointSlices, httpRoutes, pods, services } from '../../src/sandbox/objects/kinds.ts'
import { readEndpointSlice, readService, readyAddresses } from '../../src/sandbox/objects/network.ts'
import { readPod } from '../../src/sandbox/objects/pod.ts'
import { demoInProcess } from '../../src/sandbox/programs/demo-program.ts'
import { type EmbeddedCluster, present, startEmbeddedCluster, startLoad, until } from '../sandbox/embedded-cluster.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** Takes 30 ms for an answer. On SIGTERM it stops listening at once and finishes what it was asked: no drain period, as many programs are. */
const hasty = inProcess(async ({ podName, podIp, ports }, { stop }) => {
  const server = createServer((_, response) => void setTimeout(() => response.setHeader('x-pod', podName).end(podName), 30))
  await listenOn(server, podIp, ports[0]?.port ?? 0)
  await new Promise<void>(resolve => stop.addEventListener('abort', () => server.close(() => resolve())))
  return 0
})

const pod = (image: string, more: Readonly<Record<string, unknown>> = {}) => ({
  containers: [
    {
      name: 'app',
      image,
      ports: [{ name: 'http', containerPort: 9898 }],
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1 },
      ...more,
    },
  ],
})

const demoPod = (version: string) => pod('podinfo:1', { args: [`--version=${version}`] })

describe('the embedded cluster', () => {
  let cluster: EmbeddedCluster

  beforeAll(async () => {
    cluster = await startEmbeddedCluster({ podinfo: inProcess(demoInProcess), hasty })
    await cluster.deploy('a', demoPod('a'))
    await cluster.deploy('b', demoPod('b'))
    await cluster.route({ a: 70, b: 30 })
    await Promise.all([cluster.rolledOut('a'), cluster.rolledOut('b')])
    await until(async () => ((await fetch(cluster.gateway.url)).status === 200 ? true : undefined), 'the first answer')
  })
  afterAll(() => cluster.stop())

  it('makes a Deployment available', async () => {
    const { status } = await cluster.rolledOut('a')
    expect(conditionOf(status.conditions, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' })
    expect(conditionOf(status.conditions, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
  })

  it('splits requests by weight', async () => {
    const before = { ...cluster.gateway.served() }
    const since = () =>
      cluster.gateway
        .served()
        .map(({ requests }, index) => requests - (before[index]?.requests ?? 0))
        .toSorted((a, b) => a - b)
    const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(cluster.gateway.url)))
    await Promise.all(answers.map(answer => answer.text()))
    expect(since().slice(-2)).toEqual([30, 70])
  })

  it('takes a weight over before it says so', async () => {
    const [rule] = readHttpRoute(present(await cluster.get(httpRoutes, 'route'))).spec.rules ?? []
    const backendRefs = (rule?.backendRefs ?? []).map(ref => ({ ...ref, weight: ref.name === 'b' ? 100 : 0 }))
    const { metadata } = await cluster.merge(httpRoutes, 'route', { spec: { rules: [{ backendRefs }] } })
    await until(async () => {
      const { status } = readHttpRoute(present(await cluster.get(httpRoutes, 'route')))
      return conditionOf(status.parents[0]?.conditions, 'Accepted')?.observedGeneration === metadata.generation ? true : undefined
    }, 'the route to be accepted')
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(cluster.gateway.url)))
    expect(new Set(answers.map(answer => answer.headers.get('x-version')))).toEqual(new Set(['b']))
    await cluster.merge(httpRoutes, 'route', { spec: { rules: [{ backendRefs: rule?.backendRefs }] } })
  })

  it('loses no request while pods roll', async () => {
    const load = startLoad(cluster.gateway.port, 200)
    await cluster.merge(deployments, 'a', { spec: { template: { spec: demoPod('a2') } } })
    await until(async () => {
      const { status, spec } = await cluster.rolledOut('a')
      return status.updatedReplicas === spec.replicas ? true : undefined
    }, 'the rollout')
    const [first] = await cluster.list(pods, 'app=b')
    await cluster.remove(pods, first?.metadata.name ?? '')
    await until(async () => ((await cluster.get(pods, first?.metadata.name ?? '')) ? undefined : true), 'the pod to leave')
    await load.stop()
    expect(Object.keys(load.seen)).toEqual(['200'])
  })

  it('sends nothing to a pod that is leaving, and lets it finish', async () => {
    await cluster.deploy('c', pod('hasty:1'), 1)
    await cluster.rolledOut('c')
    const address = async () => {
      const slices = await cluster.list(endpointSlices, 'kubernetes.io/service-name=c')
      return readyAddresses(slices.map(readEndpointSlice), 'http')[0]
    }
    const place = await until(address, 'an endpoint')
    const answer = fetch(`http://${place.host}:${place.port}/`)
    await cluster.remove(pods, place.pod)
    expect(await (await answer).text()).toBe(place.pod)
    const next = await until(async () => {
      const now = await address()
      return now && now.pod !== place.pod ? now : undefined
    }, 'a pod in its place')
    expect(next.host).not.toBe(place.host)
  })

  it('reaches a Service by its name and its address', async () => {
    const place = await until(async () => cluster.node.resolveService('a.test', 80), 'the address of a Service')
    const { spec } = readService(present(await cluster.get(services, 'a')))
    expect(cluster.node.resolveService(spec.clusterIP ?? '', 80)).toEqual(place)
    expect((await fetch(`http://${place.host}:${place.port}/`)).headers.get('x-version')).toMatch(/^a/)
  })

  it('takes the pods of a Deployment that is scaled to nothing, and brings them back', async () => {
    await cluster.merge(deployments, 'b', { spec: { replicas: 0 } })
    await until(async () => ((await cluster.list(pods, 'app=b')).length === 0 ? true : undefined), 'the pods to leave')
    await cluster.merge(deployments, 'b', { spec: { replicas: 1 } })
    expect((await cluster.rolledOut('b')).status.availableReplicas).toBe(1)
  })

  it('says why a pod of an unknown image does not run', async () => {
    await cluster.deploy('d', pod('nobody:1'), 1)
    const reason = await until(async () => {
      const [object] = await cluster.list(pods, 'app=d')
      const waits = object && readPod(object).status.containerStatuses?.[0]?.state?.waiting?.reason
      return waits === 'ContainerCreating' ? undefined : waits
    }, 'a reason')
    expect(['ErrImagePull', 'ImagePullBackOff']).toContain(reason)
  })
})

it('loses no idempotent request while pods without any drain period roll', async () => {
  const cluster = await startEmbeddedCluster({ hasty })
  try {
    await cluster.deploy('a', pod('hasty:1'))
    await cluster.route({ a: 1 })
    await cluster.rolledOut('a')
    await until(async () => ((await fetch(cluster.gateway.url)).status === 200 ? true : undefined), 'the first answer')
    const load = startLoad(cluster.gateway.port, 100, ['GET'])
    await cluster.merge(deployments, 'a', { spec: { template: { spec: pod('hasty:2') } } })
    await cluster.rolledOut('a')
    await load.stop()
    expect(Object.keys(load.seen)).toEqual(['200'])
  } finally {
    await cluster.stop()
  }
})

it('leaves no server, socket or timer behind', async () => {
  const inUse = () => process.getActiveResourcesInfo().filter(kind => /TCP|Timeout/.test(kind)).length
  const before = inUse()
  const cluster = await startEmbeddedCluster({ hasty })
  await cluster.deploy('a', pod('hasty:1'))
  await cluster.rolledOut('a')
  await cluster.stop()
  await expect.poll(inUse).toBeLessThanOrEqual(before)
})
