import type { ObjectMeta } from '../../../src/api/object.ts'
import { readGateway, readHttpRoute } from '../../../src/sandbox/objects/gateway-api.ts'
import { readService } from '../../../src/sandbox/objects/network.ts'
import { timestamp } from '../../../src/sandbox/objects/view.ts'
import { startMs } from '../builders.ts'

const apiVersion = 'gateway.networking.k8s.io/v1'
type Fields = Readonly<Record<string, unknown>>

const meta = (name: string, more: Partial<ObjectMeta> = {}): ObjectMeta => ({
  name,
  namespace: 'test',
  uid: `uid-${name}`,
  generation: 1,
  creationTimestamp: timestamp(startMs),
  ...more,
})

export const aGateway = (spec: Fields = {}, status: Fields = {}) =>
  readGateway({
    apiVersion,
    kind: 'Gateway',
    metadata: meta('gateway'),
    spec: { gatewayClassName: 'sandbox', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }], ...spec },
    status,
  })

export const aRoute = (
  name: string,
  spec: Fields = {},
  { metadata = {}, status = {} }: { metadata?: Partial<ObjectMeta>; status?: Fields } = {},
) =>
  readHttpRoute({
    apiVersion,
    kind: 'HTTPRoute',
    metadata: meta(name, metadata),
    spec: { parentRefs: [{ name: 'gateway' }], rules: [{ backendRefs: [{ name: 'a', port: 80 }] }], ...spec },
    status,
  })

export const aService = (name: string) =>
  readService({ apiVersion: 'v1', kind: 'Service', metadata: meta(name), spec: { ports: [{ name: 'http', port: 80 }] } })
