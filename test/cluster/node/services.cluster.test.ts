import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../src/api/object.ts'
import { sleep, systemClock } from '../../../src/clock.ts'
import { autoscalers, deployments, endpointSlices, services } from '../../../src/sandbox/objects/kinds.ts'
import { readEndpointSlice, readService, readyHosts } from '../../../src/sandbox/objects/network.ts'
import { eventually, hasOurNode, type NodeLab, openLab } from './node-lab.ts'

const clock = systemClock()

/** Name of the pod that answers, on a connection of its own. */
const answeredBy = async (url: string): Promise<string> => {
  const answer = await fetch(url, { headers: { connection: 'close' } })
  const { pod } = (await answer.json()) as { readonly pod: string }
  return pod
}

const endpointsOf = async (lab: NodeLab, name: string): Promise<readonly string[]> =>
  readyHosts((await lab.list(endpointSlices, `kubernetes.io/service-name=${name}`)).map(readEndpointSlice))

const clusterIpOf = async (lab: NodeLab, name: string): Promise<string> => {
  const found = await lab.get(services, name)
  return (found && readService(found).spec.clusterIP) ?? ''
}

/** The name of whichever pod answers first: until then those who forward to a Service may not have heard of its endpoints. */
const firstAnswer = (url: string): Promise<string> => eventually(`an answer of ${url}`, () => answeredBy(url))

describe.runIf(hasOurNode)('a Service', () => {
  it('leads to every pod of its Deployment', async () => {
    const lab = await openLab()
    await lab.deploy('web')
    const url = `http://${await clusterIpOf(lab, 'web')}/`
    await eventually('two endpoints', async () => (await endpointsOf(lab, 'web')).length === 2)
    const seen = new Set<string>()
    await eventually('an answer of each pod', async () => seen.add(await answeredBy(url)).size === 2)
    expect([...seen].sort()).toEqual((await lab.podsOf('web')).map(({ metadata }) => metadata.name).sort())
  })

  it('is found by its names', async () => {
    const lab = await openLab()
    await lab.deploy('web', {}, 1)
    const [pod] = await lab.podsOf('web')
    const names = ['', '.svc', '.svc.cluster.local'].map(suffix => `web.${lab.namespace}${suffix}`)
    for (const name of names) expect(await firstAnswer(`http://${name}/`)).toBe(pod?.metadata.name)
  })

  it('is found by its name alone from pods of its namespace', async () => {
    const lab = await openLab()
    await lab.deploy('web', {}, 1)
    await firstAnswer(`http://web.${lab.namespace}/`)
    const script = `fetch('http://web/').then(answer => process.exit(answer.ok ? 0 : 1))`
    const phase = await lab.runOnce('caller', {
      containers: [{ name: 'caller', image: 'serin-demo', command: [process.execPath, '--eval', script] }],
    })
    expect(phase).toBe('Succeeded')
  })

  it('leaves a pod out while its readiness probe fails', async () => {
    const lab = await openLab()
    await lab.deploy('web')
    await eventually('two endpoints', async () => (await endpointsOf(lab, 'web')).length === 2)
    const [sick] = await lab.podsOf('web')
    const url = `http://${sick?.status.podIP}:9898`
    await fetch(`${url}/readyz/disable`, { method: 'POST' })
    const left = await eventually('one endpoint less', async () => {
      const hosts = await endpointsOf(lab, 'web')
      return hosts.length === 1 && hosts
    })
    expect(left).not.toContain(sick?.status.podIP)
    await fetch(`${url}/readyz/enable`, { method: 'POST' })
    await eventually('the endpoint again', async () => (await endpointsOf(lab, 'web')).length === 2)
  })

  it('loses no request while its Deployment rolls', async () => {
    const lab = await openLab()
    await lab.deploy('web', { env: [{ name: 'DRAIN_MS', value: '15000' }] })
    await firstAnswer(`http://${await clusterIpOf(lab, 'web')}/`)
    const load = startLoad(await clusterIpOf(lab, 'web'))
    await lab.merge(deployments, 'web', { spec: { template: { metadata: { annotations: { round: '2' } } } } })
    await lab.rolledOut('web')
    await eventually('the last old pod gone', async () => (await lab.podsOf('web')).length === 2)
    const { answered, failed } = await load.stop()
    expect(failed).toEqual([])
    expect(answered).toBeGreaterThan(100)
  })
})

interface Condition {
  readonly type: string
  readonly reason?: string
}

const conditionsOf = (object: KubeObject | undefined): readonly Condition[] =>
  ((object?.['status'] ?? {}) as { readonly conditions?: readonly Condition[] }).conditions ?? []

describe.runIf(hasOurNode)('an autoscaler', () => {
  it('adds pods while they have too much to do', async () => {
    const lab = await openLab()
    await lab.deploy('web', { env: [{ name: 'CPU_MS', value: '20' }], resources: { requests: { cpu: '100m' } } }, 1)
    await lab.create(autoscalers, 'web', {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
      },
    })
    const load = startLoad(await clusterIpOf(lab, 'web'), 20)
    await eventually('a second pod', async () => (await lab.podsOf('web')).length >= 2)
    const isScaling = async () => conditionsOf(await lab.get(autoscalers, 'web')).find(({ type }) => type === 'ScalingActive')
    await eventually('word of what it measured', async () => (await isScaling())?.reason === 'ValidMetricFound')
    await load.stop()
  })
})

interface Load {
  stop(): Promise<{ readonly answered: number; readonly failed: readonly string[] }>
}

/** Asks so many times a second until it is stopped, each time on a new connection: one that is kept may cross its server's good-bye. */
const startLoad = (host: string, perSecond = 100): Load => {
  const failed: string[] = []
  let answered = 0
  const ask = () =>
    new Promise<void>(resolve => {
      const asked = request({ agent: false, host, port: 80 }, answer => {
        if (answer.statusCode === 200) answered++
        else failed.push(`status ${answer.statusCode}`)
        answer.resume().once('close', resolve)
      })
      asked.once('error', error => {
        failed.push(error.message)
        resolve()
      })
      asked.end()
    })
  const stopping = new AbortController()
  const run = async () => {
    const open: Promise<void>[] = []
    while (!stopping.signal.aborted) {
      open.push(ask())
      await sleep(clock, 1000 / perSecond, stopping.signal)
    }
    await Promise.all(open)
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
      return { answered, failed }
    },
  }
}
