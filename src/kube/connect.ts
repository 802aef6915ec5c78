import type { Clock } from '../clock.ts'
import { createKubeApi } from './client.ts'
import type { TlsOptions } from './connector.ts'
import type { Fence } from './fence.ts'
import type { KubeApi } from './kube-api.ts'
import { createTransport, type TransportObserver } from './transport.ts'

export interface ConnectOptions {
  readonly server: string
  readonly clock: Clock
  /** Bearer token. */
  readonly token?: string
  readonly tls?: TlsOptions
  readonly userAgent?: string
  readonly fieldManager?: string
  readonly fence?: Fence
  readonly observer?: TransportObserver
}

export interface Connection {
  readonly api: KubeApi
  /** Ends everything in flight; afterwards no socket or timer is left. */
  close(): Promise<void>
}

/** Straight to a server whose address and token are known: no kubeconfig, and none of the memory that reading one costs. */
export const connect = ({ token, fence, fieldManager, ...options }: ConnectOptions): Connection => {
  const authenticate = async () => (token === undefined ? {} : { authorization: `Bearer ${token}` })
  const transport = createTransport({ ...options, authenticate })
  return {
    api: createKubeApi({ transport, ...(fence && { fence }), ...(fieldManager && { fieldManager }) }),
    close: () => transport.close(),
  }
}
