import type { KindRef, Manifest } from '../../api/object.ts'
import { sleep } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { endpointSlices, services } from '../objects/kinds.ts'
import { serviceNameLabel } from '../objects/network.ts'
import { group, version } from './documents.ts'

const apiServices: KindRef = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  plural: 'apiservices',
  namespaced: false,
}

const namespace = 'kube-system'
const name = 'metrics-server'
const portName = 'https'
const servicePort = 443

/** The objects by which the API server finds us, each before those that refer to it. */
const objectsFor = (host: string, port: number): readonly (readonly [KindRef, Manifest])[] => [
  [
    services,
    {
      apiVersion: services.apiVersion,
      kind: services.kind,
      metadata: { namespace, name },
      spec: { ports: [{ name: portName, port: servicePort, protocol: 'TCP', targetPort: port }] },
    },
  ],
  [
    endpointSlices,
    {
      apiVersion: endpointSlices.apiVersion,
      kind: endpointSlices.kind,
      metadata: { namespace, name, labels: { [serviceNameLabel]: name } },
      addressType: 'IPv4',
      ports: [{ name: portName, port, protocol: 'TCP' }],
      endpoints: [{ addresses: [host], conditions: { ready: true } }],
    },
  ],
  [
    apiServices,
    {
      apiVersion: apiServices.apiVersion,
      kind: apiServices.kind,
      metadata: { name: `${version}.${group}` },
      // Our certificate is signed by nobody whom the API server could know.
      spec: {
        group,
        version,
        service: { namespace, name, port: servicePort },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
  ],
]

const retryMs = 1000

/** Tells the API server to hand on what it is asked about resource metrics; tries until it has been heard, or `io.signal` aborts. */
export const register = async (api: KubeApi, place: { host: string; port: number }, io: Io): Promise<void> => {
  while (!io.signal.aborted) {
    try {
      for (const [kind, manifest] of objectsFor(place.host, place.port)) await api.apply(kind, manifest, io)
      return
    } catch (error) {
      // A server that has just started may not have its own namespaces yet.
      if (!io.signal.aborted) io.log.warn({ error: messageOf(error) }, 'resource metrics could not be registered')
      await sleep(io.clock, retryMs, io.signal)
    }
  }
}

/** Takes that back: an API that is registered and does not answer holds up the deletion of every namespace. */
export const deregister = async (api: KubeApi, place: { host: string; port: number }, io: Io): Promise<void> => {
  for (const [kind, { metadata }] of objectsFor(place.host, place.port).toReversed())
    await api.delete(kind, { namespace: metadata.namespace ?? '', name: metadata.name }, {}, io)
}
