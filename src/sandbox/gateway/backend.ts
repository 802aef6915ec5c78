import type { ObjectKey } from '../../api/object.ts'
import type { BackendRef } from '../objects/gateway-api.ts'
import type { Service } from '../objects/network.ts'

/** A Service port that requests are sent to. */
export interface Cluster {
  readonly service: ObjectKey
  readonly port: number
  /** How the Service's slices call the port. */
  readonly portName: string
  /** `NAMESPACE_SERVICE_PORT`, as the field's Envoy metrics name it. */
  readonly name: string
}

/** What a backend reference leads to. */
export type Resolution =
  | { readonly resolved: true; readonly cluster: Cluster }
  | { readonly resolved: false; readonly reason: string; readonly message: string }

export type ServiceLookup = (key: ObjectKey) => Service | undefined

const unresolved = (reason: string, message: string): Resolution => ({ resolved: false, reason, message })

/** Looks a backend up. Only Services of the route's own namespace: grants between namespaces are not read here. */
export const resolveBackend = (ref: BackendRef, routeNamespace: string, serviceOf: ServiceLookup): Resolution => {
  const { group, kind, name, port } = ref
  const namespace = ref.namespace ?? routeNamespace
  if ((group !== '' && group !== 'core') || kind !== 'Service')
    return unresolved('InvalidKind', `backends of kind ${group}/${kind} are not supported`)
  if (namespace !== routeNamespace)
    return unresolved('RefNotPermitted', `a backend in another namespace (${namespace}/${name}) is not permitted`)
  const service = serviceOf({ namespace, name })
  if (!service) return unresolved('BackendNotFound', `service "${name}" not found`)
  const found = service.spec.ports.find(one => one.port === port)
  if (!found) return unresolved('BackendNotFound', `service "${name}" has no port ${port ?? '(none given)'}`)
  const cluster = { service: { namespace, name }, port: found.port, portName: found.name ?? '', name: `${namespace}_${name}_${found.port}` }
  return { resolved: true, cluster }
}
