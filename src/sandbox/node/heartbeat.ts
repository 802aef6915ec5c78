import type { KubeObject } from '../../api/object.ts'
import { sleep } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import { isKubeError } from '../../kube/errors.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { leases, namespaces, nodes } from '../objects/kinds.ts'
import { readNode } from '../objects/node.ts'
import { withStatus } from '../objects/view.ts'
import { leaseManifest, leaseNamespace, leaseSpec, nodeManifest, nodeStatus, withoutNotReadyTaint } from './node-object.ts'

export interface HeartbeatOptions {
  readonly api: KubeApi
  readonly nodeName: string
  readonly hostIp: string
}

const renewMs = 10_000
const retryMs = 1000
const statusMs = 300_000

/** Creates what does not exist yet; that it exists is as good. */
const ensure = async (create: Promise<KubeObject>): Promise<void> => {
  try {
    await create
  } catch (error) {
    if (!isKubeError(error, 'Conflict')) throw error
  }
}

const currentNode = async ({ api, nodeName }: HeartbeatOptions, io: Io) => {
  const found = await api.get(nodes, { namespace: '', name: nodeName }, io)
  return readNode(found ?? (await api.create(nodes, nodeManifest(nodeName), io)))
}

/** Makes the Node exist and say that it is ready. */
const registerNode = async (options: HeartbeatOptions, io: Io): Promise<void> => {
  const { api, hostIp } = options
  const node = await currentNode(options, io)
  const { name } = node.metadata
  await api.updateStatus(nodes, withStatus(node, nodeStatus(node, hostIp, io.clock.nowMs())), io)
  const taints = withoutNotReadyTaint(node)
  if (taints) await api.patch(nodes, { namespace: '', name }, { type: 'merge', body: { spec: { taints } } }, io)
}

/** Says that the node is alive, in the way that costs the server least. */
const renewLease = async (options: HeartbeatOptions, io: Io): Promise<void> => {
  const { api, nodeName } = options
  const body = { spec: leaseSpec(nodeName, io.clock.nowMs()) }
  try {
    await api.patch(leases, { namespace: leaseNamespace, name: nodeName }, { type: 'merge', body }, io)
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error
    await ensure(api.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: leaseNamespace } }, io))
    await ensure(api.create(leases, leaseManifest(await currentNode(options, io), io.clock.nowMs()), io))
  }
}

/** Keeps the Node ready and its Lease fresh until `io.signal` aborts. Never rejects: an API server that is away is asked again. */
export const keepAlive = async (options: HeartbeatOptions, io: Io): Promise<void> => {
  let reportedMs = Number.NEGATIVE_INFINITY
  while (!io.signal.aborted) {
    let waitMs = renewMs
    try {
      if (io.clock.monotonicMs() - reportedMs >= statusMs) {
        await registerNode(options, io)
        reportedMs = io.clock.monotonicMs()
      }
      await renewLease(options, io)
    } catch (error) {
      waitMs = retryMs
      if (!io.signal.aborted) io.log.warn({ node: options.nodeName, error: messageOf(error) }, 'node could not report')
    }
    await sleep(io.clock, waitMs, io.signal)
  }
}
