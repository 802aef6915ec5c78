import { systemClock } from '../../../src/clock.ts'
import { type Io, silentLogger } from '../../../src/io.ts'
import { createKubeApi } from '../../../src/kube/client.ts'
import type { KubeApi } from '../../../src/kube/kube-api.ts'
import { loadKubeConfig } from '../../../src/kube/kube-config.ts'
import { createTransport } from '../../../src/kube/transport.ts'
import { type SlackReceiver, startSlackReceiver } from '../../../src/sandbox/story/slack-receiver.ts'
import { type ClusterUnderTest, clusterUnderTest } from '../cluster-under-test.ts'
import { raiseInfrastructure } from './infrastructure.ts'
import { startScrapeDiscovery } from './scrape-discovery.ts'
import { serviceAddress } from './service-address.ts'
import { createTools, type Tools } from './tools.ts'

/** What every scenario plays on. */
export interface Stage {
  readonly cluster: ClusterUnderTest
  readonly tools: Tools
  readonly api: KubeApi
  /** Lives until the stage is struck. */
  readonly io: Io
  readonly slack: SlackReceiver
  /** Where a Prometheus asks what to scrape. */
  readonly discoveryUrl: string
  /** Where users come in. */
  readonly gatewayUrl: string
  strike(): Promise<void>
}

interface Connection {
  readonly api: KubeApi
  close(): Promise<void>
}

/** The API as somebody of this name uses it, who owns the fields that he writes. */
export const connectAs = async (
  fieldManager: string,
  { kubeconfig }: Pick<ClusterUnderTest, 'kubeconfig'>,
  io: Io,
): Promise<Connection> => {
  const transport = createTransport({ ...(await loadKubeConfig({ kubeconfig })), clock: io.clock, userAgent: fieldManager })
  return { api: createKubeApi({ transport, fieldManager }), close: () => transport.close() }
}

/** Raises everything but Serin: gateway, metric store, load tester and chat. What was started is stopped again when a part of it cannot be. */
export const raiseStage = async (cluster = clusterUnderTest()): Promise<Stage> => {
  const tools = createTools(cluster)
  const stopping = new AbortController()
  const io: Io = { clock: systemClock(), log: silentLogger, signal: stopping.signal }
  const undo: (() => Promise<unknown>)[] = []
  const strike = async (): Promise<void> => {
    stopping.abort(new Error('the stage is struck'))
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const { api, close } = await connectAs('main-job', cluster, io)
    undo.push(close)
    const discovery = await startScrapeDiscovery(api, io)
    undo.push(discovery.stop)
    const slack = await startSlackReceiver()
    undo.push(slack.stop)
    await raiseInfrastructure({ cluster, tools, discoveryUrl: discovery.url })
    const gateway = await serviceAddress(api, { namespace: 'projectcontour', name: 'envoy' }, io)
    return { cluster, tools, api, io, slack, discoveryUrl: discovery.url, gatewayUrl: `http://${gateway}`, strike }
  } catch (error) {
    await strike()
    throw error
  }
}
