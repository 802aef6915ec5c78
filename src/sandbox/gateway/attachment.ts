import type { Gateway, HttpRoute, Listener, ParentRef } from '../objects/gateway-api.ts'
import { gatewayGroup } from '../objects/gateway-api.ts'
import { selectorMatches } from '../objects/selector.ts'
import type { Labels } from '../objects/view.ts'
import { type HostPattern, intersection } from './hostnames.ts'

/** Why a route does not get in, or that it does. */
export type Attachment =
  | { readonly accepted: true; readonly listeners: readonly string[]; readonly hostnames: readonly HostPattern[] }
  | { readonly accepted: false; readonly reason: string; readonly message: string }

export interface AttachmentWorld {
  readonly gateway: Gateway
  /** Labels of a namespace. */
  namespaceLabels(name: string): Labels
}

/** The parents of a route that mean this very Gateway. */
export const parentRefsTo = ({ metadata }: Gateway, route: HttpRoute): ParentRef[] =>
  (route.spec.parentRefs ?? []).filter(
    ({ group = gatewayGroup, kind = 'Gateway', namespace, name }) =>
      group === gatewayGroup &&
      kind === 'Gateway' &&
      name === metadata.name &&
      (namespace ?? route.metadata.namespace ?? '') === (metadata.namespace ?? ''),
  )

/** The listeners that this data plane can serve: plain HTTP. */
export const servable = ({ protocol }: Listener): boolean => protocol === 'HTTP'

const admits = ({ allowedRoutes }: Listener, route: HttpRoute, { gateway, namespaceLabels }: AttachmentWorld): boolean => {
  const { kinds, namespaces } = allowedRoutes
  if (kinds && kinds.length > 0 && !kinds.some(({ group, kind }) => group === gatewayGroup && kind === 'HTTPRoute')) return false
  const namespace = route.metadata.namespace ?? ''
  if (namespaces.from === 'All') return true
  if (namespaces.from === 'Selector') return selectorMatches(namespaces.selector ?? {}, namespaceLabels(namespace))
  return namespace === (gateway.metadata.namespace ?? '')
}

const refused = (reason: string, message: string): Attachment => ({ accepted: false, reason, message })

const sharedHosts = ({ hostname = '' }: Listener, { spec }: HttpRoute): HostPattern[] => {
  const wanted = spec.hostnames && spec.hostnames.length > 0 ? spec.hostnames : ['']
  return wanted.flatMap(one => intersection(hostname, one) ?? [])
}

/** Whether and where a route gets in through one of its parents. */
export const attach = (route: HttpRoute, { sectionName, port }: ParentRef, world: AttachmentWorld): Attachment => {
  const { listeners } = world.gateway.spec
  const named = listeners.filter(
    one => servable(one) && (sectionName === undefined || one.name === sectionName) && (port === undefined || one.port === port),
  )
  if (named.length === 0) return refused('NoMatchingParent', 'no listener of the Gateway has this name and port and speaks HTTP')
  const open = named.filter(listener => admits(listener, route, world))
  if (open.length === 0) return refused('NotAllowedByListeners', 'no listener admits routes of this kind from this namespace')
  const meeting = open
    .map(listener => ({ name: listener.name, hosts: sharedHosts(listener, route) }))
    .filter(({ hosts }) => hosts.length > 0)
  if (meeting.length === 0) return refused('NoMatchingListenerHostname', 'no host name of the route is one of a listener')
  return {
    accepted: true,
    listeners: meeting.map(({ name }) => name),
    hostnames: [...new Set(meeting.flatMap(({ hosts }) => hosts))],
  }
}
