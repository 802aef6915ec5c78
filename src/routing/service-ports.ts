import type { KubeObject } from '../api/object.ts'
import { type ServiceSpec, targetPortOf } from '../api/service.ts'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from './reading.ts'

/** A further port of the containers, as port discovery found it. */
export interface ExtraPort {
  readonly name: string
  readonly port: number
  readonly targetPort: number | string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
}

/** One port as a Service spec writes it. */
export interface ServicePort extends ExtraPort {
  readonly appProtocol?: string
  readonly nodePort?: number
}

const maxNameLength = 63

/**
 * The main port and what was discovered, as a list the API server accepts. The main port comes first and wins. A number that is taken under
 * the same protocol is left out, since one Service cannot serve it twice; a name that is taken gets its number appended.
 */
export const mergePorts = (service: ServiceSpec, discovered: readonly ExtraPort[]): readonly ServicePort[] => {
  const merged = [mainPort(service)]
  for (const extra of discovered) {
    if (merged.some(port => keyOfPort(port) === keyOfPort(extra))) continue
    const { port, targetPort, protocol } = extra
    merged.push({ name: freeName(extra, merged), port, targetPort, protocol })
  }
  return merged
}

const mainPort = (service: ServiceSpec): ServicePort => ({
  name: service.portName || 'http',
  port: service.port,
  targetPort: targetPortOf(service),
  protocol: 'TCP',
  ...(service.appProtocol ? { appProtocol: service.appProtocol } : {}),
})

const freeName = ({ name, port, protocol }: ExtraPort, taken: readonly ServicePort[]): string => {
  const unique = `${protocol.toLowerCase()}-${port}`
  const names = [name, `${name}-${port}`, unique].filter(candidate => candidate !== '' && candidate.length <= maxNameLength)
  return names.find(candidate => taken.every(other => other.name !== candidate)) ?? `${unique}-discovered`
}

/** What tells ports apart: for server-side apply, and for the network. */
export const keyOfPort = ({ port, protocol }: Pick<ServicePort, 'port' | 'protocol'>): string => `${protocol}/${port}`

/** What was read last from each list of ports: nobody changes one in place, and every pass asks for those of each Service several times. */
const readings = new WeakMap<readonly unknown[], readonly ServicePort[]>()

/** The ports of a live Service; the fields we know, as far as they can be read. */
export const livePorts = (live: KubeObject | undefined): readonly ServicePort[] => {
  const written = listOf(fieldsOf(live?.['spec'])['ports'])
  const known = readings.get(written)
  if (known) return known
  const ports = written.flatMap(readPort)
  readings.set(written, ports)
  return ports
}

const readPort = (written: unknown): readonly ServicePort[] => {
  const { name, port, targetPort, protocol, appProtocol, nodePort } = fieldsOf(written) as Fields & {
    readonly [K in keyof ServicePort]?: unknown
  }
  const number = numberOf(port)
  if (number === undefined) return []
  const node = numberOf(nodePort)
  return [
    {
      name: textOf(name) ?? '',
      port: number,
      targetPort: textOf(targetPort) ?? numberOf(targetPort) ?? number,
      protocol: protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP',
      ...(textOf(appProtocol) === undefined ? {} : { appProtocol: textOf(appProtocol) ?? '' }),
      ...(node === undefined || node === 0 ? {} : { nodePort: node }),
    },
  ]
}

/** Ours, each with the node port that the live port of its name has. */
export const withNodePorts = (ports: readonly ServicePort[], live: readonly ServicePort[]): readonly ServicePort[] =>
  ports.map(port => {
    const nodePort = live.find(({ name }) => name === port.name)?.nodePort
    return nodePort === undefined ? port : { ...port, nodePort }
  })

/** Live ports that can stay beside ours: neither their number nor their name is taken. */
export const portsBeside = (ports: readonly ServicePort[], live: readonly ServicePort[]): readonly ServicePort[] =>
  live.filter(other => ports.every(port => keyOfPort(port) !== keyOfPort(other) && port.name !== other.name))
