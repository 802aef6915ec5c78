import { type ServiceSpec, targetPortOf } from '../api/service.ts'
import type { Container, ContainerPort, PodTemplate } from './pod-template.ts'
import type { DiscoveredPort } from './workload.ts'

/** Side-cars of meshes, whose ports are not the workload's. */
const proxies: ReadonlySet<string> = new Set(['istio-proxy', 'envoy'])

/** So that a made-up name stays below the 63 characters of a Service port. */
const containerPart = 48

const protocolOf = ({ protocol = 'TCP' }: ContainerPort): 'TCP' | 'UDP' | 'SCTP' => protocol

const isMain = (service: ServiceSpec, port: ContainerPort): boolean => {
  const main = targetPortOf(service)
  return typeof main === 'number' ? port.containerPort === main : port.name === main
}

/** Position in the list of the container, so that the field's names come out. */
const madeUpName = ({ name }: Container, port: ContainerPort, index: number): string =>
  `${protocolOf(port).toLowerCase()}-${name.slice(0, containerPart)}-${index}`

const portsOf = (container: Container, service: ServiceSpec): readonly DiscoveredPort[] =>
  (container.ports ?? []).flatMap((port, index) => {
    if (isMain(service, port)) return []
    const name = port.name && port.name !== service.portName ? port.name : madeUpName(container, port, index)
    return [{ name, port: port.containerPort, targetPort: port.containerPort, protocol: protocolOf(port) }]
  })

/** One port per number and protocol is all that a Service takes; the main port comes first. */
const withoutClashes = (ports: readonly DiscoveredPort[], service: ServiceSpec): readonly DiscoveredPort[] => {
  const taken = new Set([`${service.port}/TCP`])
  return ports.filter(({ port, protocol }) => {
    const key = `${port}/${protocol}`
    return !taken.has(key) && taken.add(key)
  })
}

/** Ports of the target's containers beside the main one, as a generated Service lists them. Of two with one name the later stays. */
export const discoveredPorts = (service: ServiceSpec, { spec }: PodTemplate): readonly DiscoveredPort[] => {
  const found = spec.containers.filter(({ name }) => !proxies.has(name)).flatMap(container => portsOf(container, service))
  const byName = new Map(found.map(port => [port.name, port]))
  return withoutClashes([...byName.values()], service)
}
