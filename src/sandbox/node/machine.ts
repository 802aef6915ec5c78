import type { KubeApi } from '../../kube/kube-api.ts'
import { clusterIpOf, type ServiceBook } from '../objects/service-book.ts'
import type { Addresses } from './addresses.ts'
import type { Images } from './program.ts'

/** What all pods of a node share. */
export interface Machine {
  readonly api: KubeApi
  readonly images: Images
  readonly addresses: Addresses
  /** The node's own address. */
  readonly hostIp: string
  /** Whether programs get views of the file system with mounts at their own paths; else they share the machine's. */
  readonly ownRoots: boolean
  /** Who answers for names, in views of their own; absent: whoever does for the machine. */
  readonly dnsIp?: string | undefined
  /** Variables that every container gets. */
  clusterEnv(): Readonly<Record<string, string>>
}

/** How programs find the API server from inside: nothing where it has no Service. */
export const clusterEnvOf = (book: Pick<ServiceBook, 'service'>): Readonly<Record<string, string>> => {
  const service = book.service({ namespace: 'default', name: 'kubernetes' })
  const [port] = service?.spec.ports ?? []
  if (!service || !port) return {}
  const portText = String(port.port)
  return {
    KUBERNETES_SERVICE_HOST: clusterIpOf(service),
    KUBERNETES_SERVICE_PORT: portText,
    KUBERNETES_SERVICE_PORT_HTTPS: portText,
  }
}
